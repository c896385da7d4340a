//! `/help/{token}`: lets the person stop what an operator has asked for.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::act;
use super::sql::{self, Help};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::secrets::Token;
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Tone;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::Onward;
use crate::platform::web::{Flash, Shell, TokenPath, page};

const SIGN_IN: Onward = Onward { path: "/login", label: "Sign in" };

#[derive(Template)]
#[template(path = "core/accounts/help.html")]
struct HelpPage {
    shell: Shell,
    path: String,
    help: Help,
    due: String,
}

/// The pending removal that the link can stop.
///
/// # Errors
/// [`AppError::LinkGone`] with a message that says why the link no longer works.
async fn check(tx: &mut UnscopedTx, token: &Token) -> Result<Help> {
    let help = sql::find_by_token(tx, token).await?.ok_or(AppError::NotFound)?;
    let gone = |words: &'static str| Err(AppError::LinkGone { words, onward: SIGN_IN });
    if help.stopped_at.is_some() {
        gone("The reset has already been cancelled. Your two-factor authentication stays on.")
    } else if help.done_at.is_some() {
        gone("Your two-factor authentication has been reset. Check your email for what to do next.")
    } else {
        Ok(help)
    }
}

/// The link that stops it.
pub struct HelpLink;

impl Link for HelpLink {
    const PURPOSE: &'static str = "help";
    const PATH: &'static str = "/help/link";
    const ONWARD: Onward = SIGN_IN;
}

/// `GET /help/{token}`: moves the token out of the URL and stops nothing, because programs open
/// links in emails.
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    TokenPath(token): TokenPath,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    check(&mut tx, &token).await?;
    tx.commit().await?;
    opened::put_away::<HelpLink>(&app, &headers, &token)
}

/// `GET /help/link/{link}`
pub async fn show(
    State(app): State<App>,
    shell: Shell,
    Opened { token, path, .. }: Opened<HelpLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    let help = check(&mut tx, &token).await?;
    tx.commit().await?;
    let due = help.due_at.map(|due| due.minute()).unwrap_or_default();
    page(&HelpPage { shell, path, help, due })
}

/// `POST /help/link/{link}`
pub async fn stop(
    State(app): State<App>,
    device: Device,
    Opened { token, .. }: Opened<HelpLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::write(&app).await?.from(&device);
    let help = check(&mut tx, &token).await?;
    tx.lock_person(help.user_id).await?;
    let help = check(&mut tx, &token).await?;
    act::stop(&mut tx, &help).await?;
    tx.commit().await?;
    let words = "Reset cancelled. Your two-factor authentication stays on.";
    Ok(Flash::with_tone("/login", Tone::ToDo, words))
}
