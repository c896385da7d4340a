//! What members hold in projects, such as tasks assigned to them, and lose when they can no longer
//! see the project.

use crate::platform::db::statement::TenantSql;
use crate::platform::db::{Param, locks};
use crate::platform::ids::{MembershipId, ProjectId};
use crate::platform::tenant::OrgTx;

/// Something that members hold. A feature submits one to `inventory`; it is revoked when a
/// membership ends, a role changes or a project is closed to others.
pub struct Holding {
    /// The table whose rows it changes, which determines its place in the locking order.
    pub table: &'static str,
    /// Revokes everything from the membership `$2`, which is about to end.
    pub taken_on_leaving: TenantSql,
    /// Revokes from the membership `$2` what it can no longer see.
    pub taken_when_unseen: TenantSql,
    /// Revokes everything in the project `$2` from members who can no longer see it.
    pub taken_on_closing: TenantSql,
}

inventory::collect!(Holding);

/// Revokes everything from a member whose membership is about to end.
pub(crate) async fn release(tx: &mut OrgTx, member: MembershipId) -> Result<(), sqlx::Error> {
    take(tx, |holding| holding.taken_on_leaving, member).await
}

/// Revokes from a member, whose role was changed, what they can no longer see.
pub(crate) async fn release_unseen(
    tx: &mut OrgTx,
    member: MembershipId,
) -> Result<(), sqlx::Error> {
    take(tx, |holding| holding.taken_when_unseen, member).await
}

/// Removes what members hold in a project if they can no longer see it.
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
