//! The table of a link: pairs of ids, and nothing else.

use crate::platform::db::statement::TenantSql;
use crate::platform::db::{Param, Row};
use crate::platform::tenant::OrgTx;

/// A table that links rows to others, declared with [`links!`](super::links).
pub trait Pairs {
    /// The id of the row that has the others.
    type Row: for<'q> Param<'q> + Copy + Sync;
    /// The id of another row.
    type Other: for<'q> Param<'q> + Copy + Sync;

    /// Adds the pair `$2` and `$3`, unless it is there.
    const ADD: TenantSql;
    /// Removes the pair `$2` and `$3`.
    const REMOVE: TenantSql;
    /// The others of `$2`.
    const OTHERS: TenantSql;
}

/// Adds a pair; returns whether it was not there before.
///
/// # Errors
/// Any error of the database.
pub async fn add<P: Pairs>(
    tx: &mut OrgTx,
    row: P::Row,
    other: P::Other,
) -> Result<bool, sqlx::Error> {
    Ok(tx.query(P::ADD).bind(row).bind(other).execute().await? == 1)
}

/// Removes a pair; returns whether it was there.
///
/// # Errors
/// Any error of the database.
pub async fn remove<P: Pairs>(
    tx: &mut OrgTx,
    row: P::Row,
    other: P::Other,
) -> Result<bool, sqlx::Error> {
    Ok(tx.query(P::REMOVE).bind(row).bind(other).execute().await? == 1)
}

/// The others of a row, a thousand at most.
///
/// # Errors
/// Any error of the database.
pub async fn others<P: Pairs>(tx: &mut OrgTx, row: P::Row) -> Result<Vec<P::Other>, sqlx::Error>
where
    (P::Other,): Row,
{
    let others: Vec<(P::Other,)> = tx.query(P::OTHERS).bind(row).all().await?;
    Ok(others.into_iter().map(|(other,)| other).collect())
}
