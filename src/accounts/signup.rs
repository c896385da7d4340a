//! Signing up: the account, its organization and its owner, together or not at all.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use time::Duration;
use tower_sessions::Session;

use super::login::{Started, start};
use super::mail::{AlreadyRegistered, Welcome};
use super::model::person_name;
use super::signup_link::{self, Wish};
use super::sql;
use super::tokens::{self, Purpose};
use crate::config::SignUp;
use crate::error::{AppError, Result};
use crate::orgs;
use crate::platform::App;
use crate::platform::audit::{Action, Entry, Object, ObjectKind};
use crate::platform::clock::Timestamp;
use crate::platform::db::constraints::USER_EMAIL;
use crate::platform::email::EmailAddress;
use crate::platform::ids::{SignUpId, UserId};
use crate::platform::mail::{Quoted, outbox};
use crate::platform::passwords::{About, Chosen, PasswordField};
use crate::platform::session::known::{self, NewToken};
use crate::platform::session::{self, Arrival, Device, MaybeUser, SessionKey};
use crate::platform::tenant::UnscopedTx;
use crate::platform::throttle::{self, Kind};
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_with_status, see_other};

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignupForm {
    name: String,
    email: String,
    password: String,
    organization: String,
}

impl Fields for SignupForm {}

#[derive(Template)]
#[template(path = "accounts/signup.html")]
struct SignupPage {
    shell: Shell,
    form: SignupForm,
    errors: FieldErrors,
    password: PasswordField,
    /// Whether the password is chosen later, at the link.
    is_mailed_first: bool,
}

impl SignupPage {
    fn new(
        app: &App,
        shell: Shell,
        form: SignupForm,
        errors: FieldErrors,
        password: PasswordField,
    ) -> Self {
        let is_mailed_first = app.config.sign_up == SignUp::Confirm;
        Self { shell, form, errors, password, is_mailed_first }
    }
}

/// `GET /signup`
pub async fn show(State(app): State<App>, user: MaybeUser, shell: Shell) -> Result<Response> {
    if user.0.is_some() {
        return Ok(see_other("/"));
    }
    let password = app.passwords.field();
    let (form, errors) = (SignupForm::default(), FieldErrors::default());
    page(&SignupPage::new(&app, shell, form, errors, password))
}

/// `POST /signup`
///
/// A taken address gets the same answer as a free one, after the same work; its owner gets a mail.
pub async fn create(
    State(app): State<App>,
    session: Session,
    device: Device,
    shell: Shell,
    Form(form): Form<SignupForm>,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let Some((name, email, organization)) = parse(&form, &mut errors) else {
        if app.config.sign_up == SignUp::Open {
            errors.take("password", app.passwords.look_at_length(&form.password));
        }
        let field = app.passwords.field();
        let page = SignupPage::new(&app, shell, form, errors, field);
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    // Each one counts, before a password is looked at, which takes time: none is more right than
    // another.
    let _counted = throttle::take(&app, Kind::SignUp, email.as_str(), &device).await?;
    if app.config.sign_up == SignUp::Confirm {
        return signup_link::ask(&app, &device, &Wish { name, email, organization }).await;
    }
    let about = About::person(&name, email.as_str()).and_organization(&organization);
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let Some(password) = errors.take("password", password) else {
        let page = SignupPage::new(&app, shell, form, errors, field);
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let hash = app.passwords.hash(password).await?;
    let replaced = SessionKey::of(&session);
    let key = session::renew(&session, false).await?;
    let account = NewAccount { name, email, hash, verified: false };
    let token = NewToken::new();
    let founder = Founder { account, organization, device, token, key, replaced, waited_as: None };
    let slug = match found_anyhow(&app, &founder).await {
        Err(AppError::SentBefore { to }) => {
            return sent_before(&app, &session, &founder, form.password, &to).await;
        }
        Err(error) if error.breaks(USER_EMAIL) => tell_the_owner(&app, &founder).await?,
        founded => founded?,
    };
    let words = format!("We have written to {}.{}", founder.account.email, field.remark());
    Ok(founder.token.put_into(&app, Flash::redirect(&format!("/orgs/{slug}"), words)))
}

/// The answer to the same form once more, from a browser that may have missed the first one: it is signed
/// in, too, if the password still is the one in the form and there is nothing else to show.
async fn sent_before(
    app: &App,
    session: &Session,
    founder: &Founder,
    password: String,
    to: &str,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(app).await?;
    let account = sql::credentials(&mut tx, &founder.account.email).await?;
    tx.commit().await?;
    let Some(account) = account.filter(|account| !account.has_factor) else {
        return Ok(see_other(to));
    };
    let is_right = app.passwords.verify(password, Some(account.password_hash.clone())).await?;
    if !is_right {
        return Ok(see_other(to));
    }
    match start(app, session, &founder.device, &account, false, "signing up").await? {
        Started::In(token) => Ok(token.put_into(app, see_other(to))),
        Started::Refused | Started::Suspended(_) => Ok(see_other(to)),
    }
}

fn parse(form: &SignupForm, errors: &mut FieldErrors) -> Option<(String, EmailAddress, String)> {
    let name = errors.take("name", person_name(&form.name));
    let email = errors.take("email", form.email.parse());
    let organization = errors.take("organization", orgs::organization_name(&form.organization));
    Some((name?, email?, organization?))
}

/// An account that is about to be.
pub(crate) struct NewAccount {
    pub name: String,
    pub email: EmailAddress,
    /// The password's hash.
    pub hash: String,
    /// Whether a link has proved the address already.
    pub verified: bool,
}

/// Creates an account in the caller's transaction.
///
/// # Errors
/// A broken [`USER_EMAIL`] when the address has an account.
pub(crate) async fn create_account(
    tx: &mut UnscopedTx,
    account: &NewAccount,
    now: Timestamp,
) -> Result<UserId> {
    let id = UserId::new();
    let verified_at = account.verified.then_some(now);
    let NewAccount { name, email, hash, .. } = account;
    sql::insert_user(tx, id, name, email, hash, verified_at, now).await?;
    tx.acting(id, name, email);
    tx.record(Entry::new(Action::AccountCreated, super::object(id, email)).person(id));
    Ok(id)
}

/// Somebody with all that makes them an owner.
pub(super) struct Founder {
    pub account: NewAccount,
    pub organization: String,
    pub device: Device,
    /// By which the browser is known from now on.
    pub token: NewToken,
    pub key: SessionKey,
    pub replaced: Option<SessionKey>,
    /// The sign-up that waited for its link, where there was one.
    pub waited_as: Option<SignUpId>,
}

/// The same as [`found`], and with another slug where somebody else took the first one.
pub(super) async fn found_anyhow(app: &App, founder: &Founder) -> Result<String> {
    let founded = found(app, founder, None).await;
    if founded.as_ref().is_err_and(orgs::slug_is_taken) {
        // Another organization of this name was a moment quicker.
        return found(app, founder, Some(orgs::unlikely_slug(&founder.organization))).await;
    }
    founded
}

/// Creates all of it in one transaction and gives the organization's slug: a free one, unless one
/// is given.
async fn found(app: &App, founder: &Founder, slug: Option<String>) -> Result<String> {
    let now = app.clock.now();
    let NewAccount { name, email, .. } = &founder.account;
    let mut tx = UnscopedTx::write(app).await?.from(&founder.device);
    tx.claim_form_of(email).await?;
    if let Some(waited_as) = founder.waited_as {
        signup_link::spend(&mut tx, waited_as).await?;
    }
    let user = create_account(&mut tx, &founder.account, now).await?;
    let Founder { device, token, key, replaced, .. } = founder;
    let replaced = replaced.clone();
    let arrival = Arrival { key, replaced, device, keep: false, with: "signing up" };
    session::start(&mut tx, user, arrival, now).await?;
    known::remember(&mut tx, user, device, token).await?;
    let verify_link = match founder.account.verified {
        true => None,
        false => {
            let token = tokens::issue(&mut tx, user, email, Purpose::Verify).await?;
            token.map(|token| app.config.link(&format!("/verify/{}", token.expose())))
        }
    };
    let slug = match slug {
        Some(slug) => slug,
        None => orgs::free_slug(&mut tx, &founder.organization).await?,
    };
    tx.leads(email, &format!("/orgs/{slug}")).await?;
    let mut tx = orgs::create(tx, user, &founder.organization, &slug).await?;
    let welcome = Welcome {
        name: Quoted::name(name),
        organization: Quoted::name(&founder.organization),
        organization_link: app.config.link(&format!("/orgs/{slug}")),
        verify_link,
    };
    outbox::enqueue_in(&mut tx, email, &welcome).await?;
    tx.commit().await?;
    Ok(slug)
}

/// Mails the person who has the address already, and gives the slug that would have been.
async fn tell_the_owner(app: &App, founder: &Founder) -> Result<String> {
    let mut tx = UnscopedTx::write(app).await?.from(&founder.device);
    // The browser gets a new token here, too, and is known by it for whatever it was known before.
    known::renew(&mut tx, &founder.device, &founder.token).await?;
    let slug = orgs::free_slug(&mut tx, &founder.organization).await?;
    let email = &founder.account.email;
    let since = app.clock.now().plus(-Duration::days(1));
    let told = outbox::count_since::<AlreadyRegistered>(&mut tx, email, since).await?;
    if let Some(owner) = sql::credentials(&mut tx, email).await? {
        if told < signup_link::PER_DAY {
            outbox::enqueue(&mut tx, email, &AlreadyRegistered::new(app, owner.name)).await?;
        }
        let account = super::object(owner.user_id, email);
        tx.record(Entry::new(Action::AccountCreated, account).after(json!({ "refused": "taken" })));
    } else {
        // Somebody who has just left the address can still take it back.
        let address = Object::named(ObjectKind::Address, email.to_string());
        let asked = Entry::new(Action::SignUpAsked, address);
        tx.record(asked.after(json!({ "refused": "reserved" })));
    }
    tx.commit().await?;
    Ok(slug)
}
