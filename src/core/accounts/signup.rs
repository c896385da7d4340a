//! Signing up: the account, its organization and its owner, created together or not at all.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use time::Duration;
use tower_sessions::Session;

use super::gate::{self, Closed};
use super::login::{Started, start};
use super::mail::AlreadyRegistered;
use super::model::person_name;
use super::newcomer::{Admission, NewAccount, Newcomer, admit};
use super::signup_link::{self, SignupRequest};
use super::sql;
use crate::core::accounts::noun::{ACCOUNT_CREATED, SIGN_UP_ASKED, USER_EMAIL};
use crate::core::{join, organizations};
use crate::platform::App;
use crate::platform::audit::object;
use crate::platform::audit::{Entry, Object};
use crate::platform::config::SignUp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result, way_on};
use crate::platform::mail::outbox;
use crate::platform::passwords::{About, Chosen, PasswordField};
use crate::platform::session::known::{self, NewToken};
use crate::platform::session::{self, Device, MaybeUser, SessionKey};
use crate::platform::tenant::UnscopedTx;
use crate::platform::throttle::{self, Kind};
use crate::platform::web::flash::Tone;
use crate::platform::web::form::Fields;
use crate::platform::web::offers::{self, Offers};
use crate::platform::web::{FieldErrors, Flash, Form, Params, Shell, page, page_again, see_other};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignupForm {
    name: String,
    email: String,
    password: String,
    organization: String,
    /// The page of the join link that the person wants to go on with, if any.
    next: String,
}

impl Fields for SignupForm {}

impl SignupForm {
    /// The page of a join link to go on with, which people sign up for without an organization of
    /// their own.
    fn next(&self) -> Option<String> {
        join::page_of_link(&self.next).map(str::to_owned)
    }
}

/// Where to go after signing up.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignupParams {
    next: String,
}

#[derive(Template)]
#[template(path = "core/accounts/signup.html")]
struct SignupPage {
    shell: Shell,
    form: SignupForm,
    errors: FieldErrors,
    password: PasswordField,
    /// Whether the password is chosen later, after opening the emailed link.
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

    /// Whether the person names an organization to create.
    fn founds(&self) -> bool {
        offers::founding() && self.form.next().is_none()
    }

    /// The page to sign in, from which someone who joins with a link goes on with it.
    fn login_path(&self) -> String {
        self.form.next().map_or_else(|| "/login".to_owned(), |next| way_on("/login", &next))
    }
}

/// `GET /signup`
pub async fn show(
    State(app): State<App>,
    user: MaybeUser,
    shell: Shell,
    Params(SignupParams { next }): Params<SignupParams>,
) -> Result<Response> {
    let form = SignupForm { next, ..SignupForm::default() };
    if user.0.is_some() {
        return Ok(see_other(&form.next().unwrap_or_else(|| "/".to_owned())));
    }
    if let Some(closed) = Closed::of(&app) {
        return gate::closed_page(shell, closed);
    }
    let password = app.passwords.field();
    page(&SignupPage::new(&app, shell, form, FieldErrors::default(), password))
}

/// `POST /signup`
///
/// A taken address gets the same answer as a free one, after the same work; its owner gets an
/// email.
pub async fn create(
    State(app): State<App>,
    session: Session,
    device: Device,
    shell: Shell,
    Form(form): Form<SignupForm>,
) -> Result<Response> {
    gate::require_open(&app)?;
    let mut errors = FieldErrors::default();
    let Some((name, email, organization)) = parse(&app, &form, &mut errors) else {
        if app.config.sign_up == SignUp::Open {
            errors.take("password", app.passwords.look_at_length(&form.password));
        }
        let field = app.passwords.field();
        let page = SignupPage::new(&app, shell, form, errors, field);
        return page_again(&page);
    };
    // Every attempt counts, before the password is checked, which takes time. None of them is ever
    // successful in the sense that it would not count.
    let _counted = throttle::take(&app, Kind::SignUp, email.as_str(), &device).await?;
    if app.config.sign_up == SignUp::Confirm {
        let request = SignupRequest { name, email, organization };
        signup_link::ask(&app, &device, &request).await?;
        let email = request.email;
        let words = format!("We've sent an email to {email}. Open the link in it to continue.");
        return Ok(Flash::with_tone("/login", Tone::ToDo, words));
    }
    let about = About::person(&name, email.as_str());
    let about = about.and_organization(organization.as_deref().unwrap_or_default());
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let Some(password) = errors.take("password", password) else {
        let page = SignupPage::new(&app, shell, form, errors, field);
        return page_again(&page);
    };
    let hash = app.passwords.hash(password).await?;
    let replaced = SessionKey::of(&session);
    let key = session::renew(&session, false).await?;
    let account = NewAccount { name, email, hash, verified: false };
    let (browser, admission) = (NewToken::new(), Admission::Open);
    let next = form.next();
    let newcomer =
        Newcomer { account, organization, device, browser, key, replaced, admission, next };
    let path = match admit(&app, &newcomer).await {
        Err(AppError::SentBefore { to }) => {
            return sent_before(&app, &session, &newcomer, form.password, &to).await;
        }
        Err(error) if error.breaks(USER_EMAIL) => tell_the_owner(&app, &newcomer).await?,
        admitted => admitted?,
    };
    let written = match outbox::is_sent(&app) {
        true => format!("We've sent an email to {}.", newcomer.account.email),
        false => "Your account is ready.".to_owned(),
    };
    let words = format!("{written}{}", field.remark());
    Ok(newcomer.browser.put_into(&app, Flash::redirect(&path, words)))
}

/// The answer if the same form is sent again, from a browser that may have missed the first answer.
/// It signs the person in, too, if the form still has the correct password and no factor is needed.
async fn sent_before(
    app: &App,
    session: &Session,
    newcomer: &Newcomer,
    password: String,
    to: &str,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(app).await?;
    let account = sql::credentials(&mut tx, &newcomer.account.email).await?;
    tx.commit().await?;
    let Some(account) = account.filter(|account| !account.has_factor) else {
        return Ok(see_other(to));
    };
    let is_right = app.passwords.verify(password, Some(account.password_hash.clone())).await?;
    if !is_right {
        return Ok(see_other(to));
    }
    match start(app, session, &newcomer.device, &account, false, "signing up").await? {
        Started::In(token) => Ok(token.put_into(app, see_other(to))),
        Started::Refused | Started::Suspended(_) => Ok(see_other(to)),
    }
}

/// Parses name, address and, where everybody can create organizations, the organization's name.
fn parse(
    app: &App,
    form: &SignupForm,
    errors: &mut FieldErrors,
) -> Option<(String, EmailAddress, Option<String>)> {
    let name = errors.take("name", person_name(&form.name));
    let email = form.email.parse::<EmailAddress>().and_then(|email| gate::take_domain(app, email));
    let email = errors.take("email", email);
    let founds = Offers::of(app).founding && form.next().is_none();
    let organization = match founds {
        true => organizations::organization_name(&form.organization).map(Some),
        false if form.organization.trim().is_empty() => Ok(None),
        // The page is older than this setting.
        false => {
            Err("Organizations are created by the operator of this installation. Send the form \
                 again to create your account without one."
                .to_owned())
        }
    };
    let place = if founds { "organization" } else { "" };
    let organization = errors.take(place, organization);
    Some((name?, email?, organization?))
}

/// Emails the owner of a taken address, and returns the path that a free one would lead to.
async fn tell_the_owner(app: &App, newcomer: &Newcomer) -> Result<String> {
    let mut tx = UnscopedTx::write(app).await?.from(&newcomer.device);
    // Here, too, the browser gets a new token, and stays known for its accounts.
    known::renew(&mut tx, &newcomer.device, &newcomer.browser).await?;
    let path = match &newcomer.organization {
        Some(name) => format!("/orgs/{}", organizations::free_slug(&mut tx, name).await?),
        None => newcomer.next.clone().unwrap_or_else(|| "/orgs".to_owned()),
    };
    let email = &newcomer.account.email;
    let since = app.clock.now().plus(-Duration::days(1));
    let told = outbox::count_since::<AlreadyRegistered>(&mut tx, email, since).await?;
    if let Some(owner) = sql::credentials(&mut tx, email).await? {
        if told < signup_link::PER_DAY {
            outbox::enqueue(&mut tx, email, &AlreadyRegistered::new(app, owner.name)).await?;
        }
        let account = super::object(owner.user_id, email);
        tx.record(Entry::new(ACCOUNT_CREATED, account).after(json!({ "refused": "taken" })));
    } else {
        // The previous owner of the address can still take it back.
        let address = Object::named(object::ADDRESS, email.to_string());
        let asked = Entry::new(SIGN_UP_ASKED, address);
        tx.record(asked.after(json!({ "refused": "reserved" })));
    }
    tx.commit().await?;
    Ok(path)
}
