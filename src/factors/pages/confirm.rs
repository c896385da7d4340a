//! `/account/confirm`: showing again who one is, before what a browser that was left open must not
//! do. Whoever has a second factor shows that one; everybody else types their password.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use tower_sessions::Session;

use crate::accounts;
use crate::error::{AppError, Result};
use crate::factors::guesses;
use crate::factors::model::Holder;
use crate::factors::redeem::redeem;
use crate::platform::App;
use crate::platform::audit::Action;
use crate::platform::email::EmailAddress;
use crate::platform::session::{self, CurrentUser, Device};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::form::Fields;
use crate::platform::web::page::local_path;
use crate::platform::web::{FieldErrors, Form, Params, Shell, page, page_with_status, see_other};

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConfirmParams {
    next: String,
}

/// What is typed into the form; none of it but `next` comes back.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfirmForm {
    password: String,
    code: String,
    next: String,
}

impl Fields for ConfirmForm {}

#[derive(Template)]
#[template(path = "factors/confirm.html")]
struct ConfirmPage {
    shell: Shell,
    has_factor: bool,
    email: EmailAddress,
    next: String,
    errors: FieldErrors,
}

impl ConfirmPage {
    fn new(user: &CurrentUser, next: String, errors: FieldErrors) -> Self {
        Self {
            shell: Shell::signed_in(user),
            has_factor: user.has_factor,
            email: user.email.clone(),
            next,
            errors,
        }
    }
}

/// `GET /account/confirm`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Params(params): Params<ConfirmParams>,
) -> Result<Response> {
    let next = local_path(&params.next, "/account/security");
    if user.recently_proved(app.clock.now()) {
        return Ok(see_other(&next));
    }
    page(&ConfirmPage::new(&user, next, FieldErrors::default()))
}

/// `POST /account/confirm`: the session gets a new id, and the old one is dead.
pub async fn update(
    user: CurrentUser,
    State(app): State<App>,
    session: Session,
    device: Device,
    Form(form): Form<ConfirmForm>,
) -> Result<Response> {
    let next = local_path(&form.next, "/account/security");
    let holder = Holder::from(&user);
    let guess = guesses::take(&app, &holder).await?;
    let is_right = match user.has_factor {
        true => {
            let mut tx = user.write(&app).await?;
            let is_right = redeem(&mut tx, &holder, &form.code, app.clock.now()).await?;
            if is_right {
                tx.commit().await?;
            }
            is_right
        }
        false => is_password(&app, &user, form.password).await?,
    };
    if !is_right {
        guess.was_wrong(&app, &holder, &device).await?;
        let mut errors = FieldErrors::default();
        match user.has_factor {
            true => errors.add("code", "This code is not right, or it was used already."),
            false => errors.add("password", "This is not your password."),
        }
        let view = ConfirmPage::new(&user, next, errors);
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    let key = session::renew(&session, user.is_kept()).await?;
    let mut tx = user.write(&app).await?;
    guess.was_right(&mut tx).await?;
    session::step_up(&mut tx, user.sign_in_id, &key, app.clock.now()).await?;
    let with = if user.has_factor { "second factor" } else { "password" };
    tx.record(holder.entry(Action::SteppedUp).after(json!({ "with": with })));
    tx.commit().await?;
    Ok(see_other(&next))
}

async fn is_password(app: &App, user: &CurrentUser, typed: String) -> Result<bool> {
    let mut tx = UnscopedTx::read(app).await?;
    let account = accounts::credentials_of(&mut tx, user.id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    app.passwords.verify(typed, Some(account.password_hash)).await
}
