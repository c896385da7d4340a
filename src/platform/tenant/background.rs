//! Access to the rows of organizations for work that no request started: one organization after the
//! other, each through the same kind of transaction as in a request.

use super::org_tx::OrgTx;
use super::unscoped::UnscopedTx;
use crate::platform::App;
use crate::platform::audit::{Journal, Who};
use crate::platform::db::statement::unscoped_sql;
use crate::platform::db::{ReadOrWrite, Scope};
use crate::platform::error::Result;
use crate::platform::ids::OrganizationId;

/// Every organization, the oldest first.
pub async fn organizations(app: &App) -> Result<Vec<OrganizationId>> {
    let mut tx = UnscopedTx::read(app).await?;
    let ids: Vec<(OrganizationId,)> =
        tx.query(unscoped_sql!("select id from organizations order by id")).all().await?;
    tx.commit().await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Begins a transaction of the program itself that reads one organization's rows.
pub async fn look_into(app: &App, organization: OrganizationId) -> Result<OrgTx> {
    let tx = app.db.begin(ReadOrWrite::Read, &Scope::Organization(organization)).await?;
    Ok(OrgTx::new(tx, organization, app.clone(), Journal::new(Who::system()), false))
}

/// Begins a transaction of the program itself that changes one organization's rows.
pub async fn work_in(app: &App, organization: OrganizationId) -> Result<OrgTx> {
    OrgTx::begin(app, organization, Journal::new(Who::system())).await
}
