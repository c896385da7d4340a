//! Doing again what did not work.

use axum::extract::State;
use axum::response::Response;

use super::commands;
use super::page::PATH;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::ids::{JobId, MailId};
use crate::platform::mail::outbox;
use crate::platform::session::CurrentOperator;
use crate::platform::web::{Flash, Id};

const UNSENT: &str = "Nothing was sent, because no mail server is set.";

/// `POST /operator/mails/{id}/send`
pub async fn send_again(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<MailId>,
) -> Result<Response> {
    if !outbox::is_sent(&app) {
        return Ok(Flash::redirect(PATH, UNSENT));
    }
    let words = match commands::send_again(&app, &operator, id).await? {
        true => "Resending the email. If it fails again, it'll be listed here.",
        false => "This email is already being sent, or its text has been deleted.",
    };
    Ok(Flash::redirect(PATH, words))
}

/// `POST /operator/mails/send`
pub async fn send_all_again(operator: CurrentOperator, State(app): State<App>) -> Result<Response> {
    if !outbox::is_sent(&app) {
        return Ok(Flash::redirect(PATH, UNSENT));
    }
    let words = match commands::send_all_again(&app, &operator).await? {
        0 => "There's nothing to resend.".to_owned(),
        1 => "Resending 1 email. If it fails again, it'll be listed here.".to_owned(),
        count => format!("Resending {count} emails. Those that fail again will be listed here."),
    };
    Ok(Flash::redirect(PATH, words))
}

/// `POST /operator/jobs/{id}/run`
pub async fn do_again(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<JobId>,
) -> Result<Response> {
    let words = match commands::do_again(&app, &operator, id).await? {
        true => "Trying again.",
        false => commands::DONE,
    };
    Ok(Flash::redirect(PATH, words))
}
