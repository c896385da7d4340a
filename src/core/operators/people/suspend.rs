//! Suspending an account and reactivating it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::acts;
use super::show::{change, not_oneself, person};
use super::sql::Person;
use crate::core::operators::reason::reason_to_suspend;
use crate::core::operators::visits;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::session::CurrentOperator;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Id, Shell, page, page_with_status};

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SuspendForm {
    reason: String,
}

impl Fields for SuspendForm {}

#[derive(Template)]
#[template(path = "core/operators/people/suspend.html")]
struct SuspendPage {
    shell: Shell,
    person: Person,
    form: SuspendForm,
    errors: FieldErrors,
}

impl SuspendPage {
    async fn load(
        app: &App,
        operator: &CurrentOperator,
        id: UserId,
        form: SuspendForm,
        errors: FieldErrors,
    ) -> Result<Self> {
        let person = person(app, operator, id).await?;
        Ok(Self { shell: Shell::signed_in(operator), person, form, errors })
    }
}

/// An installation whose last operator has locked themselves out would have none.
const NOT_ONESELF: &str = "You cannot suspend your own account. Another operator can.";

/// `GET /operator/people/{id}/suspend`: says what it does, before it is done.
pub async fn confirm(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    not_oneself(&operator, id, NOT_ONESELF)?;
    let (form, errors) = (SuspendForm::default(), FieldErrors::default());
    page(&SuspendPage::load(&app, &operator, id, form, errors).await?)
}

/// `POST /operator/people/{id}/suspend`: of two at once, the first one's reason stands.
pub async fn suspend(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
    Form(form): Form<SuspendForm>,
) -> Result<Response> {
    not_oneself(&operator, id, NOT_ONESELF)?;
    let mut errors = FieldErrors::default();
    let words = "Say why. The person will see it.";
    let Some(reason) = errors.take("reason", reason_to_suspend(&form.reason, words)) else {
        let view = SuspendPage::load(&app, &operator, id, form, errors).await?;
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
    };
    let (mut tx, person) = change(&operator, &app, id).await?;
    let words = match acts::suspend(&mut tx, &person, &reason).await? {
        true => format!("{} has been suspended.", person.name),
        false => format!("{} was already suspended.", person.name),
    };
    tx.commit().await?;
    // Each in its organization's own log. Nobody acts in them any longer: they end for good, so
    // that none resumes when the account is reactivated.
    visits::end_all(&app, id, &person.email).await?;
    Ok(Flash::redirect(&person.path(""), words))
}

/// `POST /operator/people/{id}/reactivate`
pub async fn reactivate(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let (mut tx, person) = change(&operator, &app, id).await?;
    let words = match acts::reactivate(&mut tx, &person).await? {
        true => format!("{} is active again.", person.name),
        false => format!("{} was already active.", person.name),
    };
    tx.commit().await?;
    Ok(Flash::redirect(&person.path(""), words))
}
