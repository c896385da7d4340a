//! The commands of operators for organizations, recorded in the organization's own audit log.

use serde_json::json;

use super::list::PATH;
use super::sql::{self, OrganizationRow};
use crate::core::operators::noun::{ORGANIZATION_REACTIVATED, ORGANIZATION_SUSPENDED};
use crate::core::organizations;
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::OrganizationId;
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::OrgTx;

/// Begins a transaction of an operator in the organization `id`, and locks the organization.
///
/// # Errors
/// [`AppError::StepUp`] unless the operator has recently authenticated; [`AppError::NotFound`] when
/// there is no such organization.
pub(in crate::core::operators) async fn enter(
    app: &App,
    operator: &CurrentOperator,
    id: OrganizationId,
) -> Result<(OrgTx, OrganizationRow)> {
    operator.require_proof(operator.now, PATH)?;
    let mut tx = operator.write(app).await?;
    let organization = sql::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let mut tx = tx.enter(id).await?;
    tx.lock_organization().await?;
    Ok((tx, organization))
}

/// Suspends an organization; returns it, and false if it was suspended already. Of two concurrent
/// suspensions, the first one's reason is kept.
///
/// # Errors
/// Those of [`enter`].
pub(super) async fn suspend(
    app: &App,
    operator: &CurrentOperator,
    id: OrganizationId,
    reason: &str,
) -> Result<(OrganizationRow, bool)> {
    let (mut tx, organization) = enter(app, operator, id).await?;
    let is_news = sql::suspend(&mut tx, reason, operator.now).await?;
    if is_news {
        let entry =
            Entry::new(ORGANIZATION_SUSPENDED, organizations::object(id, &organization.name));
        tx.record(entry.after(json!({ "reason": reason })));
    }
    tx.commit().await?;
    Ok((organization, is_news))
}

/// Reactivates an organization; returns it, and false if it was not suspended.
///
/// # Errors
/// Those of [`enter`].
pub(super) async fn reactivate(
    app: &App,
    operator: &CurrentOperator,
    id: OrganizationId,
) -> Result<(OrganizationRow, bool)> {
    let (mut tx, organization) = enter(app, operator, id).await?;
    let reason = sql::reactivate(&mut tx).await?;
    let is_news = reason.is_some();
    if let Some(reason) = reason {
        let entry =
            Entry::new(ORGANIZATION_REACTIVATED, organizations::object(id, &organization.name));
        tx.record(entry.before(json!({ "reason": reason })));
    }
    tx.commit().await?;
    Ok((organization, is_news))
}
