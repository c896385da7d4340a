//! Suspending an organization and reactivating it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::commands;
use super::list::PATH;
use super::sql::{self, Consequences, OrganizationRow};
use crate::core::operators::reason::reason_to_suspend;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::OrganizationId;
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Id, Shell, page, page_again};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SuspendForm {
    reason: String,
}

impl Fields for SuspendForm {}

#[derive(Template)]
#[template(path = "core/operators/organizations/suspend.html")]
struct SuspendPage {
    shell: Shell,
    organization: OrganizationRow,
    consequences: Consequences,
    form: SuspendForm,
    errors: FieldErrors,
}

impl SuspendPage {
    async fn load(
        app: &App,
        operator: &CurrentOperator,
        id: OrganizationId,
        form: SuspendForm,
        errors: FieldErrors,
    ) -> Result<Self> {
        let mut tx = UnscopedTx::read(app).await?;
        let organization = sql::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
        let mut tx = tx.enter(id).await?;
        let consequences = sql::consequences(&mut tx, operator.now).await?;
        tx.commit().await?;
        Ok(Self { shell: Shell::signed_in(operator), organization, consequences, form, errors })
    }
}

/// `GET /operator/organizations/{id}/suspend`: says what the suspension will do.
pub async fn confirm(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<OrganizationId>,
) -> Result<Response> {
    let (form, errors) = (SuspendForm::default(), FieldErrors::default());
    page(&SuspendPage::load(&app, &operator, id, form, errors).await?)
}

/// `POST /operator/organizations/{id}/suspend`
pub async fn suspend(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<OrganizationId>,
    Form(form): Form<SuspendForm>,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let words = "Enter a reason. The organization's members will see it.";
    let Some(reason) = errors.take("reason", reason_to_suspend(&form.reason, words)) else {
        let view = SuspendPage::load(&app, &operator, id, form, errors).await?;
        return page_again(&view);
    };
    let (organization, is_news) = commands::suspend(&app, &operator, id, &reason).await?;
    let words = match is_news {
        true => format!("{} suspended.", organization.name),
        false => format!("{} was already suspended.", organization.name),
    };
    Ok(Flash::redirect(PATH, words))
}

/// `POST /operator/organizations/{id}/reactivate`
pub async fn reactivate(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<OrganizationId>,
) -> Result<Response> {
    let (organization, is_news) = commands::reactivate(&app, &operator, id).await?;
    let words = match is_news {
        true => format!("{} reactivated.", organization.name),
        false => format!("{} was already active.", organization.name),
    };
    Ok(Flash::redirect(PATH, words))
}
