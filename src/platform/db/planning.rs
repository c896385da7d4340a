//! Makes both engines use the indexes that statements are written for, whatever their statistics
//! say.

use sqlx::{Executor, SqliteConnection};

/// The planner settings for the service's statements on PostgreSQL.
pub const PLANNING: &[(&str, &str)] = &[
    // The default, meant for spinning disks, makes PostgreSQL read whole tables although an index
    // leads to one organization's rows.
    ("random_page_cost", "1.1"),
    // Every statement starts from an organization, whichever it is: one plan serves all, and
    // planning each call again, policies included, costs more than running it.
    ("plan_cache_mode", "force_generic_plan"),
    // Without this, a table that was small or unknown at the last analysis is read completely.
    ("enable_seqscan", "off"),
    // Compiling a plan takes longer than any of these statements.
    ("jit", "off"),
];

/// Without statistics, SQLite uses the indexes that a statement is written for. With statistics
/// from a time when a table was small, it reads the whole table forever after. So statistics left
/// by an earlier version or a manual `analyze` are removed before anything is read.
pub(super) async fn forget_statistics(
    connection: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let forget = "drop table if exists sqlite_stat1; drop table if exists sqlite_stat4";
    if let Err(error) = connection.execute(forget).await {
        tracing::warn!(%error, "could not discard the statistics of the database");
    }
    Ok(())
}
