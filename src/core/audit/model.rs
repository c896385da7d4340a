//! The log's filters, and its entries in words.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use time::macros::format_description;
use time::{Date, Duration};
use uuid::Uuid;

use super::changes::{Change, changes, references};
use super::refused;
use super::sql::Row;
use crate::platform::audit::action::ACCESS_REFUSED;
use crate::platform::audit::{self, Action, ActorKind, Details, ObjectKind, Phrase};
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
        .map(|(group, actions)| (heading(group), actions))
        .collect()
}

/// The heading of the actions whose words begin with `group`.
fn heading(group: &str) -> String {
    let kind = ObjectKind::all().iter().find(|kind| kind.word() == group);
    match kind.and_then(|kind| kind.label()) {
        Some(label) => label.to_owned(),
        None => audit::label(group),
    }
}

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
    is_refusal: bool,
    /// The kind by which filters find it.
    pub object_kind: String,
    pub object_id: Option<Uuid>,
    pub request: String,
    /// The details; `None` if they were erased.
    pub details: Option<Details>,
    pub changes: Vec<Change>,
}

impl From<Row> for EntryView {
    fn from(row: Row) -> Self {
        let details = row.details();
        Self {
            sequence: row.sequence,
            at: row.at,
            kind: row.actor_kind,
            action: Phrase::of(&row.action),
            is_refusal: row.action == ACCESS_REFUSED.word(),
            object_kind: row.kind,
            object_id: row.object_id,
            request: row.request_id.map(|id| id.to_string()).unwrap_or_default(),
            details,
            changes: Vec::new(),
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

    /// The ids in its details that stand for something with a name.
    pub fn references(&self) -> Vec<Uuid> {
        let details = self.details.as_ref();
        details.map(|details| references(&self.object_kind, details)).unwrap_or_default()
    }

    /// Puts its changes into words, with the names of what they refer to.
    pub fn read_changes(&mut self, names: &HashMap<Uuid, String>) {
        let details = self.details.as_ref();
        self.changes =
            details.map(|details| changes(&self.object_kind, details, names)).unwrap_or_default();
    }

    /// The object's name.
    pub fn object(&self) -> String {
        let name = self.details.as_ref().map(|details| details.object_name.as_str());
        match name.unwrap_or_default() {
            "" if self.is_refusal => "do this".to_owned(),
            request if self.is_refusal => refused::words(request),
            "" => self.nameless(),
            name => name.to_owned(),
        }
    }

    /// The words for an object whose name was erased.
    fn nameless(&self) -> String {
        let kind = ObjectKind::all().iter().find(|kind| kind.word() == self.object_kind);
        let one = kind.map_or("item", |kind| kind.one());
        let article = if one.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {one}")
    }

    /// The capacity of an actor who is neither an ordinary member nor the program itself.
    pub fn capacity(&self) -> Option<&'static str> {
        match self.kind {
            ActorKind::Operator => Some("Operator"),
            ActorKind::Anonymous => Some("Not signed in"),
            ActorKind::Member | ActorKind::Person | ActorKind::System => None,
        }
    }

    /// The path of the log filtered by the same object.
    pub fn history(&self, organization: &Organization) -> Option<String> {
        let object = self.object_id?.to_string();
        let filters = Filters { kind: self.object_kind.clone(), object, ..Filters::default() };
        Some(filters.path(organization, None))
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
}
