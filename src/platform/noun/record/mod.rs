//! Rows whose columns are declared once.

pub(crate) mod declare;
pub(crate) mod parts;
mod selectable;
pub(crate) mod statements;

pub(crate) use declare::record;
pub use selectable::Selectable;

use serde::Serialize;

use super::life::Living;
use crate::platform::audit::{Action, Entry, ObjectKind};
use crate::platform::clock::Timestamp;
use crate::platform::db::Row;
use crate::platform::tenant::permission::Proof;
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::web::Section;

/// A row that people create and change as a whole, declared with [`record!`].
pub trait Record: Living + Row + Clone + Sync {
    /// The details that people enter.
    type Details: Serialize + Clone + PartialEq + Send + Sync;
    /// What it belongs to inside its organization: `()`, or the id of its project.
    type Parent: Copy + Send + Sync;
    /// Its kind in the audit log.
    const KIND: ObjectKind;

    /// The details that people have entered.
    fn details(&self) -> &Self::Details;

    /// What it belongs to.
    fn parent(&self) -> Self::Parent;

    /// The number of its changes.
    fn version(&self) -> i64;

    /// Whether it was archived.
    fn is_archived(&self) -> bool;

    /// The audit log's entry that `action` was done to the row `id`, which has these details.
    fn entry_of(
        action: Action,
        parent: Self::Parent,
        id: Self::Id,
        details: &Self::Details,
    ) -> Entry;

    /// Reads the row again, deleted or not.
    fn read_again(
        &self,
        tx: &mut OrgTx,
    ) -> impl Future<Output = Result<Option<Self>, sqlx::Error>> + Send;

    /// Inserts a row, and returns its id.
    fn insert(
        tx: &mut OrgTx,
        parent: Self::Parent,
        details: &Self::Details,
        now: Timestamp,
    ) -> impl Future<Output = Result<Self::Id, sqlx::Error>> + Send;

    /// Saves new details of this row. Returns false, without saving, if the row was changed or
    /// deleted since it was read.
    fn update(
        &self,
        tx: &mut OrgTx,
        details: &Self::Details,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, sqlx::Error>> + Send;
}

/// A [`Record`] that belongs to an organization and to nothing else inside it.
pub trait InOrganization: Record<Parent = ()> {
    /// The permission to create and change it.
    type Edit: Proof;
    /// The section of the navigation that lists it; its pages are below the section's path.
    const SECTION: Section;
    /// Its table and its alias, for a statement: `labels b`.
    const FROM: &'static str;
    /// The alias.
    const ALIAS: &'static str;
    /// The column that sorts rows by name.
    const KEY: &'static str;

    /// The row `id`, deleted or not.
    fn find(
        tx: &mut OrgTx,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self>, sqlx::Error>> + Send;

    /// The row `id`, deleted or not, which nobody can change before the transaction ends.
    fn hold(
        tx: &mut OrgTx,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self>, sqlx::Error>> + Send;

    /// The rows to choose from, ordered by name: those that are neither archived nor deleted, and
    /// `chosen`; a thousand at most.
    fn choices(
        tx: &mut OrgTx,
        chosen: Option<Self::Id>,
    ) -> impl Future<Output = Result<Vec<Selectable<Self::Id>>, sqlx::Error>> + Send;

    /// The path of the page of `id`.
    fn path<P: Proof>(org: &CurrentOrg<P>, id: Self::Id) -> String {
        org.organization.path(&format!("{}/{id}", Self::SECTION.path))
    }
}

/// A [`Record`] that belongs to something inside its organization, such as a project.
pub trait Inside: Record {
    /// What proves that somebody may create and change it, beside what it belongs to.
    type Edit;
    /// Where its pages are, below those of what it belongs to: `/tasks`.
    const PART: &'static str;
    /// Where the page with its list is, below those of what it belongs to.
    const LIST: &'static str;

    /// The row `id` of this parent, deleted or not.
    fn find(
        tx: &mut OrgTx,
        parent: Self::Parent,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self>, sqlx::Error>> + Send;
}
