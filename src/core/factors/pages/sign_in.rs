//! `/login/factor`: the second step of signing in, after the correct password.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::core::accounts::{self, Credentials, Started};
use crate::core::factors::challenge::{self, Challenge, Purpose};
use crate::core::factors::passkeys::{self, Ceremony};
use crate::core::factors::prove::prove_half_way;
use crate::core::factors::redeem::PasskeyAnswer;
use crate::platform::App;
use crate::platform::audit::chain::hex;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::secrets::digest;
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Tone;
use crate::platform::web::form::Fields;
use crate::platform::web::typed;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_again, see_other};

/// The challenge that identifies the pending sign-in.
const PENDING: Purpose = Purpose("halfway");
/// A challenge for one of their passkeys.
const SECOND: Purpose = Purpose("passkey-second");
/// The path of the page.
const PATH: &str = "/login/factor";
/// The longest path to return to: a longer one does not fit into the cookie.
const NEXT_LENGTH: usize = 1000;

/// A sign-in with the correct password, which needs a second factor.
pub(crate) struct PendingSignIn<'a> {
    /// The account.
    pub account: &'a Credentials,
    /// "Keep me signed in".
    pub keep: bool,
    /// Where to go afterwards.
    pub next: String,
    /// What was typed before the sign-in, sealed.
    pub kept: String,
}

/// What the browser carries meanwhile.
#[derive(Debug, Serialize, Deserialize)]
struct PendingCookie {
    user: UserId,
    /// A digest of the password's hash: if the password changes, the sign-in cannot continue.
    password: String,
    keep: bool,
    next: String,
}

/// Asks for a second factor; nobody is signed in yet.
///
/// # Errors
/// When the page cannot be rendered.
pub(crate) async fn begin(app: &App, shell: Shell, pending: PendingSignIn<'_>) -> Result<Response> {
    let PendingSignIn { account, keep, next, kept } = pending;
    let next = if next.len() > NEXT_LENGTH { "/".to_owned() } else { next };
    let password = fingerprint(account);
    let pending = PendingCookie { user: account.user_id, password, keep, next };
    let answer = match kept.is_empty() {
        true => see_other(PATH),
        // What was typed is carried from page to page.
        false => {
            FactorPage::respond(app, account.user_id, shell, FieldErrors::default(), kept).await?
        }
    };
    Ok(challenge::set(app, PENDING, pending, answer))
}

fn fingerprint(account: &Credentials) -> String {
    hex(&digest(account.password_hash.as_bytes()))
}

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FactorForm {
    code: String,
    credential: String,
    kept: String,
}

impl Fields for FactorForm {}

#[derive(Template)]
#[template(path = "core/factors/sign_in.html")]
struct FactorPage {
    shell: Shell,
    errors: FieldErrors,
    /// The options for a passkey of the account, if it has one.
    options: Option<String>,
    /// What was typed before the sign-in, sealed.
    kept: String,
}

impl FactorPage {
    async fn respond(
        app: &App,
        user: UserId,
        shell: Shell,
        errors: FieldErrors,
        kept: String,
    ) -> Result<Response> {
        let asked = passkeys::ask_of(app, user, None).await?;
        let (options, ceremony) = asked.map(|a| (a.options, a.ceremony)).unzip();
        let view = Self { shell, errors, options, kept };
        let response = if view.errors.is_empty() { page(&view) } else { page_again(&view) }?;
        Ok(match ceremony {
            Some(ceremony) => challenge::set(app, SECOND, ceremony, response),
            None => response,
        })
    }
}

/// `GET /login/factor`
pub async fn show(State(app): State<App>, headers: HeaderMap, shell: Shell) -> Result<Response> {
    let Some((_, account)) = find(&app, &headers).await? else {
        return Ok(over(&app));
    };
    FactorPage::respond(&app, account.user_id, shell, FieldErrors::default(), String::new()).await
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
    let Some((pending, account)) = find(&app, &headers).await? else {
        return Ok(over(&app));
    };
    let asked = challenge::read::<Ceremony>(&app, SECOND, &headers);
    let passkey = (!form.credential.is_empty())
        .then(|| PasskeyAnswer { challenge: asked.as_ref(), credential: &form.credential });
    let proved = prove_half_way(&app, &device, &pending, &account, passkey, &form.code).await;
    let FactorForm { kept, .. } = form;
    match proved {
        Ok(true) => finish(&app, &session, &device, &pending.about, &account, &kept).await,
        Ok(false) => Ok(over(&app)),
        Err(refusal) => {
            FactorPage::respond(&app, account.user_id, shell, refusal.fields()?, kept).await
        }
    }
}

async fn finish(
    app: &App,
    session: &Session,
    device: &Device,
    pending: &PendingCookie,
    account: &Credentials,
    kept: &str,
) -> Result<Response> {
    let with = "password and second factor";
    Ok(match accounts::start(app, session, device, account, pending.keep, with).await? {
        Started::In(token) => token.put_into(
            app,
            challenge::clear(app, PENDING, typed::resume(app, kept, &pending.next, &account.name)?),
        ),
        Started::Refused => over(app),
        Started::Suspended(words) => {
            challenge::clear(app, PENDING, Flash::with_tone("/login", Tone::Refused, words))
        }
    })
}

/// The account whose sign-in is pending in this browser, unless its password was changed since.
async fn find(
    app: &App,
    headers: &HeaderMap,
) -> Result<Option<(Challenge<PendingCookie>, Credentials)>> {
    let Some(pending) = challenge::read::<PendingCookie>(app, PENDING, headers) else {
        return Ok(None);
    };
    let mut tx = UnscopedTx::read(app).await?;
    let account = accounts::credentials_of(&mut tx, pending.about.user).await?;
    tx.commit().await?;
    let account = account.filter(|account| fingerprint(account) == pending.about.password);
    Ok(account.map(|account| (pending, account)))
}

/// Back to the start.
fn over(app: &App) -> Response {
    let words = "That took too long, or you've already done it. Sign in again.";
    challenge::clear(app, PENDING, Flash::with_tone("/login", Tone::Refused, words))
}
