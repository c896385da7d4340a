//! The page of the link: an account for the person who runs the installation and, if they like, an
//! organization.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::link::{self, SIGN_IN};
use super::sql;
use crate::core::accounts::noun::USER_EMAIL;
use crate::core::accounts::{Admission, NewAccount, Newcomer, admit, person_name};
use crate::core::organizations;
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::passwords::{About, Chosen, PasswordField};
use crate::platform::session::known::NewToken;
use crate::platform::session::{self, Device, SessionKey};
use crate::platform::tenant::UnscopedTx;
use crate::platform::throttle::{self, Kind};
use crate::platform::web::flash::Tone;
use crate::platform::web::form::Fields;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::Onward;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, TokenPath, page, page_again};

/// The first operator's link.
pub struct FirstOperatorLink;

impl Link for FirstOperatorLink {
    const PURPOSE: &'static str = "first-operator";
    const PATH: &'static str = "/first/link";
    const ONWARD: Onward = SIGN_IN;
}

const TAKEN: &str = "An account with this email address already exists. To make it an operator, run `tenantry \
                     operator grant` on the server.";

/// The fields of the form; the password is never shown again.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FirstForm {
    name: String,
    email: String,
    password: String,
    organization: String,
}

impl Fields for FirstForm {}

#[derive(Template)]
#[template(path = "core/operators/first.html")]
struct FirstPage {
    shell: Shell,
    path: String,
    form: FirstForm,
    errors: FieldErrors,
    password: PasswordField,
}

/// `GET /first/{token}`: moves the token out of the URL without using it.
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    TokenPath(token): TokenPath,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    link::check(&mut tx, &token).await?;
    tx.commit().await?;
    opened::put_away::<FirstOperatorLink>(&app, &headers, &token)
}

/// `GET /first/link/{link}`
pub async fn show(
    State(app): State<App>,
    shell: Shell,
    Opened { token, path, .. }: Opened<FirstOperatorLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    link::check(&mut tx, &token).await?;
    tx.commit().await?;
    let (form, errors) = (FirstForm::default(), FieldErrors::default());
    page(&FirstPage { shell, path, form, errors, password: app.passwords.field() })
}

/// `POST /first/link/{link}`: creates the account, its rights and, if one is named, its
/// organization, all together or not at all.
pub async fn create(
    State(app): State<App>,
    session: Session,
    device: Device,
    shell: Shell,
    Opened { token, path, .. }: Opened<FirstOperatorLink>,
    Form(form): Form<FirstForm>,
) -> Result<Response> {
    let _counted = throttle::take_from(&app, Kind::SignUp, &device).await?;
    let mut errors = FieldErrors::default();
    let name = errors.take("name", person_name(&form.name));
    let mut email: Option<EmailAddress> = errors.take("email", form.email.parse());
    let mut tx = UnscopedTx::read(&app).await?;
    link::check(&mut tx, &token).await?;
    // Checked before the session is renewed: a person who is already signed in, perhaps with this
    // address, stays signed in.
    if let Some(taken) = &email
        && sql::is_taken(&mut tx, taken).await?
    {
        errors.add("email", TAKEN);
        email = None;
    }
    tx.commit().await?;
    let organization = match form.organization.trim() {
        "" => Some(None),
        typed => errors.take("organization", organizations::organization_name(typed)).map(Some),
    };
    let about = About::person(&form.name, &form.email).and_organization(&form.organization);
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let password = errors.take("password", password);
    let (Some(name), Some(email), Some(organization), Some(password)) =
        (name, email, organization, password)
    else {
        let view = FirstPage { shell, path, form, errors, password: field };
        return page_again(&view);
    };
    let hash = app.passwords.hash(password).await?;
    let replaced = SessionKey::of(&session);
    let key = session::renew(&session, false).await?;
    let account = NewAccount { name, email, hash, verified: true };
    let (browser, admission) = (NewToken::new(), Admission::FirstOperator(token));
    let newcomer =
        Newcomer { account, organization, device, browser, key, replaced, admission, next: None };
    match admit(&app, &newcomer).await {
        Err(error) if error.breaks(USER_EMAIL) => {
            errors.add("email", TAKEN);
            let view = FirstPage { shell, path, form, errors, password: field };
            page_again(&view)
        }
        Err(error) => Err(error),
        Ok(_) => {
            let words = format!(
                "You're now the operator of this installation. Your password alone gives access to \
                 every organization, so set up two-factor authentication.{}",
                field.remark()
            );
            let answer = Flash::with_tone("/account/security", Tone::ToDo, words);
            Ok(newcomer.browser.put_into(&app, answer))
        }
    }
}
