//! Forgotten passwords: the same answer for every address, and a link that is valid for an hour.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::new_password;
use super::tokens::{self, Purpose};
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::mail::outbox;
use crate::platform::passwords::{Chosen, PasswordField};
use crate::platform::secrets::Token;
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;
use crate::platform::throttle;
use crate::platform::web::cookie;
use crate::platform::web::flash::Tone;
use crate::platform::web::form::Fields;
use crate::platform::web::{
    FieldErrors, Flash, Form, Shell, TokenPath, page, page_again, see_other,
};

/// The cookie with the sealed token, after it has left the URL. A session would not do: the
/// previous user of this browser may know its id.
const COOKIE: &str = "reset";

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForgotForm {
    email: String,
}

impl Fields for ForgotForm {}

#[derive(Template)]
#[template(path = "core/accounts/forgot.html")]
struct ForgotPage {
    shell: Shell,
    form: ForgotForm,
    errors: FieldErrors,
}

/// `GET /password/forgot`
pub async fn forgot(shell: Shell) -> Result<Response> {
    page(&ForgotPage { shell, form: ForgotForm::default(), errors: FieldErrors::default() })
}

/// `POST /password/forgot`
pub async fn request(
    State(app): State<App>,
    device: Device,
    shell: Shell,
    Form(form): Form<ForgotForm>,
) -> Result<Response> {
    if !outbox::is_sent(&app) {
        // The page says whom to ask, whatever address was typed.
        return Ok(see_other("/password/forgot"));
    }
    let mut errors = FieldErrors::default();
    let Some(email) = errors.take("email", EmailAddress::of_account(&form.email)) else {
        let view = ForgotPage { shell, form, errors };
        return page_again(&view);
    };
    new_password::ask(&app, &device, &email).await?;
    Ok(Flash::with_tone(
        "/login",
        Tone::ToDo,
        format!(
            "If {email} has an account, we've sent a link to set a new password. Check your \
                 inbox."
        ),
    ))
}

/// `GET /password/reset/{token}`: moves the token out of the URL without using it.
pub async fn open(State(app): State<App>, TokenPath(token): TokenPath) -> Result<Response> {
    tokens::look(&app, &token, Purpose::Reset).await?;
    Ok(carrying(&app, &token))
}

/// Continues with setting a new password, for somebody who has shown both the address and the
/// previous password; `None` if links were requested too often.
pub(super) async fn begin(
    app: &App,
    user: UserId,
    email: &EmailAddress,
) -> Result<Option<Response>> {
    let Some(token) = new_password::ask_at_once(app, user, email).await? else {
        return Ok(None);
    };
    let words = "Account recovered. Everyone has been signed out.";
    let flash = Flash { text: words.to_owned(), tone: Tone::ToDo, undo: None };
    Ok(Some((flash, carrying(app, &token)).into_response()))
}

/// Redirects to the form, with the token in a cookie.
fn carrying(app: &App, token: &Token) -> Response {
    let sealed = app.keyring.seal(COOKIE, token.expose().as_bytes());
    let lifetime = Purpose::Reset.lifetime().whole_seconds() as u32;
    with_cookie(app, &URL_SAFE_NO_PAD.encode(sealed), lifetime, see_other("/password/reset"))
}

fn with_cookie(app: &App, value: &str, max_age: u32, response: Response) -> Response {
    let cookie = cookie::write(COOKIE, value, max_age, &app.config);
    (AppendHeaders([(SET_COOKIE, cookie)]), response).into_response()
}

/// The token stored by [`open`].
fn token_in(app: &App, headers: &HeaderMap) -> Result<Token> {
    let token = cookie::read(headers, COOKIE, &app.config, |sealed| {
        let token = app.keyring.open(COOKIE, &URL_SAFE_NO_PAD.decode(sealed).ok()?).ok()?;
        Token::parse(std::str::from_utf8(&token).ok()?)
    });
    token.ok_or(AppError::LinkGone {
        words: "Open the link again.",
        onward: Purpose::Reset.onward(),
    })
}

/// The fields of the form, which are never shown again.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResetForm {
    password: String,
}

impl Fields for ResetForm {}

#[derive(Template)]
#[template(path = "core/accounts/reset.html")]
struct ResetPage {
    shell: Shell,
    email: EmailAddress,
    errors: FieldErrors,
    password: PasswordField,
}

/// `GET /password/reset`
pub async fn show(State(app): State<App>, headers: HeaderMap, shell: Shell) -> Result<Response> {
    let token = token_in(&app, &headers)?;
    let good = tokens::look(&app, &token, Purpose::Reset).await?;
    page(&ResetPage {
        shell,
        email: good.email,
        errors: FieldErrors::default(),
        password: app.passwords.field(),
    })
}

/// `POST /password/reset`: signs nobody in.
pub async fn update(
    State(app): State<App>,
    headers: HeaderMap,
    device: Device,
    shell: Shell,
    Form(form): Form<ResetForm>,
) -> Result<Response> {
    let counted = throttle::take_from(&app, throttle::Kind::NewPassword, &device).await?;
    let token = token_in(&app, &headers)?;
    let mut tx = UnscopedTx::read(&app).await?;
    let good = tokens::check(&mut tx, &token, Purpose::Reset).await?;
    let name = new_password::holder_of(&mut tx, &good).await?;
    tx.commit().await?;
    counted.take_back(&app).await?;
    let mut errors = FieldErrors::default();
    let about = new_password::about(&app, good.user_id, &name, &good.email).await?;
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let Some(password) = errors.take("password", password) else {
        let view = ResetPage { shell, email: good.email, errors, password: field };
        return page_again(&view);
    };
    let browser = new_password::reset(&app, &device, &token, password).await?;
    let words = format!("Password changed. Sign in with your new password.{}", field.remark());
    let done = browser.put_into(&app, Flash::with_tone("/login", Tone::ToDo, words));
    Ok(with_cookie(&app, "", 0, done))
}
