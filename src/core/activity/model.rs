//! What happened, in words.

use serde_json::Value;

use super::sql::Row;
use crate::platform::audit::{ActorKind, Details, Phrase, Thing, ToldField, Whereabouts, told};
use crate::platform::clock::Timestamp;
use crate::platform::ids::PictureId;
use crate::platform::tenant::Organization;

/// Something that happened.
#[derive(Debug)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Who did it, by the name they had.
    pub actor: String,
    /// Their picture, unless the log was made to forget who it was.
    pub actor_picture: Option<PictureId>,
    /// What they did, as it follows their name.
    pub phrase: Phrase,
    /// To what, by the name it had.
    pub object: String,
    /// Where it is, if it still is.
    pub link: Option<String>,
    /// In which project, where that is not the object itself, and where that is.
    pub project: Option<(String, String)>,
    /// To whom something was given.
    pub assignee: Option<String>,
    /// What was changed: `Status: To do → Done`.
    pub changes: Vec<String>,
}

impl Event {
    /// What an entry tells. Of the details only names and a few fields are looked at.
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
            actor: actor(row.actor_kind, &details),
            actor_picture: row.actor_picture.clone().filter(|_| !details.actor_name.is_empty()),
            phrase: Phrase::of(&row.action),
            object: object(&row, &details),
            link: link(&row).map(|rest| organization.path(&rest)),
            project: project
                .map(|(name, id)| (name, organization.path(&format!("/projects/{id}")))),
            assignee: assignee(&row, &details),
            changes: changes(&row.object_kind, &details),
        }
    }
}

/// What the entries tell on a page of the project, which need not be named again.
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

/// The name that the thing had; when that was erased, the one it has.
fn object(row: &Row, details: &Details) -> String {
    match (details.object_name.as_str(), row.object_kind.as_str()) {
        ("", "member" | "project_member") => "somebody".to_owned(),
        ("", _) => row.object_name.clone().unwrap_or_else(|| "something".to_owned()),
        (name, _) => name.to_owned(),
    }
}

/// Where the thing is, behind the organization's path.
fn link(row: &Row) -> Option<String> {
    let thing = Thing::of(&row.object_kind)?;
    let id = row.object_id.filter(|_| row.object_name.is_some())?;
    Some((thing.path)(&Whereabouts { id, project: row.project_id, parent: row.parent_id }))
}

/// To whom something was given, by the name they have.
fn assignee(row: &Row, details: &Details) -> Option<String> {
    let was_given = details.after.as_ref().is_some_and(|after| after["assignee_id"].is_string());
    row.person_name.clone().filter(|_| was_given)
}

fn changes(kind: &str, details: &Details) -> Vec<String> {
    let (Some(before), Some(after)) = (&details.before, &details.after) else {
        return Vec::new();
    };
    let changed = told(kind).filter_map(|field| {
        let (before, after) = (before.get(field.field)?, after.get(field.field)?);
        Some(format!("{}: {} → {}", field.name, label(field, before), label(field, after)))
    });
    changed.collect()
}

fn label(field: &ToldField, value: &Value) -> String {
    match value.as_str() {
        None => "none".to_owned(),
        Some(text) => (field.label)(text).unwrap_or_else(|| text.to_owned()),
    }
}
