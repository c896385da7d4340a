//! Changing an account's address: it changes when the new address is confirmed, and the old address
//! can take it back.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::changes::{self, ENTER_ANOTHER, PATH};
use super::commands;
use super::profile::Tab;
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::noun::Refusal;
use crate::platform::session::{CurrentUser, Device, MaybeUser};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::Onward;
use crate::platform::web::{
    FieldErrors, Flash, Form, Shell, TokenPath, page, page_again, see_other,
};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddressForm {
    email: String,
}

impl Fields for AddressForm {}

#[derive(Template)]
#[template(path = "core/accounts/email.html")]
struct AddressPage {
    shell: Shell,
    tab: Tab,
    email: EmailAddress,
    form: AddressForm,
    errors: FieldErrors,
}

impl AddressPage {
    fn new(user: &CurrentUser, form: AddressForm, errors: FieldErrors) -> Self {
        let (shell, email) = (Shell::signed_in(user), user.email.clone());
        Self { shell, tab: Tab::Profile, email, form, errors }
    }
}

#[derive(Template)]
#[template(path = "core/accounts/email_confirm.html")]
struct ConfirmPage {
    shell: Shell,
    email: EmailAddress,
    path: String,
    /// Whether the browser is signed in to the account.
    is_own: bool,
}

impl ConfirmPage {
    /// The sign-in page, from which the person returns to this page.
    fn login_path(&self) -> String {
        let next: String = form_urlencoded::byte_serialize(self.path.as_bytes()).collect();
        format!("/login?next={next}")
    }
}

/// `GET /account/email`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    received: Received,
) -> Result<Response> {
    user.require_proof(app.clock.now(), PATH)?;
    let mut view = AddressPage::new(&user, AddressForm::default(), FieldErrors::default());
    view.shell = view.shell.with(received);
    page(&view)
}

/// `POST /account/email`: a taken address gets the same answer as a free one; its owner gets an
/// email, and nobody gets a link.
pub async fn request(
    user: CurrentUser,
    State(app): State<App>,
    Form(form): Form<AddressForm>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), PATH)?;
    let asked = match form.email.parse::<EmailAddress>() {
        Ok(email) => commands::ask_for_address(&app, &user, &email).await.map(|()| email),
        Err(words) => Err(Refusal::field("email", words)),
    };
    let refusal = match asked {
        Err(refusal) => refusal,
        Ok(email) => {
            let words = format!(
                "We've sent an email to {email}. Open the link in it to confirm your new address."
            );
            return Ok(Flash::redirect("/account#email", words));
        }
    };
    let view = AddressPage::new(&user, form, refusal.fields()?);
    page_again(&view)
}

/// `POST /account/email/call-off`: the address stays as it is, and the emailed link stops working.
pub async fn call_off(user: CurrentUser, State(app): State<App>) -> Result<Response> {
    let words = match commands::keep_address(&app, &user).await? {
        true => format!("Change cancelled. Your email address is still {}.", user.email),
        false => "There's no change to cancel.".to_owned(),
    };
    Ok(Flash::redirect("/account#email", words))
}

/// The link that confirms an account's new address.
pub struct ConfirmLink;

impl Link for ConfirmLink {
    const PURPOSE: &'static str = "address";
    const PATH: &'static str = "/email/link";
    const ONWARD: Onward = ENTER_ANOTHER;
}

/// `GET /email/{token}`: moves the token out of the URL without using it, because programs open
/// links in emails.
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    TokenPath(token): TokenPath,
) -> Result<Response> {
    changes::look(&app, &token).await?;
    opened::put_away::<ConfirmLink>(&app, &headers, &token)
}

/// `GET /email/link/{link}`
pub async fn ask(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    shell: Shell,
    Opened { token, path, .. }: Opened<ConfirmLink>,
) -> Result<Response> {
    let change = changes::look(&app, &token).await?;
    let is_own = user.is_some_and(|user| user.id == change.user_id);
    page(&ConfirmPage { shell, email: change.new_email, path, is_own })
}

/// `POST /email/link/{link}`: gives the account its new address, and informs the old one. This only
/// works in a browser that is signed in to the account, so that the owner of an address cannot give
/// it to somebody else's account by mistake.
pub async fn confirm(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    device: Device,
    Opened { token, path, .. }: Opened<ConfirmLink>,
) -> Result<Response> {
    Ok(match commands::change_address(&app, user.as_ref(), &device, &token).await? {
        Some(email) => Flash::redirect("/", format!("Your email address is now {email}.")),
        None => see_other(&path),
    })
}
