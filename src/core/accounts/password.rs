//! Changing the password while signed in.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::mail::PasswordChanged;
use super::profile::Tab;
use super::{changes, dispute, sql};
use crate::core::accounts::noun::PASSWORD_CHANGED;
use crate::core::factors::{Holder, guesses};
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::mail::outbox;
use crate::platform::passwords::{About, Chosen, PasswordField};
use crate::platform::session::known::{self, NewToken};
use crate::platform::session::{self, CurrentUser, Device};
use crate::platform::tenant::{UnscopedTx, organization_names};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_with_status};

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

/// Requires a second factor, if there is one, before the password is changed: it exists to protect
/// against somebody who only has the password.
fn ask_for_factor(app: &App, user: &CurrentUser) -> Result<()> {
    match user.has_factor {
        true => user.require_proof(app.clock.now(), Tab::Password.path()),
        false => Ok(()),
    }
}

/// `POST /account/password`: ends all other sign-ins, forgets all other browsers, and informs the
/// person by email.
pub async fn update(
    user: CurrentUser,
    State(app): State<App>,
    session: Session,
    device: Device,
    Form(form): Form<PasswordForm>,
) -> Result<Response> {
    ask_for_factor(&app, &user)?;
    let mut errors = FieldErrors::default();
    let mut tx = UnscopedTx::read(&app).await?;
    let known = sql::password_hash(&mut tx, user.id).await?;
    tx.commit().await?;
    let about = about(&app, user.id, &user.name, &user.email).await?;
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let password = errors.take("password", password);
    let holder = Holder::from(&user);
    let guess = guesses::take(&app, &holder, &device).await?;
    if app.passwords.verify(form.current_password, Some(known.clone())).await? {
        guess.was_right(&app).await?;
    } else {
        guess.was_wrong(&app, &holder, &device, "a password").await?;
        errors.add("current_password", "This is not your current password.");
    }
    let Some(password) = password.filter(|_| errors.is_empty()) else {
        let view = PasswordPage::new(field, &user, errors);
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
    };
    let hash = app.passwords.hash(password).await?;
    let mut tx = user.write(&app).await?;
    if !sql::change_password(&mut tx, user.id, &known, &hash).await? {
        errors.add("current_password", "Your password was changed a moment ago.");
        let view = PasswordPage::new(field, &user, errors);
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    let now = tx.now();
    session::end_others(&mut tx, user.id, user.sign_in_id, now).await?;
    changes::void_open(&mut tx, user.id, now).await?;
    let token = NewToken::new();
    let browser = known::remember(&mut tx, user.id, &device, &token).await?;
    known::forget_others(&mut tx, user.id, &browser).await?;
    tell(&mut tx, user.id, &user.name).await?;
    let account = super::object(user.id, &user.email);
    tx.record(Entry::new(PASSWORD_CHANGED, account).person(user.id));
    tx.commit().await?;
    // This browser gets a new session only now: if two requests compete, the losing one keeps its
    // session. The sign-in continues, unless somebody has ended it just now, which a newly started
    // one would survive.
    let key = session::renew(&session, user.is_kept()).await?;
    let mut tx = user.write(&app).await?;
    session::step_up(&mut tx, user.sign_in_id, &key, now).await?;
    // The same person in the same browser: the log already has the change.
    tx.commit_unrecorded().await?;
    let words = format!(
        "Your password has been changed. You have been signed out everywhere else.{}",
        field.remark()
    );
    Ok(token.put_into(&app, Flash::redirect("/account/password", words)))
}

/// What must not make up the account's password.
pub(super) async fn about(
    app: &App,
    user: UserId,
    name: &str,
    email: &EmailAddress,
) -> Result<About> {
    let organizations = organization_names(app, user, email.clone()).await?;
    let about = About::person(name, email.as_str());
    Ok(organizations.iter().fold(about, |about, name| about.and_organization(name)))
}

/// Tells the holder of an account that its password was changed.
pub(super) async fn tell(tx: &mut UnscopedTx, user: UserId, name: &str) -> Result<()> {
    let app = tx.app().clone();
    for told in dispute::announce(tx, user, "Your password was changed.").await? {
        let mail = PasswordChanged {
            name: name.to_owned(),
            when: tx.now().minute(),
            origin: told.origin,
            not_me_link: told.not_me_link,
            forgot_link: app.config.link("/password/forgot"),
        };
        outbox::enqueue(tx, &told.email, &mail).await?;
    }
    Ok(())
}
