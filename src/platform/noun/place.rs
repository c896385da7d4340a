//! Where rows are: the extractors that prove that the caller may look at them, change them, or
//! create them.

use std::ops::Deref;

use super::life::Living;
use super::record::{InOrganization, Record};
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::{AnyMember, Proof};
use crate::platform::tenant::{Actor, CurrentOrg, OrgTx};

/// The extractor that proves that the caller may change rows `N`.
pub trait Place<N: Living>: Deref<Target = Context> + Sync {
    /// The row, deleted or not.
    fn find(&self, tx: &mut OrgTx, id: N::Id) -> impl Future<Output = Result<Option<N>>> + Send;

    /// Begins a transaction that changes the row, and reads it, deleted or not.
    fn hold(&self, id: N::Id) -> impl Future<Output = Result<(OrgTx, Actor, N)>> + Send;

    /// The path of the row: its page, and the prefix of the paths of its steps.
    fn path(&self, id: N::Id) -> String;

    /// The page that shows the row.
    fn page(&self, row: &N) -> String {
        self.path(row.id())
    }

    /// The page that lists it, which is shown after the row is archived or deleted.
    fn list(&self, row: &N) -> String;
}

/// The extractor that proves that the caller may create rows `N`.
pub trait Home<N: Record>: Deref<Target = Context> + Sync {
    /// What a new row belongs to.
    fn parent(&self) -> N::Parent;

    /// The path that creates a row, and the prefix of the paths of rows.
    fn rows(&self) -> String;

    /// Begins a transaction that adds a row.
    fn begin(&self) -> impl Future<Output = Result<OrgTx>> + Send;
}

/// The extractor that proves that the caller may look at rows `N`.
pub trait Viewpoint<N: Record>: Deref<Target = Context> + Sync {
    /// The row, deleted or not.
    fn find(&self, tx: &mut OrgTx, id: N::Id) -> impl Future<Output = Result<Option<N>>> + Send;

    /// The path of the list of rows.
    fn rows(&self) -> String;

    /// Whether the caller may also create and change rows.
    fn can_edit(&self) -> bool;

    /// The page of what the rows belong to, unless that is the organization.
    fn above(&self) -> Option<Above>;
}

/// The page of what the rows of a list belong to, for the way back.
#[derive(Clone, Debug)]
pub struct Above {
    /// Its path.
    pub path: String,
    /// The name of what it shows.
    pub name: String,
}

impl<N: InOrganization> Place<N> for CurrentOrg<N::Edit> {
    async fn find(&self, tx: &mut OrgTx, id: N::Id) -> Result<Option<N>> {
        Ok(N::find(tx, id).await?)
    }

    async fn hold(&self, id: N::Id) -> Result<(OrgTx, Actor, N)> {
        let (mut tx, actor) = self.write().await?;
        let row = N::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
        Ok((tx, actor, row))
    }

    fn path(&self, id: N::Id) -> String {
        N::path(self, id)
    }

    fn list(&self, _: &N) -> String {
        self.organization.path(N::SECTION.path)
    }
}

impl<N: InOrganization> Home<N> for CurrentOrg<N::Edit> {
    fn parent(&self) {}

    fn rows(&self) -> String {
        self.organization.path(N::SECTION.path)
    }

    async fn begin(&self) -> Result<OrgTx> {
        let (tx, _) = self.write().await?;
        Ok(tx)
    }
}

impl<N: InOrganization> Viewpoint<N> for CurrentOrg<AnyMember> {
    async fn find(&self, tx: &mut OrgTx, id: N::Id) -> Result<Option<N>> {
        Ok(N::find(tx, id).await?)
    }

    fn rows(&self) -> String {
        self.organization.path(N::SECTION.path)
    }

    fn can_edit(&self) -> bool {
        N::Edit::NEEDS.is_none_or(|needed| self.membership.role.can(needed))
    }

    fn above(&self) -> Option<Above> {
        None
    }
}
