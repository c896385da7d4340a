//! Helping a person who has lost all their second factors: with a reason that they read, and not
//! before they have had time to stop it.

use axum::extract::State;
use axum::response::Response;

use super::ask::{self, ReasonForm};
use super::commands::{self, Act};
use crate::core::accounts::help::Answer;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::session::CurrentOperator;
use crate::platform::web::{Flash, Form, Id};

/// `GET /operator/people/{id}/help`: says what it will do.
pub async fn confirm(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    ask::open(&app, &operator, id, Act::RemoveFactors).await
}

/// `POST /operator/people/{id}/help`
pub async fn ask(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
    Form(form): Form<ReasonForm>,
) -> Result<Response> {
    let act = Act::RemoveFactors;
    let reason = match form.check(act) {
        Ok(reason) => reason,
        Err(errors) => return ask::again(&app, &operator, id, act, form, errors).await,
    };
    let (person, answer) = commands::remove_factors(&app, &operator, id, &reason).await?;
    Ok(Flash::redirect(&person.path(""), in_words(answer, person.email.as_str())))
}

/// The result, in words for the operator who asked.
pub(super) fn in_words(answer: Answer, email: &str) -> String {
    match answer {
        Answer::Asked => format!(
            "We'll email {email}. Two-factor authentication will be reset in 72 hours unless they \
             cancel."
        ),
        Answer::Already => "This has already been requested.".to_owned(),
        Answer::NoFactor => {
            "Two-factor authentication is off for this account. A link to set a new password is \
             enough."
                .to_owned()
        }
        Answer::Unreachable => {
            "Nothing was done, because no email would reach the person, and they couldn't \
             cancel."
                .to_owned()
        }
    }
}

/// `POST /operator/people/{id}/help/stop`
pub async fn stop(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let (person, was_open) = commands::keep_factors(&app, &operator, id).await?;
    let words = match was_open {
        true => format!("Reset cancelled. Two-factor authentication stays on for {}.", person.name),
        false => "There's nothing to cancel.".to_owned(),
    };
    Ok(Flash::redirect(&person.path(""), words))
}
