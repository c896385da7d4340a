//! Entering and leaving an organization.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use time::Duration;

use super::commands;
use super::model::{MINUTES, minutes, reason_to_enter};
use super::sql::Terms;
use crate::core::operators::organizations::{self, OrganizationRow, PATH};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{OrganizationId, VisitId};
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Id, Shell, page, page_again};

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

/// `POST /operator/organizations/{id}/enter`
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
            return page_again(&view);
        }
    };
    let (organization, is_visit) = commands::enter(&app, &operator, id, &terms).await?;
    let words = match is_visit {
        true => format!("You've entered {}.", organization.name),
        false => format!(
            "You're a member of {}, so you don't need to enter it as an operator.",
            organization.name
        ),
    };
    Ok(Flash::redirect(&organization.home(), words))
}

/// `POST /operator/visits/{id}/end`
pub async fn end(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<VisitId>,
) -> Result<Response> {
    let visit = commands::end(&app, &operator, id).await?;
    Ok(Flash::redirect(PATH, format!("You left {}.", visit.organization)))
}

async fn find(app: &App, id: OrganizationId) -> Result<OrganizationRow> {
    let mut tx = UnscopedTx::read(app).await?;
    let organization = organizations::find(&mut tx, id).await?;
    tx.commit().await?;
    organization.ok_or(AppError::NotFound)
}
