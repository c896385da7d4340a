//! Finds the objects of entries, for pages that show what happened.

use uuid::Uuid;

use super::ObjectKind;
use crate::platform::db::row::FromRow;
use crate::platform::ids::ProjectId;

/// How pages find objects of one kind. A feature submits it to `inventory`; for rows of an
/// organization, [`record!`](crate::platform::noun::record::record) does so.
pub struct Thing {
    /// The kind of object.
    pub kind: ObjectKind,
    /// SQL for the name of the object of the entry `l`, as long as it can be opened.
    pub name: &'static str,
    /// SQL for the ids and names of all of them, if every member may see them.
    pub names: Option<&'static str>,
    /// SQL for the id of the object's parent, unless the project is its only parent.
    pub parent: Option<&'static str>,
    /// Whether every member may read what happens to it, and not only those who can see its
    /// project.
    pub is_everybodys: bool,
    /// Its path, below the organization's.
    pub path: fn(&Whereabouts) -> String,
}

/// What the path of an object is built from.
pub struct Whereabouts {
    /// The object's id.
    pub id: Uuid,
    /// The id of its project.
    pub project: Option<ProjectId>,
    /// The id of its other parent, if it has one.
    pub parent: Option<Uuid>,
}

/// What a row is about, as statements about things select it.
#[derive(Clone, Debug, FromRow)]
pub struct About {
    /// The word for its kind.
    pub object_kind: String,
    /// Its id.
    pub object_id: Uuid,
    /// The id of its project.
    pub project_id: Option<ProjectId>,
    /// The id of its other parent, if it has one.
    pub parent_id: Option<Uuid>,
}

impl About {
    /// The thing that it is; `None` for what has no page.
    pub fn thing(&self) -> Option<&'static Thing> {
        Thing::of(&self.object_kind)
    }

    /// The path of its page, below the organization's; `None` if it has none.
    pub fn path(&self) -> Option<String> {
        let (id, project, parent) = (self.object_id, self.project_id, self.parent_id);
        self.thing().map(|thing| (thing.path)(&Whereabouts { id, project, parent }))
    }
}

impl Whereabouts {
    /// The path of the project, followed by `rest`.
    pub fn in_project(&self, rest: &str) -> String {
        let project = self.project.map(|id| id.to_string()).unwrap_or_default();
        format!("/projects/{project}{rest}")
    }
}

inventory::collect!(Thing);

impl Thing {
    /// All of them, ordered by kind.
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>.into_iter().collect();
        all.sort_by_key(|thing| thing.kind);
        all
    }

    /// A `case` over the kinds of things that have an SQL text, for the entry `l`, or any row with its
    /// columns `object_kind` and `object_id`.
    pub fn by_kind(text: fn(&Self) -> Option<&'static str>) -> String {
        let texts = Self::all().into_iter().filter_map(|thing| Some((thing.kind, text(thing)?)));
        case_by_kind(texts)
    }

    /// The one for the kind with this word.
    pub fn of(word: &str) -> Option<&'static Self> {
        inventory::iter::<Self>.into_iter().find(|thing| thing.kind.word() == word)
    }
}

/// The SQL expressions `texts`, each for the rows `l` whose `object_kind` is this kind.
pub fn case_by_kind(texts: impl Iterator<Item = (ObjectKind, &'static str)>) -> String {
    let cases: Vec<_> = texts.map(|(kind, text)| format!(" when '{kind}' then ({text})")).collect();
    format!("case l.object_kind{} end", cases.concat())
}
