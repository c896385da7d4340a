//! What an entry says about the fields of its object, in words.

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use crate::platform::audit::{self, Details, Shown};

/// Longer values are cut in the list, but not in the export. In characters.
const LONGEST: usize = 160;

/// A field, with its old and new values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The ids in the details of an object of `kind` that stand for something with a name.
pub(super) fn references(kind: &str, details: &Details) -> Vec<Uuid> {
    let values = [&details.before, &details.after].into_iter().flatten();
    let fields = values.filter_map(Value::as_object).flatten();
    let ids = fields.filter_map(|(field, value)| match audit::shown(kind, field) {
        Shown::Reference => value.as_str()?.parse().ok(),
        _ => None,
    });
    ids.collect()
}

/// The fields of an object of `kind`, those first that had a value before. `names` says what ids
/// stand for.
pub(super) fn changes(kind: &str, details: &Details, names: &HashMap<Uuid, String>) -> Vec<Change> {
    let before = details.before.as_ref().and_then(Value::as_object);
    let after = details.after.as_ref().and_then(Value::as_object);
    let name_of = |id: &str| names.get(&id.parse().ok()?).cloned();
    let text = |field: &str, value: &Value| {
        audit::shown(kind, field).text(field, value, &name_of).map(shortened)
    };
    let in_both = |field: &str| before.is_some_and(|before| before.contains_key(field));
    let old = before.into_iter().flatten().map(|(field, value)| Change {
        field: audit::label(field),
        before: text(field, value),
        after: after.and_then(|after| after.get(field)).and_then(|value| text(field, value)),
    });
    let new = after.into_iter().flatten().filter(|(field, _)| !in_both(field));
    let new = new.map(|(field, value)| Change {
        field: audit::label(field),
        before: None,
        after: text(field, value),
    });
    // What was empty and stays so says nothing.
    old.chain(new).filter(|change| change.before.is_some() || change.after.is_some()).collect()
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_name_each_field_once() {
        let details = Details {
            before: Some(serde_json::json!({ "role": "viewer", "reason": "x", "notes": "" })),
            after: Some(serde_json::json!({ "role": "admin", "times": 3, "notes": null })),
            ..Details::default()
        };
        let told: Vec<_> = changes("member", &details, &HashMap::new())
            .into_iter()
            .map(|change| (change.field, change.before, change.after))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("Reason".to_owned(), text("x"), None),
                ("Role".to_owned(), text("Viewer"), text("Admin")),
                ("Times".to_owned(), None, text("3")),
            ]
        );
    }
}
