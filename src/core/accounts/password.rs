//! Changing the password while signed in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::commands;
use super::new_password::{self, ask_for_factor};
use super::profile::Tab;
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::passwords::{Chosen, PasswordField};
use crate::platform::session::{self, CurrentUser, Device};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_again, see_other};

/// The fields of the form, which are never shown again.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordForm {
    current_password: String,
    password: String,
}

impl Fields for PasswordForm {}

#[derive(Template)]
#[template(path = "core/accounts/password.html")]
struct PasswordPage {
    shell: Shell,
    tab: Tab,
    email: EmailAddress,
    errors: FieldErrors,
    password: PasswordField,
}

impl PasswordPage {
    fn new(password: PasswordField, user: &CurrentUser, errors: FieldErrors) -> Self {
        Self {
            shell: Shell::signed_in(user),
            tab: Tab::Password,
            email: user.email.clone(),
            errors,
            password,
        }
    }
}

/// `GET /.well-known/change-password`: password managers ask there for the page.
pub async fn well_known() -> Response {
    see_other("/account/password")
}

/// `GET /account/password`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    received: Received,
) -> Result<Response> {
    ask_for_factor(&app, &user)?;
    let mut view = PasswordPage::new(app.passwords.field(), &user, FieldErrors::default());
    view.shell = view.shell.with(received);
    page(&view)
}

/// `POST /account/password`
pub async fn update(
    user: CurrentUser,
    State(app): State<App>,
    session: Session,
    device: Device,
    Form(form): Form<PasswordForm>,
) -> Result<Response> {
    ask_for_factor(&app, &user)?;
    let about = new_password::about(&app, user.id, &user.name, &user.email).await?;
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let current = form.current_password;
    let token = match new_password::change(&app, &user, &device, current, password).await {
        Ok(token) => token,
        Err(refusal) => {
            let view = PasswordPage::new(field, &user, refusal.fields()?);
            return page_again(&view);
        }
    };
    // This browser gets a new session only now: if two requests compete, the losing one keeps its
    // session. The sign-in continues, unless somebody has ended it just now, which a newly started
    // one would survive.
    let key = session::renew(&session, user.is_kept()).await?;
    commands::renew_sign_in(&app, &user, &key).await?;
    let words =
        format!("Password changed. You've been signed out everywhere else.{}", field.remark());
    Ok(token.put_into(&app, Flash::redirect("/account/password", words)))
}
