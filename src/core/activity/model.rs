//! Activity in words.

use serde_json::Value;

use super::sql::Row;
use crate::platform::audit::{self, ActorKind, Details, Phrase, Shown, Thing, Whereabouts, told};
use crate::platform::clock::{Days, Timestamp};
use crate::platform::ids::PictureId;
use crate::platform::tenant::Organization;

/// An event in the activity.
#[derive(Debug)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// The day, in words, if the event is the first of its day in the list.
    pub day: Option<String>,
    /// The actor's name at that time.
    pub actor: String,
    /// The actor's picture, unless the actor was erased from the log.
    pub actor_picture: Option<PictureId>,
    /// The recorded action.
    pub action: String,
    /// What the actor did, in words that follow the name.
    pub phrase: Phrase,
    /// The object's name at that time.
    pub object: String,
    /// The object's path, if it still exists.
    pub link: Option<String>,
    /// The name and path of the project, unless that is the object itself.
    pub project: Option<(String, String)>,
    /// The new assignee's name.
    pub assignee: Option<String>,
    /// The changes: `Status: To do → Done`.
    pub changes: Vec<String>,
}

impl Event {
    /// Builds the event from an entry. Only names and a few fields of the details are used.
    pub(super) fn new(row: Row, organization: &Organization) -> Self {
        let details: Details = row
            .content
            .as_deref()
            .and_then(|content| serde_json::from_str(content).ok())
            .unwrap_or_default();
        let is_own = row.object_kind == "project";
        let project = row.project_name.clone().zip(row.project_id).filter(|_| !is_own);
        Self {
            at: row.at,
            day: None,
            actor: actor(row.actor_kind, &details),
            actor_picture: row.actor_picture.clone().filter(|_| !details.actor_name.is_empty()),
            phrase: Phrase::of(&row.action),
            object: object(&row, &details),
            action: row.action.clone(),
            link: link(&row).map(|rest| organization.path(&rest)),
            project: project
                .map(|(name, id)| (name, organization.path(&format!("/projects/{id}")))),
            assignee: assignee(&row, &details),
            changes: changes(&row.object_kind, &details),
        }
    }
}

impl Event {
    /// The event without the name of its object.
    pub(super) fn unnamed(self) -> Self {
        Self { object: String::new(), link: None, ..self }
    }
}

/// The events of a list, the first of each day with its day.
pub(super) fn by_day(events: impl Iterator<Item = Event>, now: Timestamp) -> Vec<Event> {
    let mut days = Days::seen_from(now);
    events.map(|event| Event { day: days.heading(event.at), ..event }).collect()
}

/// The events for a page of the project, which they need not name again.
pub(super) fn in_project(rows: Vec<Row>, organization: &Organization) -> Vec<Event> {
    let events = rows.into_iter().map(|row| Event::new(row, organization));
    events.map(|event| Event { project: None, ..event }).collect()
}

fn actor(kind: ActorKind, details: &Details) -> String {
    match (kind, details.actor_name.as_str()) {
        (ActorKind::System, _) => "Tenantry".to_owned(),
        (_, "") => "Someone".to_owned(),
        (ActorKind::Operator, name) => format!("{name} (operator)"),
        (_, name) => name.to_owned(),
    }
}

/// The object's name at that time, or its current name if the former was erased.
fn object(row: &Row, details: &Details) -> String {
    match (details.object_name.as_str(), row.object_kind.as_str()) {
        ("", "member" | "project_member") => "somebody".to_owned(),
        ("", _) => row.object_name.clone().unwrap_or_else(|| "something".to_owned()),
        (name, _) => name.to_owned(),
    }
}

/// The object's path, below the organization's.
fn link(row: &Row) -> Option<String> {
    let thing = Thing::of(&row.object_kind)?;
    let id = row.object_id.filter(|_| row.object_name.is_some())?;
    Some((thing.path)(&Whereabouts { id, project: row.project_id, parent: row.parent_id }))
}

/// The current name of the new assignee.
fn assignee(row: &Row, details: &Details) -> Option<String> {
    let was_given = details.after.as_ref().is_some_and(|after| after["assignee_id"].is_string());
    row.person_name.clone().filter(|_| was_given)
}

fn changes(kind: &str, details: &Details) -> Vec<String> {
    let (Some(before), Some(after)) = (&details.before, &details.after) else {
        return Vec::new();
    };
    let changed = told(kind).into_iter().filter_map(|field| {
        let (before, after) = (before.get(field.name)?, after.get(field.name)?);
        let label = audit::label(field.name);
        let text = |value: &Value| field.shown.text(field.name, value, &|_| None);
        Some(match (field.shown, text(before), text(after)) {
            // The new one is named beside it.
            (Shown::Reference, _, Some(_)) => return None,
            (Shown::Reference, _, None) => format!("{label} removed"),
            (_, before, after) => {
                let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
                match is_long(&before) || is_long(&after) {
                    true => format!("{label} edited"),
                    false => format!("{label}: {} → {}", or_none(before), or_none(after)),
                }
            }
        })
    });
    changed.collect()
}

/// Whether a text is too long for a line in a list of events.
fn is_long(text: &str) -> bool {
    text.contains('\n') || text.chars().count() > 80
}

fn or_none(text: String) -> String {
    if text.is_empty() { "—".to_owned() } else { text }
}
