//! Claiming an account that somebody else may have created with the person's address: the
//! person who receives the address's mail takes over the account with a password of their own, or
//! discards it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::model::person_name;
use super::tokens::{self, Purpose, ValidToken};
use super::verify::VerifyLink;
use super::{new_password, sql};
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::passwords::{Chosen, PasswordField};
use crate::platform::session::Device;
use crate::platform::tenant::{UnscopedTx, organization_names};
use crate::platform::throttle;
use crate::platform::web::flash::Tone;
use crate::platform::web::form::Fields;
use crate::platform::web::opened::Opened;
use crate::platform::web::problem::Onward;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_again};

const SIGN_IN: Onward = Onward { path: "/login", label: "Sign in" };

/// The fields of the form; the password is never shown again.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimForm {
    name: String,
    password: String,
}

impl Fields for ClaimForm {}

#[derive(Template)]
#[template(path = "core/accounts/claim.html")]
pub(crate) struct ClaimPage {
    shell: Shell,
    email: EmailAddress,
    /// The name that the account was created with.
    name: String,
    made: String,
    organizations: Vec<String>,
    path: String,
    login_path: String,
    form: ClaimForm,
    errors: FieldErrors,
    password: PasswordField,
}

impl ClaimPage {
    /// Adds an error to a field.
    pub fn refuse(&mut self, field: &'static str, words: &str) {
        self.errors.add(field, words);
    }

    pub async fn load(app: &App, shell: Shell, path: &str, good: &ValidToken) -> Result<Self> {
        let mut tx = UnscopedTx::read(app).await?;
        let account = sql::unproved(&mut tx, good.user_id).await?.ok_or_else(proved)?;
        tx.commit().await?;
        Ok(Self {
            shell,
            organizations: organization_names(app, good.user_id, good.email.clone()).await?,
            email: good.email.clone(),
            name: account.name,
            made: account.created_at.minute(),
            path: path.to_owned(),
            login_path: login_path(path, &good.email),
            form: ClaimForm::default(),
            errors: FieldErrors::default(),
            password: app.passwords.field(),
        })
    }
}

/// The address of the sign-in page for the person who signed up, from which they return to the
/// link.
fn login_path(path: &str, email: &EmailAddress) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("email", email.as_str());
    query.append_pair("next", path);
    format!("/login?{}", query.finish())
}

/// The error when the address has been confirmed already, and the account need not be claimed.
pub(crate) fn proved() -> AppError {
    AppError::LinkGone { words: "This email address has already been confirmed.", onward: SIGN_IN }
}

/// The page for somebody who opens the link in another browser than the one used to sign up.
pub(super) async fn show(
    app: &App,
    shell: Shell,
    path: &str,
    good: &ValidToken,
) -> Result<Response> {
    page(&ClaimPage::load(app, shell, path, good).await?)
}

/// `POST /verify/link/{link}/claim`
pub async fn claim(
    State(app): State<App>,
    device: Device,
    shell: Shell,
    Opened { token, path, .. }: Opened<VerifyLink>,
    Form(form): Form<ClaimForm>,
) -> Result<Response> {
    let counted = throttle::take_from(&app, throttle::Kind::NewPassword, &device).await?;
    let good = tokens::look(&app, &token, Purpose::Verify).await?;
    counted.take_back(&app).await?;
    let mut view = ClaimPage::load(&app, shell, &path, &good).await?;
    let name = view.errors.take("name", person_name(&form.name));
    let about = new_password::about(&app, good.user_id, &form.name, &good.email).await?;
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let password = view.errors.take("password", password);
    let (Some(name), Some(password)) = (name, password) else {
        view.password = field;
        view.form = form;
        return page_again(&view);
    };
    let browser = new_password::claim(&app, &device, &token, &name, password).await?;
    let words =
        format!("{} confirmed. Sign in with your new password.{}", good.email, field.remark());
    Ok(browser.put_into(&app, Flash::with_tone("/login", Tone::ToDo, words)))
}
