//! Passkeys: making one.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::next::Next;
use super::security::PATH;
use crate::core::accounts::Tab;
use crate::core::factors::challenge::{self, Purpose};
use crate::core::factors::model::Holder;
use crate::core::factors::passkeys::{Ceremony, site};
use crate::core::factors::{commands, sql};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::session::CurrentUser;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form, Params, Shell, page};

/// The challenge for a new passkey.
const NEW: Purpose = Purpose("passkey-new");
/// The most passkeys of an account.
const MOST: usize = 20;

#[derive(Template)]
#[template(path = "core/factors/new_passkey.html")]
struct NewPage {
    shell: Shell,
    tab: Tab,
    options: String,
    /// Where the person wanted to go.
    next: Next,
}

/// `GET /account/security/passkeys/new`
pub async fn new(
    user: CurrentUser,
    State(app): State<App>,
    received: Received,
    Params(next): Params<Next>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), &next.after(&format!("{PATH}/passkeys/new")))?;
    user.require_verified(&app)?;
    let site = site(&app).ok_or(AppError::NotFound)?;
    let mut tx = UnscopedTx::read(&app).await?;
    let known = sql::credentials(&mut tx, user.id).await?;
    tx.commit().await?;
    if known.len() >= MOST {
        let words = format!("You can have up to {MOST} passkeys. Remove one first.");
        return Err(AppError::Conflict(words.into()));
    }
    let asked = site.ask_for_new(&Holder::from(&user), user.sign_in_id, known)?;
    let shell = Shell::signed_in(&user).with(received);
    let view = page(&NewPage { shell, tab: Tab::Security, options: asked.options, next })?;
    Ok(challenge::set(&app, NEW, asked.ceremony, view))
}

/// The fields of the form; the script has put the credential into it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewForm {
    name: String,
    credential: String,
    next: String,
}

impl Fields for NewForm {}

/// `POST /account/security/passkeys`
pub async fn create(
    user: CurrentUser,
    State(app): State<App>,
    headers: HeaderMap,
    Form(form): Form<NewForm>,
) -> Result<Response> {
    let next = Next::new(form.next);
    let new = next.after(&format!("{PATH}/passkeys/new"));
    user.require_proof(app.clock.now(), &new)?;
    let challenge = challenge::read::<Ceremony>(&app, NEW, &headers);
    let added = commands::add_passkey(&app, &user, &form.name, challenge, &form.credential).await?;
    let Some(name) = added else {
        let words = "The passkey wasn't created, or it took too long. Try again.";
        return Ok(Flash::redirect(&new, words));
    };
    // People who were sent here continue to where they wanted to go.
    let onward = Some(next.path()).filter(|path| !path.is_empty());
    let onward = onward.unwrap_or_else(|| PATH.to_owned());
    let added = Flash::redirect(&onward, format!("“{name}” added."));
    Ok(challenge::clear(&app, NEW, added))
}
