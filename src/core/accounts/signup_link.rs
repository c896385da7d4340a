//! Signing up with a link that confirms the address first, if the installation requires it
//! (`TENANTRY_SIGN_UP=confirm`).
//!
//! Nothing then reveals whether an address has an account: every sign-up waits, all get the same
//! answer, and only the owner of the address reads the email. The password is chosen after opening
//! the link, so that nobody can set theirs for somebody else's address.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use time::Duration;
use tower_sessions::Session;

use super::mail::{AlreadyRegistered, FinishSignUp};
use super::newcomer::{Admission, NewAccount, Newcomer, admit};
use super::sql;
use crate::core::accounts::noun::{SIGN_UP_ASKED, SignUpId, USER_EMAIL};
use crate::core::join;
use crate::platform::App;
use crate::platform::audit::object;
use crate::platform::audit::{Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::config::SignUp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::mail::{Quoted, outbox};
use crate::platform::passwords::{About, Chosen, PasswordField};
use crate::platform::secrets::Token;
use crate::platform::session::known::NewToken;
use crate::platform::session::{self, Device, SessionKey};
use crate::platform::tenant::UnscopedTx;
use crate::platform::throttle::{self, Kind};
use crate::platform::web::form::Fields;
use crate::platform::web::offers::Offers;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::{Onward, SIGN_IN, SIGN_UP};
use crate::platform::web::{FieldErrors, Form, Shell, TokenPath, page, page_again, see_other};

/// How long the link is valid.
const LIFETIME: Duration = Duration::hours(24);

/// How many emails about signing up an address gets in 24 hours: anybody can request them.
pub(super) const PER_DAY: i64 = 5;

const TAKEN: &str = "This email address already has an account.";

/// The request of a person who wants to sign up.
pub(super) struct SignupRequest {
    pub name: String,
    pub email: EmailAddress,
    /// The name of the organization to create, if any.
    pub organization: Option<String>,
}

/// Emails the link, or tells the owner of the address that there is an account already.
pub(super) async fn ask(app: &App, device: &Device, request: &SignupRequest) -> Result<()> {
    let now = app.clock.now();
    let token = Token::random();
    let mut tx = UnscopedTx::write(app).await?.from(device);
    tx.query(unscoped_sql!(
        "insert into sign_ups (id, name, email, organization, token_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ))
    .bind(SignUpId::new())
    .bind(&request.name)
    .bind(&request.email)
    .bind(request.organization.as_deref().unwrap_or_default())
    .bind(token.digest())
    .bind(now)
    .bind(now.plus(LIFETIME))
    .execute()
    .await?;
    let since = now.plus(-Duration::days(1));
    let told = outbox::count_since::<FinishSignUp>(&mut tx, &request.email, since).await?
        + outbox::count_since::<AlreadyRegistered>(&mut tx, &request.email, since).await?;
    match sql::credentials(&mut tx, &request.email).await? {
        // The answer does not reveal that there were too many; today's emails can still be read.
        _ if told >= PER_DAY => {}
        Some(owner) => {
            let mail = AlreadyRegistered::new(app, owner.name);
            outbox::enqueue(&mut tx, &request.email, &mail).await?;
        }
        None => {
            let mail = FinishSignUp {
                name: Quoted::name(&request.name),
                organization: request.organization.as_deref().map(Quoted::name),
                link: app.config.link(&format!("/signup/{}", token.expose())),
            };
            outbox::enqueue(&mut tx, &request.email, &mail).await?;
        }
    }
    tx.record(Entry::new(SIGN_UP_ASKED, Object::named(object::ADDRESS, request.email.to_string())));
    tx.commit().await
}

/// A sign-up that waits for its link.
#[derive(Clone, Debug, FromRow)]
struct Waiting {
    id: SignUpId,
    name: String,
    email: EmailAddress,
    /// Empty if none is to be created.
    organization: String,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
}

impl Waiting {
    /// The organization to create with the account; `None` if only operators can create
    /// organizations by now.
    fn organization(&self, app: &App) -> Option<String> {
        let is_started = !self.organization.is_empty() && Offers::of(app).founding;
        is_started.then(|| self.organization.clone())
    }
}

const CLOSED: &str = "Sign-up has been closed since we sent this link. Ask the operator of this \
                      installation for an account, or a colleague for an invitation.";
const OTHER_DOMAIN: &str = "Your email address can't be used to sign up anymore. Ask a colleague \
                            for an invitation.";

/// The sign-up that the token completes; the token stays valid.
///
/// # Errors
/// [`AppError::LinkGone`] with a message that says why the link no longer works.
async fn check(tx: &mut UnscopedTx, token: &Token) -> Result<Waiting> {
    let found: Option<Waiting> = tx
        .query(unscoped_sql!(
            "select id, name, email, organization, expires_at, used_at
             from sign_ups where token_hash = $1"
        ))
        .bind(token.digest())
        .optional()
        .await?;
    let waiting = found.ok_or(AppError::NotFound)?;
    if waiting.used_at.is_some() {
        Err(AppError::LinkGone { words: "This link has already been used.", onward: SIGN_IN })
    } else if tx.app().config.sign_up == SignUp::Closed {
        Err(AppError::LinkGone { words: CLOSED, onward: SIGN_IN })
    } else if !tx.app().config.sign_up_domains.hold(&waiting.email) {
        Err(AppError::LinkGone { words: OTHER_DOMAIN, onward: SIGN_IN })
    } else if waiting.expires_at <= tx.now() {
        Err(AppError::LinkGone { words: "This link has expired.", onward: SIGN_UP })
    } else {
        Ok(waiting)
    }
}

/// Uses up the token in the transaction that creates the account: of concurrent attempts, only one
/// succeeds.
pub(super) async fn spend(tx: &mut UnscopedTx, id: SignUpId) -> Result<()> {
    let now = tx.now();
    let spent = tx
        .query(unscoped_sql!(
            "update sign_ups set used_at = $1
             where id = $2 and used_at is null and expires_at > $1"
        ))
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    match spent {
        1 => Ok(()),
        _ => Err(AppError::LinkGone { words: "This link has already been used.", onward: SIGN_IN }),
    }
}

/// The fields of the form, which are never shown again.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FinishForm {
    password: String,
}

impl Fields for FinishForm {}

#[derive(Template)]
#[template(path = "core/accounts/signup_finish.html")]
struct FinishPage {
    shell: Shell,
    email: EmailAddress,
    organization: Option<String>,
    path: String,
    errors: FieldErrors,
    password: PasswordField,
}

impl FinishPage {
    fn new(
        app: &App,
        shell: Shell,
        waiting: Waiting,
        path: String,
        errors: FieldErrors,
        password: PasswordField,
    ) -> Self {
        let organization = waiting.organization(app);
        let email = waiting.email;
        Self { shell, email, organization, path, errors, password }
    }
}

/// The link that completes a sign-up.
pub struct SignUpLink;

impl Link for SignUpLink {
    const PURPOSE: &'static str = "sign-up";
    const PATH: &'static str = "/signup/link";
    const ONWARD: Onward = SIGN_UP;
}

/// `GET /signup/{token}`: moves the token out of the URL without using it, because programs open
/// links in emails.
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    TokenPath(token): TokenPath,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    check(&mut tx, &token).await?;
    tx.commit().await?;
    opened::put_away::<SignUpLink>(&app, &headers, &token)
}

/// `GET /signup/link/{link}`
pub async fn show(
    State(app): State<App>,
    shell: Shell,
    link: Opened<SignUpLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    let waiting = check(&mut tx, &link.token).await?;
    tx.commit().await?;
    let field = app.passwords.field();
    page(&FinishPage::new(&app, shell, waiting, link.path, FieldErrors::default(), field))
}

/// `POST /signup/link/{link}`: creates the account, its organization and its owner, with the
/// address confirmed.
pub async fn finish(
    State(app): State<App>,
    session: Session,
    device: Device,
    headers: HeaderMap,
    shell: Shell,
    Opened { token, path, .. }: Opened<SignUpLink>,
    Form(form): Form<FinishForm>,
) -> Result<Response> {
    let _counted = throttle::take_from(&app, Kind::SignUp, &device).await?;
    let mut tx = UnscopedTx::read(&app).await?;
    let waiting = check(&mut tx, &token).await?;
    let is_taken = sql::credentials(&mut tx, &waiting.email).await?.is_some();
    tx.commit().await?;
    if is_taken {
        // Anyone who has the link may learn that the address is taken.
        return Err(AppError::LinkGone { words: TAKEN, onward: SIGN_IN });
    }
    let mut errors = FieldErrors::default();
    let about = About::person(&waiting.name, waiting.email.as_str());
    let organization = waiting.organization(&app);
    let about = about.and_organization(organization.as_deref().unwrap_or_default());
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let Some(password) = errors.take("password", password) else {
        let view = FinishPage::new(&app, shell, waiting, path, errors, field);
        return page_again(&view);
    };
    let hash = app.passwords.hash(password).await?;
    let replaced = SessionKey::of(&session);
    let key = session::renew(&session, false).await?;
    let Waiting { id, name, email, .. } = waiting;
    let account = NewAccount { name, email, hash, verified: true };
    let (browser, admission) = (NewToken::new(), Admission::Mailed(id));
    // Someone who wanted to join with a link had to do this first.
    let next = join::waiting(&app, &headers);
    let newcomer =
        Newcomer { account, organization, device, browser, key, replaced, admission, next };
    match admit(&app, &newcomer).await {
        Err(error) if error.breaks(USER_EMAIL) => {
            Err(AppError::LinkGone { words: TAKEN, onward: SIGN_IN })
        }
        admitted => Ok(newcomer.browser.put_into(&app, see_other(&admitted?))),
    }
}
