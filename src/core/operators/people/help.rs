//! Helping someone who has lost every second factor: with a reason, which they read, and not before
//! they had the time to stop it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::show::{change, not_oneself, person};
use super::sql::Person;
use crate::core::accounts::help::{self, Answer};
use crate::core::operators::reason::reason_to_suspend;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::session::CurrentOperator;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Id, Shell, page, page_with_status};

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HelpForm {
    reason: String,
}

impl Fields for HelpForm {}

#[derive(Template)]
#[template(path = "core/operators/people/help.html")]
struct HelpPage {
    shell: Shell,
    person: Person,
    form: HelpForm,
    errors: FieldErrors,
}

impl HelpPage {
    async fn load(
        app: &App,
        operator: &CurrentOperator,
        id: UserId,
        form: HelpForm,
        errors: FieldErrors,
    ) -> Result<Self> {
        let person = person(app, operator, id).await?;
        Ok(Self { shell: Shell::signed_in(operator), person, form, errors })
    }
}

/// Anyone who signs in has their factors; an operator must not get rid of their own in this way.
const NOT_ONESELF: &str = "You cannot do this for your own account. Another operator can.";

/// `GET /operator/people/{id}/help`: says what it does, before it is asked for.
pub async fn confirm(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    not_oneself(&operator, id, NOT_ONESELF)?;
    let (form, errors) = (HelpForm::default(), FieldErrors::default());
    page(&HelpPage::load(&app, &operator, id, form, errors).await?)
}

/// `POST /operator/people/{id}/help`
pub async fn ask(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
    Form(form): Form<HelpForm>,
) -> Result<Response> {
    not_oneself(&operator, id, NOT_ONESELF)?;
    let mut errors = FieldErrors::default();
    let words = "Say how you know who is asking. The person will see it.";
    let Some(reason) = errors.take("reason", reason_to_suspend(&form.reason, words)) else {
        let view = HelpPage::load(&app, &operator, id, form, errors).await?;
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
    };
    let (mut tx, person) = change(&operator, &app, id).await?;
    let answer = help::ask(&mut tx, id, &reason).await?;
    tx.commit().await?;
    Ok(Flash::redirect(&person.path(""), in_words(answer, person.email.as_str())))
}

/// The outcome, for the operator who asked.
pub(super) fn in_words(answer: Answer, email: &str) -> String {
    match answer {
        Answer::Asked => format!(
            "{email} will be told by email. The second factors will be removed in 72 hours, unless \
             the person stops it."
        ),
        Answer::Already => "This has already been requested.".to_owned(),
        Answer::NoFactor => {
            "The account has no second factor: a link to set a new password is enough.".to_owned()
        }
        Answer::Unreachable => {
            "Nothing was done: no email would reach the person, who could not stop it.".to_owned()
        }
    }
}

/// `POST /operator/people/{id}/help/stop`
pub async fn stop(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let (mut tx, person) = change(&operator, &app, id).await?;
    let words = match help::call_off(&mut tx, id).await? {
        true => format!("The second factors of {} stay.", person.name),
        false => "There was nothing to cancel.".to_owned(),
    };
    tx.commit().await?;
    Ok(Flash::redirect(&person.path(""), words))
}
