//! Authenticator apps: setting up, renaming and removing them.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::next::Next;
use super::security::{PATH, changed, removed, renamed};
use super::{recovery_codes, remove};
use crate::core::accounts::{self, Tab};
use crate::core::factors::model::{Holder, factor_name, titled};
use crate::core::factors::noun::{FACTOR_ADDED, TotpFactorId};
use crate::core::factors::sql::{self, Added};
use crate::core::factors::totp::Seed;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::session::CurrentUser;
use crate::platform::tenant::UnscopedTx;
use crate::platform::text::code;
use crate::platform::web::form::Fields;
use crate::platform::web::{
    FieldErrors, Flash, Form, Id, Params, Shell, page, page_with_status, see_other,
};

/// The most apps of an account.
const MOST: usize = 10;
/// The name of an app without one.
const UNNAMED: &str = "Authenticator app";

/// `POST /account/security/totp`: creates a seed, which takes effect once a code has shown that an
/// app has it.
pub async fn begin(
    user: CurrentUser,
    State(app): State<App>,
    Form(next): Form<Next>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), &next.after(PATH))?;
    user.require_verified(&app)?;
    let id = TotpFactorId::new();
    let mut tx = user.write(&app).await?;
    if sql::apps(&mut tx, user.id).await?.len() >= MOST {
        let words = format!("An account can have {MOST} authenticator apps. Remove one first.");
        return Err(AppError::Conflict(words.into()));
    }
    sql::begin_app(&mut tx, user.id, id, &Seed::random().seal(&app, id)).await?;
    let path = next.after(&format!("{PATH}/totp/{id}"));
    tx.leads_to(&path).await?;
    // It has no effect yet, and is recorded when a code has confirmed it.
    tx.commit_unrecorded().await?;
    Ok(see_other(&path))
}

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetUpForm {
    name: String,
    code: String,
    next: String,
}

impl Fields for SetUpForm {}

#[derive(Template)]
#[template(path = "core/factors/set_up.html")]
struct SetUpPage {
    shell: Shell,
    tab: Tab,
    id: TotpFactorId,
    letters: String,
    /// The form, which also contains where the person wanted to go.
    form: SetUpForm,
    errors: FieldErrors,
}

/// `GET /account/security/totp/{id}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<TotpFactorId>,
    Params(next): Params<Next>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), &next.after(&format!("{PATH}/totp/{id}")))?;
    let seed = unconfirmed(&app, &user, id).await?;
    let form = SetUpForm { next: next.path(), ..SetUpForm::default() };
    page(&SetUpPage::new(&user, id, &seed, form, FieldErrors::default()))
}

impl SetUpPage {
    /// The target of "Cancel".
    fn back(&self) -> String {
        Next::new(self.form.next.clone()).after(PATH)
    }

    fn new(
        user: &CurrentUser,
        id: TotpFactorId,
        seed: &Seed,
        form: SetUpForm,
        errors: FieldErrors,
    ) -> Self {
        let shell = Shell::signed_in(user);
        Self { shell, tab: Tab::Security, id, letters: seed.letters(), form, errors }
    }
}

async fn unconfirmed(app: &App, user: &CurrentUser, id: TotpFactorId) -> Result<Seed> {
    let mut tx = UnscopedTx::read(app).await?;
    let sealed = sql::unconfirmed_seed(&mut tx, user.id, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    // Only a set-up that was begun minutes ago is lost.
    Seed::open(app, sealed.id, &sealed.sealed_seed).ok_or(AppError::Conflict(
        "The server has lost its key for this since you began. Start again with “Add an app”."
            .into(),
    ))
}

/// `GET /account/security/totp/{id}/qr`
pub async fn picture(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<TotpFactorId>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), PATH)?;
    let picture = unconfirmed(&app, &user, id).await?.picture(&user.email)?;
    Ok(([(CONTENT_TYPE, "image/svg+xml; charset=utf-8")], picture).into_response())
}

/// `POST /account/security/totp/{id}/confirm`: shows recovery codes with the first factor.
pub async fn confirm(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<TotpFactorId>,
    Form(form): Form<SetUpForm>,
) -> Result<Response> {
    let next = Next::new(form.next.clone());
    user.require_proof(app.clock.now(), &next.after(&format!("{PATH}/totp/{id}")))?;
    let seed = unconfirmed(&app, &user, id).await?;
    let mut errors = FieldErrors::default();
    let name = errors.take("name", factor_name(&form.name, UNNAMED));
    let step = seed.step_of(&code(&form.code), app.clock.machine())?;
    if step.is_none() {
        let words = "This is not the code the app shows now. Is the clock on your device right?";
        errors.add("code", words);
    }
    let (Some(name), Some(step)) = (name, step) else {
        let view = SetUpPage::new(&user, id, &seed, form, errors);
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
    };
    let added = Added { name: &name, from: accounts::origin(Some(&user.device)) };
    let mut tx = user.write(&app).await?;
    if !sql::confirm_app(&mut tx, user.id, id, &added, step).await? {
        return Err(AppError::NotFound);
    }
    let entry = Holder::from(&user).entry(FACTOR_ADDED);
    tx.record(entry.after(json!({ "kind": "app", "name": name })));
    let what = format!("{} was added to your account.", titled("authenticator app", &name));
    changed(&mut tx, &user, what).await?;
    let codes = match sql::recovery_codes_left(&mut tx, user.id).await? {
        0 => Some(recovery_codes::make(&mut tx, &user).await?),
        _ => None,
    };
    let now = tx.now();
    tx.commit().await?;
    match codes {
        Some(codes) => recovery_codes::show(&user, codes, &next, now),
        None => Ok(Flash::redirect(&next.after(PATH), format!("“{name}” has been added."))),
    }
}

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NameForm {
    pub(super) name: String,
}

impl Fields for NameForm {}

/// `POST /account/security/totp/{id}/rename`
pub async fn rename(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<TotpFactorId>,
    Form(form): Form<NameForm>,
) -> Result<Response> {
    let mut tx = user.write(&app).await?;
    let old = sql::app_name(&mut tx, user.id, id).await?.ok_or(AppError::NotFound)?;
    let name = factor_name(&form.name, UNNAMED).map_err(|words| AppError::Invalid(words.into()))?;
    sql::rename_app(&mut tx, id, &name).await?;
    renamed(tx, &user, &old, &name).await
}

/// `GET /account/security/totp/{id}/remove`: says what the removal will do.
pub async fn ask_to_remove(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<TotpFactorId>,
) -> Result<Response> {
    let path = format!("{PATH}/totp/{id}/remove");
    user.require_proof(app.clock.now(), &path)?;
    let mut tx = UnscopedTx::read(&app).await?;
    let name = sql::app_name(&mut tx, user.id, id).await?.ok_or(AppError::NotFound)?;
    remove::ask(tx, &user, name, path).await
}

/// `POST /account/security/totp/{id}/remove`
pub async fn remove(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<TotpFactorId>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), &format!("{PATH}/totp/{id}/remove"))?;
    let mut tx = user.write(&app).await?;
    let name = sql::app_name(&mut tx, user.id, id).await?.ok_or(AppError::NotFound)?;
    sql::remove_app(&mut tx, id).await?;
    let what = format!("{} was removed from your account.", titled("authenticator app", &name));
    removed(tx, &user, json!({ "kind": "app", "name": name }), what, &name).await
}
