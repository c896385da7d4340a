//! The commands for visits; each is recorded in the log of the visited organization.

use serde_json::json;
use time::Duration;

use super::model::object;
use super::sql::{self, Going, Terms};
use crate::core::operators::noun::{OPERATOR_ENTERED, OPERATOR_LEFT};
use crate::core::operators::organizations::{self, OrganizationRow};
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{OrganizationId, UserId, VisitId};
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::{OrgTx, RunningVisit, UnscopedTx, running_visits};

/// A form that is sent again within this time continues the same visit.
const SENT_TWICE: Duration = Duration::minutes(1);

/// Begins a visit, which replaces a current one. Returns the organization, and false if the
/// operator is a member, who needs no visit.
///
/// # Errors
/// Those of [`organizations::enter`].
pub(super) async fn enter(
    app: &App,
    operator: &CurrentOperator,
    id: OrganizationId,
    terms: &Terms,
) -> Result<(OrganizationRow, bool)> {
    let (mut tx, organization) = organizations::enter(app, operator, id).await?;
    if sql::is_member(&mut tx, operator.id).await? {
        return Ok((organization, false));
    }
    let going = sql::going(&mut tx, operator.id, operator.now).await?;
    if !going.iter().any(|visit| is_same(visit, terms, operator.now)) {
        for visit in going {
            leave(&mut tx, operator.id, visit.id, &organization.name, operator.now).await?;
        }
        let visit = sql::begin_visit(&mut tx, operator.id, terms, operator.now).await?;
        let entry = Entry::new(OPERATOR_ENTERED, object(visit, &organization.name));
        let entry = entry.person(operator.id);
        tx.record(entry.after(json!({
            "visit": visit,
            "reason": terms.reason,
            "may_change": terms.may_write,
            "ends_at": terms.ends_at.rfc3339(),
        })));
    }
    tx.leads_to(&organization.home()).await?;
    tx.commit().await?;
    Ok((organization, true))
}

/// Whether the same form began `visit` just before.
fn is_same(visit: &Going, terms: &Terms, now: Timestamp) -> bool {
    visit.reason == terms.reason
        && visit.may_write == terms.may_write
        && now.since(visit.started_at) < SENT_TWICE
        && terms.ends_at.since(visit.ends_at) < SENT_TWICE
        && visit.ends_at.since(terms.ends_at) < SENT_TWICE
}

/// Ends one of the operator's own visits, unless it has ended; returns the visit.
///
/// # Errors
/// [`AppError::NotFound`] when they have no such visit.
pub(super) async fn end(
    app: &App,
    operator: &CurrentOperator,
    id: VisitId,
) -> Result<RunningVisit> {
    let mut tx = operator.write(app).await?;
    let visit = sql::find_visit(&mut tx, id, operator.id).await?.ok_or(AppError::NotFound)?;
    let mut tx = tx.enter(visit.organization_id).await?;
    leave(&mut tx, operator.id, id, &visit.organization, operator.now).await?;
    tx.commit().await?;
    Ok(visit)
}

/// Ends all current visits of a person, each in its own organization; returns how many. Waits for
/// changes that are being made there.
pub(in crate::core::operators) async fn end_all(
    app: &App,
    user: UserId,
    email: &EmailAddress,
) -> Result<usize> {
    let now = app.clock.now();
    let mut ended = 0;
    for visit in running_visits(app, user, email.clone(), now).await? {
        let mut tx = UnscopedTx::write(app).await?.enter(visit.organization_id).await?;
        ended += usize::from(leave(&mut tx, user, visit.id, &visit.organization, now).await?);
        tx.commit().await?;
    }
    Ok(ended)
}

/// Ends the current visit of a person whose account is deleted, in the transaction's organization.
pub(crate) async fn end_visits(tx: &mut OrgTx, user: UserId, now: Timestamp) -> Result<()> {
    for visit in sql::going(tx, user, now).await? {
        leave(tx, user, visit.id, "", now).await?;
    }
    Ok(())
}

/// Ends a visit, unless it has ended, and records it; returns whether it did.
async fn leave(
    tx: &mut OrgTx,
    user: UserId,
    id: VisitId,
    organization: &str,
    now: Timestamp,
) -> Result<bool> {
    let is_news = sql::end_visit(tx, id, now).await?;
    if is_news {
        let entry = Entry::new(OPERATOR_LEFT, object(id, organization)).person(user);
        tx.record(entry.after(json!({ "visit": id })));
    }
    Ok(is_news)
}
