//! Deleted rows are kept for thirty days, in which members can restore what is inside their
//! organization; then they are removed for good.

use time::Duration;

use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::locks;
use crate::platform::db::statement::{TenantSql, sql};
use crate::platform::error::Result;
use crate::platform::ids::OrganizationId;
use crate::platform::search;
use crate::platform::tenant::{self, OrgTx};

/// How long deleted rows are kept.
pub const RETENTION: Duration = Duration::days(30);

/// Removes what was deleted longer ago than [`RETENTION`], in every organization.
pub async fn purge(app: &App) -> Result<()> {
    let before = app.clock.now().plus(-RETENTION);
    for organization in tenant::organizations(app).await? {
        let mut tx = tenant::look_into(app, organization).await?;
        let is_over = was_deleted(&mut tx, before).await?;
        let holds_some = !is_over && has_deleted(&mut tx, before).await?;
        drop(tx);
        if is_over {
            let mut tx = tenant::work_in(app, organization).await?;
            remove(&mut tx, before).await?;
            // The organization's log records the deletion already. The log stays until the operator
            // has it purged.
            tx.commit_unrecorded().await?;
        } else if holds_some {
            purge_organization(app, organization, before).await?;
        }
    }
    Ok(())
}

/// Whether the organization itself was deleted before `before`.
async fn was_deleted(tx: &mut OrgTx, before: Timestamp) -> Result<bool, sqlx::Error> {
    let found: Option<(OrganizationId,)> = tx
        .query(sql!(
            // The organization's own row: its id is the `organization_id` of all others.
            "select id as organization_id from organizations where id = $1 and deleted_at < $2"
        ))
        .bind(before)
        .optional()
        .await?;
    Ok(found.is_some())
}

/// Removes the organization and everything in it.
async fn remove(tx: &mut OrgTx, before: Timestamp) -> Result<(), sqlx::Error> {
    tx.lock_organization().await?;
    for statement in [
        sql!("delete from jobs where organization_id = $1"),
        sql!("delete from outbox where organization_id = $1"),
    ] {
        tx.query(statement).execute().await?;
    }
    tx.query(sql!(
        "delete from organizations where id = $1 and deleted_at < $2
         returning id as organization_id"
    ))
    .bind(before)
    .optional::<(OrganizationId,)>()
    .await?;
    Ok(())
}

/// A table whose deleted rows are removed for good. A feature declares it with [`purged!`].
pub struct Purged {
    /// The table's name.
    pub table: &'static str,
    /// Whether the table has rows that were deleted before `$2`.
    pub has_deleted: TenantSql,
    /// Removes these rows.
    pub purge: TenantSql,
}

inventory::collect!(Purged);

/// Why the statements of [`purged!`] need not check who may see a project.
pub(crate) const LONG_DELETED: &str =
    "it is about what was deleted thirty days ago, for all who saw it, and shows nothing";

/// Declares that the deleted rows of a table are removed for good, unless a condition keeps them.
macro_rules! purged {
    ($table:literal $(, unless $held:literal)?) => {
        inventory::submit!($crate::platform::retention::Purged {
            table: $table,
            has_deleted: $crate::platform::db::statement::sql!(
                unfiltered because $crate::platform::retention::LONG_DELETED,
                concat!(
                    "select exists (select 1 from ",
                    $table,
                    " where organization_id = $1 and deleted_at < $2)"
                )
            ),
            purge: $crate::platform::db::statement::sql!(
                unfiltered because $crate::platform::retention::LONG_DELETED,
                concat!(
                    "delete from ",
                    $table,
                    " where organization_id = $1 and deleted_at < $2",
                    $(" and not ", $held)?
                )
            ),
        });
    };
}
pub(crate) use purged;

/// The declared tables, children before parents: the reverse of the order in which they are locked.
fn tables() -> impl Iterator<Item = &'static Purged> {
    locks::order().iter().rev().filter_map(|table| {
        inventory::iter::<Purged>.into_iter().find(|purged| purged.table == *table)
    })
}

async fn has_deleted(tx: &mut OrgTx, before: Timestamp) -> Result<bool, sqlx::Error> {
    for purged in tables() {
        let (found,): (bool,) = tx.query(purged.has_deleted).bind(before).one().await?;
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes the organization's rows, children before parents. The rest of the program locks tables
/// in the opposite order, so each table gets a transaction of its own.
async fn purge_organization(
    app: &App,
    organization: OrganizationId,
    before: Timestamp,
) -> Result<()> {
    for purged in tables() {
        let mut tx = tenant::work_in(app, organization).await?;
        tx.query(purged.purge).bind(before).execute().await?;
        // The audit log records the deletions already.
        tx.commit_unrecorded().await?;
    }
    let mut tx = tenant::work_in(app, organization).await?;
    search::sweep(&mut tx).await?;
    tx.commit_unrecorded().await?;
    Ok(())
}
