//! Passkeys: creating, renaming and removing them.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::next::Next;
use super::remove;
use super::security::{PATH, changed, removed, renamed};
use super::totp::NameForm;
use crate::core::accounts::{self, Tab};
use crate::core::factors::challenge::{self, Purpose};
use crate::core::factors::model::{Holder, factor_name, titled};
use crate::core::factors::noun::{FACTOR_ADDED, PasskeyId};
use crate::core::factors::passkeys::{Ceremony, site};
use crate::core::factors::sql::{self, Added};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::session::CurrentUser;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form, Id, Params, Shell, page};

/// The challenge for a new passkey.
const NEW: Purpose = Purpose("passkey-new");
/// The most passkeys of an account.
const MOST: usize = 20;
/// The name of a passkey without one.
const UNNAMED: &str = "Passkey";

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
        let words = format!("An account can have {MOST} passkeys. Remove one first.");
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
    user.require_verified(&app)?;
    let site = site(&app).ok_or(AppError::NotFound)?;
    let name = factor_name(&form.name, UNNAMED).map_err(|words| AppError::Invalid(words.into()))?;
    let challenge = challenge::read::<Ceremony>(&app, NEW, &headers);
    let challenge = challenge.filter(|c| c.about.sign_in == Some(user.sign_in_id));
    let made =
        challenge.as_ref().and_then(|challenge| site.make(&challenge.about, &form.credential));
    let again =
        || Flash::redirect(&new, "The passkey was not created, or it took too long. Try again.");
    let (Some(challenge), Some(made)) = (challenge, made) else {
        return Ok(again());
    };
    let added = Added { name: &name, from: accounts::origin(Some(&user.device)) };
    let mut tx = user.write(&app).await?;
    if !challenge.spend(&mut tx).await?
        || !sql::add_passkey(&mut tx, user.id, &added, &made).await?
    {
        return Ok(again());
    }
    let entry = Holder::from(&user).entry(FACTOR_ADDED);
    tx.record(entry.after(json!({ "kind": "passkey", "name": name })));
    let what = format!("{} was added to your account.", titled("passkey", &name));
    changed(&mut tx, &user, what).await?;
    tx.commit().await?;
    // People who were sent here continue to where they wanted to go.
    let onward = Some(next.path()).filter(|path| !path.is_empty());
    let onward = onward.unwrap_or_else(|| PATH.to_owned());
    let added = Flash::redirect(&onward, format!("“{name}” has been added."));
    Ok(challenge::clear(&app, NEW, added))
}

/// `POST /account/security/passkeys/{id}/rename`
pub async fn rename(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<PasskeyId>,
    Form(form): Form<NameForm>,
) -> Result<Response> {
    let mut tx = user.write(&app).await?;
    let old = sql::passkey_name(&mut tx, user.id, id).await?.ok_or(AppError::NotFound)?;
    let name = factor_name(&form.name, UNNAMED).map_err(|words| AppError::Invalid(words.into()))?;
    sql::rename_passkey(&mut tx, id, &name).await?;
    renamed(tx, &user, &old, &name).await
}

/// `GET /account/security/passkeys/{id}/remove`: says what the removal will do.
pub async fn ask_to_remove(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<PasskeyId>,
) -> Result<Response> {
    let path = format!("{PATH}/passkeys/{id}/remove");
    user.require_proof(app.clock.now(), &path)?;
    let mut tx = UnscopedTx::read(&app).await?;
    let name = sql::passkey_name(&mut tx, user.id, id).await?.ok_or(AppError::NotFound)?;
    remove::ask(tx, &user, name, path).await
}

/// `POST /account/security/passkeys/{id}/remove`
pub async fn remove(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<PasskeyId>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), &format!("{PATH}/passkeys/{id}/remove"))?;
    let mut tx = user.write(&app).await?;
    let name = sql::passkey_name(&mut tx, user.id, id).await?.ok_or(AppError::NotFound)?;
    sql::remove_passkey(&mut tx, id).await?;
    let what = format!("{} was removed from your account.", titled("passkey", &name));
    removed(tx, &user, json!({ "kind": "passkey", "name": name }), what, &name).await
}
