//! Where things are that entries are about, for pages that tell what happened.

use uuid::Uuid;

use super::ObjectKind;
use crate::platform::ids::ProjectId;

/// How pages find things of one kind. A feature submits it to `inventory`; for rows of an organization
/// [`record!`](crate::platform::noun::record::record) does.
pub struct Thing {
    /// The kind.
    pub kind: ObjectKind,
    /// SQL for the name of the thing that the entry `l` is about, as long as it can be opened.
    pub name: &'static str,
    /// SQL for the id of what that thing belongs to, where it is not the project alone.
    pub parent: Option<&'static str>,
    /// Whether every member may read what happens to it, and not those alone who see its project.
    pub is_everybodys: bool,
    /// Its path behind the organization's.
    pub path: fn(&Whereabouts) -> String,
}

/// What the path of a thing is made of.
pub struct Whereabouts {
    /// The thing.
    pub id: Uuid,
    /// Its project.
    pub project: Option<ProjectId>,
    /// What it belongs to beside that.
    pub parent: Option<Uuid>,
}

impl Whereabouts {
    /// The path of the project, and what stands behind it.
    pub fn in_project(&self, rest: &str) -> String {
        let project = self.project.map(|id| id.to_string()).unwrap_or_default();
        format!("/projects/{project}{rest}")
    }
}

inventory::collect!(Thing);

impl Thing {
    /// All of them, by their kinds.
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>.into_iter().collect();
        all.sort_by_key(|thing| thing.kind);
        all
    }

    /// The one of the kind with this word.
    pub fn of(word: &str) -> Option<&'static Self> {
        inventory::iter::<Self>.into_iter().find(|thing| thing.kind.word() == word)
    }
}
