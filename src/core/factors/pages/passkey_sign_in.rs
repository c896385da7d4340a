//! `/login/passkey`: signing in with only a passkey. It proves both possession of the device and
//! that its holder has unlocked it, so nothing else is asked for.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use crate::core::accounts::{self, Started};
use crate::core::factors::challenge::{self, Purpose};
use crate::core::factors::guesses;
use crate::core::factors::passkeys::{self, Ceremony, site};
use crate::core::factors::redeem::{PasskeyAnswer, look_at_passkey};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::session::Device;
use crate::platform::throttle::{self, Kind};
use crate::platform::web::flash::Tone;
use crate::platform::web::form::Fields;
use crate::platform::web::page::local_path;
use crate::platform::web::typed;
use crate::platform::web::{Flash, Form, Params, Shell, page};

/// A challenge for anybody's passkey.
const WHOLE: Purpose = Purpose("passkey-in");

/// Where to go after signing in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PasskeyParams {
    next: String,
}

#[derive(Template)]
#[template(path = "core/factors/passkey_sign_in.html")]
struct PasskeyPage {
    shell: Shell,
    options: String,
    next: String,
    /// What was typed before the sign-in, sealed.
    kept: String,
}

/// `GET /login/passkey`
pub async fn show(
    State(app): State<App>,
    shell: Shell,
    Params(params): Params<PasskeyParams>,
) -> Result<Response> {
    ask(&app, shell, &params.next, String::new())
}

fn ask(app: &App, shell: Shell, next: &str, kept: String) -> Result<Response> {
    let site = site(app).ok_or(AppError::NotFound)?;
    let asked = site.ask(None, None)?;
    let next = local_path(next, "/");
    let view = page(&PasskeyPage { shell, options: asked.options, next, kept })?;
    Ok(challenge::set(app, WHOLE, asked.ceremony, view))
}

/// The fields of the form; the script has put the credential into it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasskeyForm {
    credential: String,
    remember: String,
    next: String,
    kept: String,
}

impl Fields for PasskeyForm {}

/// `POST /login/passkey`
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    session: Session,
    device: Device,
    shell: Shell,
    Form(form): Form<PasskeyForm>,
) -> Result<Response> {
    if form.credential.is_empty() && !form.kept.is_empty() {
        return ask(&app, shell, &form.next, form.kept);
    }
    let challenge = challenge::read::<Ceremony>(&app, WHOLE, &headers);
    let answer = PasskeyAnswer { challenge: challenge.as_ref(), credential: &form.credential };
    let mut counted = vec![throttle::take_from(&app, Kind::Passkey, &device).await?];
    let owner = passkeys::owner(&app, &form.credential).await?;
    if let Some(owner) = owner {
        counted.push(throttle::take_of(&app, Kind::Passkey, owner, &device).await?);
    }
    let Some(account) = look_at_passkey(&app, &device, answer).await? else {
        guesses::note(&app, owner, &device, "a passkey");
        return Ok(over(&app));
    };
    for counted in counted {
        counted.take_back(&app).await?;
    }
    let keep = !form.remember.is_empty();
    let started = accounts::start(&app, &session, &device, &account, keep, "passkey").await?;
    Ok(match started {
        Started::In(token) => {
            let next = local_path(&form.next, "/");
            let next = typed::resume(&app, &form.kept, &next, &account.name)?;
            token.put_into(&app, challenge::clear(&app, WHOLE, next))
        }
        Started::Suspended(words) => {
            challenge::clear(&app, WHOLE, Flash::with_tone("/login", Tone::Refused, words))
        }
        Started::Refused => over(&app),
    })
}

/// Back to the start.
fn over(app: &App) -> Response {
    let words = "We don't recognize this passkey, or it took too long. Try again.";
    challenge::clear(app, WHOLE, Flash::with_tone("/login", Tone::Refused, words))
}
