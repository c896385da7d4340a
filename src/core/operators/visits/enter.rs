//! Entering and leaving an organization.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use time::Duration;

use super::model::{MINUTES, minutes, object, reason_to_enter};
use super::sql::{self, Going, Terms};
use crate::core::operators::noun::{OPERATOR_ENTERED, OPERATOR_LEFT};
use crate::core::operators::organizations::{self, OrganizationRow, PATH};
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{OrganizationId, UserId, VisitId};
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::{OrgTx, UnscopedTx};
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Id, Shell, page, page_with_status};

/// A form that is sent again within this time continues the same visit.
const SENT_TWICE: Duration = Duration::minutes(1);

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnterForm {
    reason: String,
    minutes: String,
    may_write: String,
}

impl Fields for EnterForm {}

impl EnterForm {
    fn lasts(&self, minutes: &i64) -> bool {
        self.minutes == minutes.to_string()
    }

    fn may_write(&self) -> bool {
        self.may_write == "yes"
    }

    /// The terms that were asked for, or the errors.
    fn terms(&self, now: Timestamp) -> Result<Terms, FieldErrors> {
        let mut errors = FieldErrors::default();
        let reason = errors.take("reason", reason_to_enter(&self.reason));
        let minutes = errors.take("minutes", minutes(&self.minutes));
        match (reason, minutes) {
            (Some(reason), Some(minutes)) => {
                let ends_at = now.plus(Duration::minutes(minutes));
                Ok(Terms { reason, may_write: self.may_write(), ends_at })
            }
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "core/operators/visits/enter.html")]
struct EnterPage {
    shell: Shell,
    organization: OrganizationRow,
    form: EnterForm,
    errors: FieldErrors,
}

/// `GET /operator/organizations/{id}/enter`
pub async fn ask(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<OrganizationId>,
) -> Result<Response> {
    let organization = find(&app, id).await?;
    let form = EnterForm { minutes: MINUTES[0].to_string(), ..EnterForm::default() };
    let errors = FieldErrors::default();
    page(&EnterPage { shell: Shell::signed_in(&operator), organization, form, errors })
}

/// `POST /operator/organizations/{id}/enter`: begins a visit, which replaces a current one.
pub async fn enter(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<OrganizationId>,
    Form(form): Form<EnterForm>,
) -> Result<Response> {
    let terms = match form.terms(operator.now) {
        Ok(terms) => terms,
        Err(errors) => {
            let (shell, organization) = (Shell::signed_in(&operator), find(&app, id).await?);
            let view = EnterPage { shell, organization, form, errors };
            return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
        }
    };
    let (mut tx, organization) = organizations::enter(&operator, &app, id).await?;
    let path = format!("/orgs/{}", organization.slug);
    if sql::is_member(&mut tx, operator.id).await? {
        let words = format!("You belong to {} and are here as a member.", organization.name);
        return Ok(Flash::redirect(&path, words));
    }
    let going = sql::going(&mut tx, operator.id, operator.now).await?;
    if !going.iter().any(|visit| is_same(visit, &terms, operator.now)) {
        for visit in going {
            sql::end_visit(&mut tx, visit.id, operator.now).await?;
            let entry = Entry::new(OPERATOR_LEFT, object(visit.id, &organization.name));
            let entry = entry.person(operator.id);
            tx.record(entry.after(json!({ "visit": visit.id })));
        }
        let visit = sql::begin_visit(&mut tx, operator.id, &terms, operator.now).await?;
        let entry = Entry::new(OPERATOR_ENTERED, object(visit, &organization.name));
        let entry = entry.person(operator.id);
        tx.record(entry.after(json!({
            "visit": visit,
            "reason": terms.reason,
            "may_change": terms.may_write,
            "ends_at": terms.ends_at.rfc3339(),
        })));
    }
    tx.leads_to(&path).await?;
    tx.commit().await?;
    Ok(Flash::redirect(&path, format!("You have entered {}.", organization.name)))
}

/// Whether the same form began `visit` just before.
fn is_same(visit: &Going, terms: &Terms, now: Timestamp) -> bool {
    visit.reason == terms.reason
        && visit.may_write == terms.may_write
        && now.since(visit.started_at) < SENT_TWICE
        && terms.ends_at.since(visit.ends_at) < SENT_TWICE
        && visit.ends_at.since(terms.ends_at) < SENT_TWICE
}

/// Ends the current visit of a person whose account is deleted, in the transaction's organization.
pub(crate) async fn end_visits(tx: &mut OrgTx, user: UserId, now: Timestamp) -> Result<()> {
    for visit in sql::going(tx, user, now).await? {
        sql::end_visit(tx, visit.id, now).await?;
        let entry = Entry::new(OPERATOR_LEFT, object(visit.id, "")).person(user);
        tx.record(entry.after(json!({ "visit": visit.id })));
    }
    Ok(())
}

/// `POST /operator/visits/{id}/end`
pub async fn end(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<VisitId>,
) -> Result<Response> {
    let mut tx = operator.write(&app).await?;
    let visit = sql::find_visit(&mut tx, id, operator.id).await?.ok_or(AppError::NotFound)?;
    let mut tx = tx.enter(visit.organization_id).await?;
    if sql::end_visit(&mut tx, id, operator.now).await? {
        let object = object(id, &visit.organization);
        let entry = Entry::new(OPERATOR_LEFT, object).person(operator.id);
        tx.record(entry.after(json!({ "visit": id })));
    }
    tx.commit().await?;
    Ok(Flash::redirect(PATH, format!("You have left {}.", visit.organization)))
}

async fn find(app: &App, id: OrganizationId) -> Result<OrganizationRow> {
    let mut tx = UnscopedTx::read(app).await?;
    let organization = organizations::find(&mut tx, id).await?;
    tx.commit().await?;
    organization.ok_or(AppError::NotFound)
}
