//! How the engines are kept to the indexes that statements are written for, whatever was in the
//! tables when somebody counted them last.

use sqlx::{Executor, SqliteConnection};

/// How PostgreSQL is told to plan the service's statements.
pub const PLANNING: &[(&str, &str)] = &[
    // What PostgreSQL assumes of spinning disks makes it read whole tables where an index leads to
    // one organization's rows.
    ("random_page_cost", "1.1"),
    // Every statement is led by the organization, whichever it is: one plan serves all, and planning
    // each call anew, policies included, costs more than running it.
    ("plan_cache_mode", "force_generic_plan"),
    // A table that was small when it was counted last, or never was, is not read whole for it.
    ("enable_seqscan", "off"),
    // Compiling a plan takes longer than any of these statements.
    ("jit", "off"),
];

/// SQLite takes the indexes that a statement is written for as long as it knows nothing. With
/// statistics of a day on which a table was small it reads the whole table ever after. What an
/// earlier version or somebody's `analyze` has left goes before anybody reads.
pub(super) async fn forget_statistics(
    connection: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    let forget = "drop table if exists sqlite_stat1; drop table if exists sqlite_stat4";
    if let Err(error) = connection.execute(forget).await {
        tracing::warn!(%error, "could not discard the statistics of the database");
    }
    Ok(())
}
