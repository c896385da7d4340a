//! Recovery codes: creating new ones, and showing them once.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::next::Next;
use super::security::PATH;
use crate::core::accounts::Tab;
use crate::core::factors::commands;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::session::CurrentUser;
use crate::platform::web::{Form, Shell, page_with_secret};

#[derive(Template)]
#[template(path = "core/factors/recovery_codes.html")]
struct CodesPage {
    shell: Shell,
    tab: Tab,
    email: EmailAddress,
    codes: Vec<String>,
    /// Where to continue.
    onward: String,
    now: Timestamp,
}

/// `POST /account/security/recovery-codes`: the answer is the only time that they are shown.
pub async fn create(
    user: CurrentUser,
    State(app): State<App>,
    Form(next): Form<Next>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), &next.after(PATH))?;
    let codes = commands::make_recovery_codes(&app, &user).await?;
    show(&user, codes, &next, app.clock.now())
}

/// The page that shows them, and continues to where the person wanted to go.
pub(super) fn show(
    user: &CurrentUser,
    codes: Vec<String>,
    next: &Next,
    now: Timestamp,
) -> Result<Response> {
    let onward = match next.path() {
        next if next.is_empty() => PATH.to_owned(),
        next => next,
    };
    let (shell, email) = (Shell::signed_in(user), user.email.clone());
    page_with_secret(&CodesPage { shell, tab: Tab::Security, email, codes, onward, now })
}
