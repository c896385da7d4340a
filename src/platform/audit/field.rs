//! Recorded fields in words: their names and their values, as people read them.

use serde_json::Value;

use crate::platform::clock::Day;
use crate::platform::money;
use crate::platform::text::capitalized;

/// How the values of a recorded field are shown.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// As it is.
    Plain,
    /// An amount of money, if the field's name ends with `_cents`; otherwise a number.
    Number,
    /// A calendar day.
    Day,
    /// Yes or no.
    YesNo,
    /// One of the words of an enum, by its label; `None` for unknown words.
    Word(fn(&str) -> Option<String>),
    /// The id of a row or of a membership, by its name.
    Reference,
    /// Not at all: it says nothing to people.
    Never,
}

/// A type whose values are recorded.
pub trait Recorded {
    /// How they are shown.
    const SHOWN: Shown;
}

impl Recorded for String {
    const SHOWN: Shown = Shown::Plain;
}

impl Recorded for i64 {
    const SHOWN: Shown = Shown::Number;
}

impl Recorded for bool {
    const SHOWN: Shown = Shown::YesNo;
}

impl Recorded for Day {
    const SHOWN: Shown = Shown::Day;
}

impl<T: Recorded> Recorded for Option<T> {
    const SHOWN: Shown = T::SHOWN;
}

/// A recorded field. [`record!`](crate::platform::noun::record::record) submits those of a row; a
/// feature submits others with [`fields!`] if their values are not shown as they are.
#[derive(Debug)]
pub struct Field {
    /// The word of the kind of object: `task`; empty for all kinds.
    pub kind: &'static str,
    /// Its name in the entry's details: `due_on`.
    pub name: &'static str,
    /// How its values are shown.
    pub shown: Shown,
    /// Whether everybody who sees the object may read its changes in the activity.
    pub is_told: bool,
}

inventory::collect!(Field);

/// Declares how recorded fields of any kind of object are shown: `"times": Shown::Number;`.
macro_rules! fields {
    ($($name:literal: $shown:expr;)+) => {
        $(inventory::submit!($crate::platform::audit::Field {
            kind: "",
            name: $name,
            shown: $shown,
            is_told: false,
        });)+
    };
}
pub(crate) use fields;

/// How the field with this name of an object of `kind` is shown; as it is, if nothing is declared.
pub fn shown(kind: &str, name: &str) -> Shown {
    let named = || inventory::iter::<Field>.into_iter().filter(|field| field.name == name);
    let own = named().find(|field| field.kind == kind);
    own.or_else(|| named().find(|field| field.kind.is_empty())).map_or(Shown::Plain, |f| f.shown)
}

/// The fields of `kind` whose changes are told in the activity, by name.
pub fn told(kind: &str) -> Vec<&'static Field> {
    let all = inventory::iter::<Field>.into_iter();
    let mut told: Vec<_> = all.filter(|field| field.is_told && field.kind == kind).collect();
    told.sort_by_key(|field| field.name);
    told
}

/// What people call the field with this name: `due_on` is `Due`, `budget_cents` is `Budget`.
pub fn label(name: &str) -> String {
    let name = name.strip_prefix("is_").unwrap_or(name);
    let endings = ["_id", "_on", "_at", "_cents"];
    let short = endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    let words = short.replace('_', " ");
    capitalized(&words)
}

impl Shown {
    /// A value for people; `None` if there is nothing to show. `name_of` finds what an id stands
    /// for.
    pub fn text(
        self,
        field: &str,
        value: &Value,
        name_of: &dyn Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let plain = match value {
            Value::Null | Value::Array(_) => return None,
            Value::Object(fields) => {
                let named = |(name, value): (&String, &Value)| {
                    let text = Self::Plain.text(name, value, name_of)?;
                    Some(format!("{} {text}", label(name)))
                };
                fields.iter().filter_map(named).collect::<Vec<_>>().join(", ")
            }
            Value::Bool(true) => "Yes".to_owned(),
            Value::Bool(false) => "No".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
        };
        let text = match (self, value) {
            (Self::Never, _) => return None,
            (Self::Number, Value::Number(number)) if field.ends_with("_cents") => {
                number.as_i64().map(money::shown)
            }
            (Self::Day, _) => plain.parse::<Day>().ok().map(|day| day.words()),
            (Self::Word(label), _) => label(&plain),
            (Self::Reference, _) => Some(name_of(&plain).unwrap_or_else(|| "—".to_owned())),
            _ => None,
        };
        Some(text.unwrap_or(plain)).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_label_is_what_people_call_the_field() {
        for (name, expected) in [
            ("due_on", "Due"),
            ("client_id", "Client"),
            ("budget_cents", "Budget"),
            ("is_restricted", "Restricted"),
            ("requires_factor", "Requires factor"),
        ] {
            assert_eq!(label(name), expected);
        }
    }

    #[test]
    fn values_are_shown_as_people_write_them_and_nothing_is_left_out() {
        let text = |shown: Shown, name: &str, value| shown.text(name, &value, &|_| None);
        assert_eq!(
            text(Shown::Number, "budget_cents", json!(1_250_000)).unwrap(),
            "12\u{202F}500.00"
        );
        assert_eq!(text(Shown::Number, "times", json!(3)).unwrap(), "3");
        assert_eq!(text(Shown::Day, "due_on", json!("2026-03-03")).unwrap(), "3 Mar 2026");
        assert_eq!(text(Shown::YesNo, "is_restricted", json!(true)).unwrap(), "Yes");
        assert_eq!(text(Shown::Plain, "notes", json!("")), None);
        assert_eq!(text(Shown::Plain, "notes", json!(null)), None);
        let filters = json!({ "who": "olga", "from": "", "action": "member.left" });
        assert_eq!(text(Shown::Plain, "filters", filters).unwrap(), "Action member.left, Who olga");
        assert_eq!(text(Shown::Never, "visit", json!("an id")), None);
    }
}
