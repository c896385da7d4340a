//! What people hold of the projects that they see, a task that is theirs, and must give back when
//! they can no longer see them.

use crate::platform::db::statement::TenantSql;
use crate::platform::db::{Param, locks};
use crate::platform::ids::{MembershipId, ProjectId};
use crate::platform::tenant::OrgTx;

/// Something that members hold. A feature submits one to `inventory`; anyone who ends a membership,
/// changes a role or closes a project has it taken back.
pub struct Holding {
    /// The table whose rows it changes, which says when its turn is.
    pub table: &'static str,
    /// Takes all of it from the membership `$2`, which is about to end.
    pub taken_on_leaving: TenantSql,
    /// Takes from the membership `$2` what it can no longer see.
    pub taken_when_unseen: TenantSql,
    /// Takes what is in the project `$2` from everyone who can no longer see it.
    pub taken_on_closing: TenantSql,
}

inventory::collect!(Holding);

/// Takes everything from a member whose membership is about to end.
pub(crate) async fn release(tx: &mut OrgTx, member: MembershipId) -> Result<(), sqlx::Error> {
    take(tx, |holding| holding.taken_on_leaving, member).await
}

/// Takes from a member, whose role was changed, what they can no longer see.
pub(crate) async fn release_unseen(
    tx: &mut OrgTx,
    member: MembershipId,
) -> Result<(), sqlx::Error> {
    take(tx, |holding| holding.taken_when_unseen, member).await
}

/// Takes what is in a project from people who can no longer see it.
pub(crate) async fn release_others(tx: &mut OrgTx, project: ProjectId) -> Result<(), sqlx::Error> {
    take(tx, |holding| holding.taken_on_closing, project).await
}

async fn take(
    tx: &mut OrgTx,
    statement: fn(&Holding) -> TenantSql,
    about: impl for<'q> Param<'q> + Copy,
) -> Result<(), sqlx::Error> {
    // In the order in which transactions lock tables.
    let mut holdings: Vec<_> = inventory::iter::<Holding>.into_iter().collect();
    holdings.sort_by_key(|holding| locks::order().iter().position(|one| *one == holding.table));
    for holding in holdings {
        tx.query(statement(holding)).bind(about).execute().await?;
    }
    Ok(())
}
