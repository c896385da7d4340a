//! `/login/factor`: after the right password, before anything opens.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::accounts::{self, Credentials};
use crate::error::Result;
use crate::factors::challenge::{self, Challenge, Purpose};
use crate::factors::guesses;
use crate::factors::model::Holder;
use crate::factors::redeem::redeem;
use crate::platform::App;
use crate::platform::audit::chain::hex;
use crate::platform::ids::UserId;
use crate::platform::secrets::digest;
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_with_status, see_other};

/// Who is half-way in.
const HALFWAY: Purpose = Purpose("halfway");
/// Where it goes on.
const PATH: &str = "/login/factor";
/// A path that is longer does not fit into the cookie.
const NEXT_LENGTH: usize = 1000;

/// A sign-in with the right password, which is not enough.
pub(crate) struct Begun<'a> {
    /// The account.
    pub account: &'a Credentials,
    /// "Keep me signed in".
    pub keep: bool,
    /// Where to go after it.
    pub next: String,
}

/// What the browser carries meanwhile.
#[derive(Debug, Serialize, Deserialize)]
struct Halfway {
    user: UserId,
    /// Of the password's hash: with another password, there is nothing to go on with.
    password: String,
    keep: bool,
    next: String,
}

/// Asks for a second factor; so far nobody is signed in.
pub(crate) fn begin(app: &App, begun: Begun<'_>) -> Response {
    let Begun { account, keep, next } = begun;
    let next = if next.len() > NEXT_LENGTH { "/".to_owned() } else { next };
    let password = fingerprint(account);
    let halfway = Halfway { user: account.user_id, password, keep, next };
    challenge::set(app, HALFWAY, halfway, see_other(PATH))
}

fn fingerprint(account: &Credentials) -> String {
    hex(&digest(account.password_hash.as_bytes()))
}

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FactorForm {
    code: String,
}

impl Fields for FactorForm {}

#[derive(Template)]
#[template(path = "factors/sign_in.html")]
struct FactorPage {
    shell: Shell,
    errors: FieldErrors,
}

/// `GET /login/factor`
pub async fn show(State(app): State<App>, headers: HeaderMap, shell: Shell) -> Result<Response> {
    if find(&app, &headers).await?.is_none() {
        return Ok(over(&app));
    }
    page(&FactorPage { shell, errors: FieldErrors::default() })
}

/// `POST /login/factor`
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    session: Session,
    device: Device,
    shell: Shell,
    Form(form): Form<FactorForm>,
) -> Result<Response> {
    let Some((halfway, account)) = find(&app, &headers).await? else {
        return Ok(over(&app));
    };
    let Credentials { user_id, name, email, .. } = &account;
    let holder = Holder { id: *user_id, name: name.clone(), email: email.clone() };
    let guess = guesses::take(&app, &holder).await?;
    let mut tx = UnscopedTx::write(&app).await?.from(&device);
    if !redeem(&mut tx, &holder, &form.code, app.clock.now()).await? {
        drop(tx);
        guess.was_wrong(&app, &holder, &device).await?;
        let mut errors = FieldErrors::default();
        errors.add("code", "This code is not right, or it was used already.");
        let view = FactorPage { shell, errors };
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    guess.was_right(&mut tx).await?;
    let is_first = halfway.spend(&mut tx).await?;
    tx.commit().await?;
    finish(&app, &session, &device, &halfway.about, &account, is_first).await
}

async fn finish(
    app: &App,
    session: &Session,
    device: &Device,
    halfway: &Halfway,
    account: &Credentials,
    is_first: bool,
) -> Result<Response> {
    let with = "password and second factor";
    let is_in = is_first
        && accounts::start(app, session, device, account, halfway.keep, with).await?;
    if !is_in {
        return Ok(over(app));
    }
    Ok(challenge::clear(app, HALFWAY, see_other(&halfway.next)))
}

/// Who is half-way in with this browser, unless the password was changed since.
async fn find(
    app: &App,
    headers: &HeaderMap,
) -> Result<Option<(Challenge<Halfway>, Credentials)>> {
    let Some(halfway) = challenge::read::<Halfway>(app, HALFWAY, headers) else {
        return Ok(None);
    };
    let mut tx = UnscopedTx::read(app).await?;
    let account = accounts::credentials_of(&mut tx, halfway.about.user).await?;
    tx.commit().await?;
    let account = account.filter(|account| fingerprint(account) == halfway.about.password);
    Ok(account.map(|account| (halfway, account)))
}

/// Back to the beginning.
fn over(app: &App) -> Response {
    let words = "That took too long, or it was done already. Sign in again.";
    challenge::clear(app, HALFWAY, Flash::redirect("/login", words))
}
