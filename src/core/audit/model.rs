//! The log's filters, and its entries in words.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::macros::format_description;
use time::{Date, Duration};
use uuid::Uuid;

use super::sql::Row;
use crate::platform::audit::{Action, ActorKind, Details, ObjectKind, Phrase};
use crate::platform::clock::Timestamp;
use crate::platform::list::query_string;
use crate::platform::tenant::Organization;
use crate::platform::web::FieldErrors;

/// The kinds of things that an organization's log can be about: their words and their labels.
pub(super) fn kinds() -> Vec<(&'static str, &'static str)> {
    let named = |kind: &ObjectKind| Some((kind.word(), kind.label()?));
    ObjectKind::all().iter().filter_map(named).collect()
}

/// The actions that an organization's log can contain, by the kind of thing they concern. Actions
/// on accounts belong to no organization.
pub(super) fn actions() -> Vec<(String, &'static [Action])> {
    let group = |action: &Action| action.word().split('.').next().unwrap_or_default();
    Action::all()
        .chunk_by(|one, next| group(one) == group(next))
        .map(|actions| (group(&actions[0]), actions))
        .filter(|(group, _)| !matches!(*group, "account" | "sign_in"))
        .map(|(group, actions)| (words(group), actions))
        .collect()
}

/// Longer values are cut in the list, but not in the export. In characters.
const SHOWN: usize = 160;

/// The filters in the URL and in the export's form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Part of the name or address of the actor or of the person concerned.
    pub who: String,
    /// The word of an action.
    pub action: String,
    /// A kind of thing.
    pub kind: String,
    /// The id of a thing.
    pub object: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
}

/// The filters, parsed for the statement.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub who: String,
    pub action: String,
    pub kind: String,
    pub object: Option<Uuid>,
    pub from: Timestamp,
    /// The end of the time range, exclusive.
    pub before: Timestamp,
}

impl Filters {
    /// The filters that are set, with their names.
    pub fn set(&self) -> impl Iterator<Item = (&str, &str)> {
        [
            ("who", self.who.as_str()),
            ("action", &self.action),
            ("kind", &self.kind),
            ("object", &self.object),
            ("from", &self.from),
            ("to", &self.to),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
    }

    /// The path of the log with these filters, at a position.
    pub fn path(&self, organization: &Organization, cursor: Option<(&str, &str)>) -> String {
        organization.path(&format!("/audit{}", query_string(self.set().chain(cursor))))
    }

    /// Parses the filters; adds what is wrong with them to `errors`.
    pub(super) fn read(&self, errors: &mut FieldErrors) -> Option<Filter> {
        let from = errors.take("from", day(&self.from));
        let to = errors.take("to", day(&self.to));
        let object = errors.take("object", object(&self.object));
        let (from, to) = (from?, to?);
        if to.is_some() && to < from {
            errors.add("to", "The last day is before the first.");
            return None;
        }
        Some(Filter {
            who: self.who.clone(),
            action: self.action.clone(),
            kind: self.kind.clone(),
            object: object?,
            from: from.unwrap_or(Timestamp::from_micros(0)),
            // The last day is included. Without one: the year 9999.
            before: to.map_or(Timestamp::from_micros(253_370_764_800_000_000), |day| {
                day.plus(Duration::DAY)
            }),
        })
    }
}

/// The beginning of a day in UTC, parsed as `<input type="date">` sends it.
fn day(text: &str) -> Result<Option<Timestamp>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = Date::parse(text, format_description!("[year]-[month]-[day]")).ok();
    match day.filter(|day| (1970..=9000).contains(&day.year())) {
        Some(day) => Ok(Some(day.midnight().assume_utc().into())),
        None => Err("Write the day as 2026-03-31.".to_owned()),
    }
}

fn object(text: &str) -> Result<Option<Uuid>, String> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| "There is no such item.".to_owned()),
    }
}

/// An entry, as the list shows it.
#[derive(Debug)]
pub(super) struct EntryView {
    pub sequence: i64,
    pub at: Timestamp,
    pub kind: ActorKind,
    pub action: Phrase,
    /// The kind by which filters find it.
    pub object_kind: String,
    pub object_id: Option<Uuid>,
    pub request: String,
    /// The details; `None` if they were erased.
    pub details: Option<Details>,
    pub changes: Vec<Change>,
}

/// A field, with its old and new values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl From<Row> for EntryView {
    fn from(row: Row) -> Self {
        let details = row.details();
        let changes = details.as_ref().map(changes).unwrap_or_default();
        Self {
            sequence: row.sequence,
            at: row.at,
            kind: row.actor_kind,
            action: Phrase::of(&row.action),
            object_kind: row.kind,
            object_id: row.object_id,
            request: row.request_id.map(|id| id.to_string()).unwrap_or_default(),
            details,
            changes,
        }
    }
}

impl EntryView {
    /// The actor's name, unless it was erased.
    pub fn who(&self) -> &str {
        match (self.kind, &self.details) {
            (ActorKind::System, _) => "Tenantry",
            (_, Some(details)) if !details.actor_name.is_empty() => &details.actor_name,
            _ => "Someone",
        }
    }

    /// The object's name.
    pub fn object(&self) -> &str {
        self.details.as_ref().map(|details| details.object_name.as_str()).unwrap_or_default()
    }

    /// The path of the log filtered by the same object.
    pub fn history(&self, organization: &Organization) -> Option<String> {
        let object = self.object_id?.to_string();
        let filters = Filters { kind: self.object_kind.clone(), object, ..Filters::default() };
        Some(filters.path(organization, None))
    }
}

fn changes(details: &Details) -> Vec<Change> {
    let before = details.before.as_ref().and_then(Value::as_object);
    let after = details.after.as_ref().and_then(Value::as_object);
    let in_both = |field: &str| before.is_some_and(|before| before.contains_key(field));
    let old = before.into_iter().flatten().map(|(field, value)| Change {
        field: words(field),
        before: Some(shown(value)),
        after: after.and_then(|after| after.get(field)).map(shown),
    });
    let new = after.into_iter().flatten().filter(|(field, _)| !in_both(field));
    let new = new.map(|(field, value)| Change {
        field: words(field),
        before: None,
        after: Some(shown(value)),
    });
    old.chain(new).collect()
}

fn words(field: &str) -> String {
    field.replace('_', " ")
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_taken_as_the_browser_sends_them_and_the_last_one_counts() {
        let read = |from: &str, to: &str| {
            let mut errors = FieldErrors::default();
            let filters =
                Filters { from: from.to_owned(), to: to.to_owned(), ..Filters::default() };
            (filters.read(&mut errors), errors)
        };
        let (filter, _) = read("2026-03-01", "2026-03-01");
        let filter = filter.unwrap();
        assert_eq!(filter.before.since(filter.from), Duration::DAY);
        assert!(read("2026-02-30", "").1.on("from").is_some());
        assert!(read("", "yesterday").1.on("to").is_some());
        assert!(read("0001-01-01", "").1.on("from").is_some());
        assert!(read("2026-03-02", "2026-03-01").1.on("to").is_some());
        assert!(read("", "").0.is_some());
    }

    #[test]
    fn changes_name_each_field_once() {
        let details = Details {
            before: Some(serde_json::json!({ "role": "viewer", "due_on": "x" })),
            after: Some(serde_json::json!({ "role": "admin", "times": 3 })),
            ..Details::default()
        };
        let told: Vec<_> = changes(&details)
            .into_iter()
            .map(|change| (change.field, change.before, change.after))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("due on".to_owned(), text("x"), None),
                ("role".to_owned(), text("viewer"), text("admin")),
                ("times".to_owned(), None, text("3")),
            ]
        );
    }
}
