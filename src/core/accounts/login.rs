//! Signing in and out.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use tower_sessions::Session;

use super::notices;
use super::sql::{self, Credentials};
use super::suspension;
use crate::core::accounts::noun::{SIGN_IN_FAILED, SIGN_IN_STARTED};
use crate::core::factors::{self, PendingSignIn};
use crate::core::join;
use crate::platform::App;
use crate::platform::audit::{ActorKind, Who};
use crate::platform::email::EmailAddress;
use crate::platform::error::{Result, way_on};
use crate::platform::ids::OrganizationId;
use crate::platform::session::known::{self, NewToken};
use crate::platform::session::{self, Device, MaybeUser, NewSession, SessionKey};
use crate::platform::tenant::UnscopedTx;
use crate::platform::throttle::{self, Kind, Proved};
use crate::platform::web::form::Fields;
use crate::platform::web::page::local_path;
use crate::platform::web::typed::{self, Typed};
use crate::platform::web::{
    FieldErrors, Flash, Form, Params, Shell, page, page_again, page_with_status, see_other,
};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoginForm {
    email: String,
    password: String,
    remember: String,
    next: String,
    /// The sealed content of another form, which the person sent before they had to sign in.
    kept: String,
}

impl Fields for LoginForm {}

/// Where to go after signing in, and the address to fill in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LoginParams {
    next: String,
    email: String,
}

#[derive(Template)]
#[template(path = "core/accounts/login.html")]
struct LoginPage {
    shell: Shell,
    form: LoginForm,
    errors: FieldErrors,
    /// Whether browsers can store passkeys for this installation.
    has_passkeys: bool,
    /// The content of the form that required signing in.
    typed: Option<Typed>,
}

impl LoginPage {
    /// Where people create an account. Someone who joins with a link goes on with it afterwards.
    fn sign_up_path(&self) -> String {
        match join::page_of_link(&self.form.next) {
            Some(page) => way_on("/signup", page),
            None => "/signup".to_owned(),
        }
    }
}

/// `GET /login`
pub async fn show(
    user: MaybeUser,
    State(app): State<App>,
    shell: Shell,
    Params(params): Params<LoginParams>,
) -> Result<Response> {
    let next = local_path(&params.next, "/");
    if user.0.is_some() {
        return Ok(see_other(&next));
    }
    let form = LoginForm { email: params.email, next, ..LoginForm::default() };
    let has_passkeys = factors::has_passkeys(&app);
    page(&LoginPage { shell, form, errors: FieldErrors::default(), has_passkeys, typed: None })
}

/// `POST /login`
pub async fn create(
    State(app): State<App>,
    session: Session,
    device: Device,
    shell: Shell,
    Form(mut form): Form<LoginForm>,
) -> Result<Response> {
    let keep = !form.remember.is_empty();
    let counted = throttle::take(&app, Kind::SignIn, &form.email, &device).await?;
    let mut attempt = authenticate(&app, &form.email, &form.password).await?;
    let next = local_path(&form.next, "/");
    let password = std::mem::take(&mut form.password);
    let mut page = LoginPage {
        shell,
        typed: Typed::open(&app, &form.kept),
        form,
        errors: FieldErrors::default(),
        has_passkeys: factors::has_passkeys(&app),
    };
    match &mut attempt.account {
        Some(account) if attempt.is_right => {
            counted.take_back(&app).await?;
            renew_hash(&app, account, &password).await?;
            if account.has_factor {
                let kept = page.form.kept;
                let pending = PendingSignIn { account, keep, next, kept };
                return factors::begin(&app, page.shell, pending).await;
            }
            match start(&app, &session, &device, account, keep, "password").await? {
                Started::In(token) => {
                    return Ok(token.put_into(
                        &app,
                        typed::resume(&app, &page.form.kept, &next, &account.name)?,
                    ));
                }
                Started::Suspended(words) => {
                    page.errors.add("", words);
                    return page_with_status(StatusCode::FORBIDDEN, &page);
                }
                Started::Refused => {}
            }
        }
        _ if counted.is_at_limit => notices::guesses_at_limit(&app, &page.form.email).await?,
        _ => {}
    }
    note_failure(&app, &device, attempt.account.as_ref());
    page.errors.add("", "Incorrect email or password.");
    page_again(&page)
}

/// The result of checking an address and a password.
struct Attempt {
    /// The account with the address.
    account: Option<Credentials>,
    /// Whether the password is correct.
    is_right: bool,
}

/// Records a failed attempt in the audit log, in the background, because the answer must not take
/// longer for an account that exists. The input is not recorded: it may be a password in the wrong
/// field.
fn note_failure(app: &App, device: &Device, account: Option<&Credentials>) {
    tracing::info!(address = %device.address, "sign-in refused");
    let who = Who { kind: ActorKind::Anonymous, device: Some(device.clone()), ..Who::system() };
    let person = account.map(|account| account.user_id);
    let outside = OrganizationId::OUTSIDE;
    let aim = if person.is_some() { "an account" } else { "no account" };
    app.refusals.note(outside, SIGN_IN_FAILED, &who, person, aim, app.clock.now());
}

/// Checks the password of the account with this address. It takes as long if there is none.
async fn authenticate(app: &App, email: &str, password: &str) -> Result<Attempt> {
    let found = match EmailAddress::of_account(email) {
        Ok(email) => {
            let mut tx = UnscopedTx::read(app).await?;
            let found = sql::credentials(&mut tx, &email).await?;
            tx.commit().await?;
            found
        }
        Err(_) => None,
    };
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let is_right = app.passwords.verify(password.to_owned(), hash).await?;
    Ok(Attempt { account: found, is_right })
}

/// Rehashes a correct password if its hash has weaker parameters than the current ones.
async fn renew_hash(app: &App, account: &mut Credentials, right: &str) -> Result<()> {
    if let Some(hash) = app.passwords.renewed(right, &account.password_hash).await?
        && sql::renew_hash(app, account, &hash).await?
    {
        account.password_hash = hash;
    }
    Ok(())
}

/// The result of signing in.
#[derive(Debug)]
pub(crate) enum Started {
    /// The person is signed in, and the browser gets a new token.
    In(NewToken),
    /// The password was changed since the account was read.
    Refused,
    /// The account is suspended; the words say why, and whom to ask.
    Suspended(String),
}

/// Signs the person in with this session, after they have shown everything that the account
/// requires, unless its password was changed since the account was read or it is suspended. The
/// browser is known from now on, by the returned token.
pub(crate) async fn start(
    app: &App,
    session: &Session,
    device: &Device,
    account: &Credentials,
    keep: bool,
    with: &'static str,
) -> Result<Started> {
    if account.is_suspended {
        return refuse_suspended(app, device, account).await;
    }
    let replaced = SessionKey::of(session);
    let key = session::renew(session, keep).await?;
    let Credentials { user_id, email, password_hash, .. } = account;
    let mut tx = UnscopedTx::write(app).await?.from(device);
    if !sql::replace_password(&mut tx, *user_id, password_hash, password_hash).await? {
        return Ok(Started::Refused);
    }
    // Checked after the account is locked, because it may have been suspended just now.
    if suspension::is_suspended(&mut tx, *user_id).await? {
        drop(tx);
        return refuse_suspended(app, device, account).await;
    }
    tx.acting(*user_id, &account.name, email);
    let now = app.clock.now();
    let is_first = sql::is_first_sign_in(&mut tx, *user_id, now).await?;
    let new_session = NewSession { key: &key, replaced, device, keep, with };
    session::start(&mut tx, *user_id, new_session, now).await?;
    let token = NewToken::new();
    let known = known::remember(&mut tx, *user_id, device, &token).await?;
    let failures =
        throttle::start_over(&mut tx, *user_id, email, &known, Proved::Everything).await?;
    let is_new = !known.was_known && !is_first;
    notices::signed_in(&mut tx, account, device, is_new, failures).await?;
    let browser = if known.was_known { "known" } else { "new" };
    let entry = super::entry(SIGN_IN_STARTED, *user_id, email);
    tx.record(entry.after(json!({ "with": with, "browser": browser })));
    tx.commit().await?;
    Ok(Started::In(token))
}

async fn refuse_suspended(app: &App, device: &Device, account: &Credentials) -> Result<Started> {
    let who = Who { kind: ActorKind::Anonymous, device: Some(device.clone()), ..Who::system() };
    let (outside, now) = (OrganizationId::OUTSIDE, app.clock.now());
    let person = Some(account.user_id);
    app.refusals.note(outside, SIGN_IN_FAILED, &who, person, "a suspended account", now);
    Ok(Started::Suspended(suspension::words(app, account.user_id).await?))
}

/// Where to go after signing out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogoutForm {
    next: String,
}

impl Fields for LogoutForm {}

/// `POST /logout`
pub async fn end(
    State(app): State<App>,
    session: Session,
    device: Device,
    Form(form): Form<LogoutForm>,
) -> Result<Response> {
    session::sign_out(&app, &session, &device).await?;
    Ok(Flash::redirect(&local_path(&form.next, "/login"), "You've been signed out."))
}
