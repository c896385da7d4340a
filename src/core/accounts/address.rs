//! Changing an account's address: it changes when the new address is confirmed, and the old address
//! can take it back.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::mail::{AddressChanged, AddressTaken, ConfirmAddress};
use super::profile::Tab;
use super::sql;
use super::{changes, dispute};
use crate::core::accounts::noun::{
    ADDRESS_CHANGE_ASKED, ADDRESS_CHANGE_CALLED_OFF, ADDRESS_CHANGED, USER_EMAIL,
};
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::mail::strangers::Allowance;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::session::{CurrentUser, Device, MaybeUser};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::Onward;
use crate::platform::web::{
    FieldErrors, Flash, Form, Shell, TokenPath, page, page_with_status, see_other,
};

/// The path of the form.
const PATH: &str = "/account/email";
const ENTER_ANOTHER: Onward = Onward { path: PATH, label: "Enter a different one" };

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
    page(&AddressPage {
        shell: Shell::signed_in(&user).with(received),
        tab: Tab::Profile,
        email: user.email.clone(),
        form: AddressForm::default(),
        errors: FieldErrors::default(),
    })
}

/// `POST /account/email`: a taken address gets the same answer as a free one; its owner gets an
/// email, and nobody gets a link.
pub async fn request(
    user: CurrentUser,
    State(app): State<App>,
    Form(form): Form<AddressForm>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), PATH)?;
    let mut errors = FieldErrors::default();
    let email = errors.take("email", form.email.parse::<EmailAddress>());
    if email.as_ref() == Some(&user.email) {
        errors.add("email", "This is your address already.");
    }
    if !outbox::is_sent(&app) {
        errors.add("email", "No link can be sent there: this installation sends no email.");
    }
    let Some(email) = email.filter(|_| errors.is_empty()) else {
        return refuse(&user, form, errors);
    };
    let mut tx = user.write(&app).await?;
    // The address may be anybody's.
    let mut allowance = Allowance::held(&mut tx, user.id, [&email]).await?;
    if allowance.take(&mut tx, &email).await?.is_err() {
        errors.add(
            "email",
            "Too many emails were sent to it or in your name today. Try again tomorrow.",
        );
        return refuse(&user, form, errors);
    }
    let Some(token) = changes::ask(&mut tx, user.id, &user.email, &email).await? else {
        errors.add("email", "You have asked too often. Try again in an hour.");
        return refuse(&user, form, errors);
    };
    match sql::credentials(&mut tx, &email).await? {
        Some(owner) => {
            let mail = AddressTaken { name: owner.name, login_link: app.config.link("/login") };
            outbox::enqueue(&mut tx, &email, &mail).await?;
        }
        None => {
            let confirm_link = app.config.link(&format!("/email/{}", token.expose()));
            let mail = ConfirmAddress { name: Quoted::name(&user.name), confirm_link };
            outbox::enqueue(&mut tx, &email, &mail).await?;
        }
    }
    let account = super::object(user.id, &user.email);
    tx.record(
        Entry::new(ADDRESS_CHANGE_ASKED, account)
            .person(user.id)
            .after(json!({ "email": email.as_str() })),
    );
    tx.commit().await?;
    let words =
        format!("We have written to {email}. Your address changes once you confirm it there.");
    Ok(Flash::redirect("/account#email", words))
}

/// `POST /account/email/call-off`: the address stays as it is, and the emailed link stops working.
pub async fn call_off(user: CurrentUser, State(app): State<App>) -> Result<Response> {
    let mut tx = user.write(&app).await?;
    let now = tx.now();
    let pending = changes::pending(&mut tx, user.id, now).await?;
    if let Some(pending) = &pending {
        changes::replace_open(&mut tx, user.id, now).await?;
        let account = super::object(user.id, &user.email);
        tx.record(
            Entry::new(ADDRESS_CHANGE_CALLED_OFF, account)
                .person(user.id)
                .before(json!({ "email": pending.new_email.as_str() })),
        );
    }
    tx.commit().await?;
    let words = match pending {
        Some(_) => format!("Your address stays {}.", user.email),
        None => "There was no change to cancel.".to_owned(),
    };
    Ok(Flash::redirect("/account#email", words))
}

fn refuse(user: &CurrentUser, form: AddressForm, errors: FieldErrors) -> Result<Response> {
    let (shell, email) = (Shell::signed_in(user), user.email.clone());
    let view = AddressPage { shell, tab: Tab::Profile, email, form, errors };
    page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view)
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
    let mut tx = UnscopedTx::read(&app).await?;
    changes::confirmable(&mut tx, &token).await?;
    tx.commit().await?;
    opened::put_away::<ConfirmLink>(&app, &headers, &token)
}

/// `GET /email/link/{link}`
pub async fn ask(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    shell: Shell,
    Opened { token, path, .. }: Opened<ConfirmLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    let change = changes::confirmable(&mut tx, &token).await?;
    tx.commit().await?;
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
    let mut tx = UnscopedTx::read(&app).await?;
    let change = changes::confirmable(&mut tx, &token).await?;
    tx.commit().await?;
    if user.is_none_or(|user| user.id != change.user_id) {
        return Ok(see_other(&path));
    }
    let mut tx = UnscopedTx::write(&app).await?.from(&device);
    let change = free(changes::apply(&mut tx, &token).await, ENTER_ANOTHER)?;
    tell(&mut tx, &change).await?;
    tx.record(
        Entry::new(ADDRESS_CHANGED, super::object(change.user_id, &change.new_email))
            .person(change.user_id)
            .before(json!({ "email": change.old_email.as_str() }))
            .after(json!({ "email": change.new_email.as_str() })),
    );
    tx.commit().await?;
    Ok(Flash::redirect("/", format!("Your address is now {}.", change.new_email)))
}

/// Informs the old address, and earlier ones that can still take the account back.
async fn tell(tx: &mut UnscopedTx, change: &changes::Change) -> Result<()> {
    let what = format!("The address of your account was changed to {}.", change.new_email);
    let mut told = dispute::announce_to_former(tx, change.user_id, &what).await?;
    if !change.is_old_proved {
        told.push(dispute::Told::without_link(change.old_email.clone(), tx));
    }
    for told in told {
        let mail = AddressChanged {
            name: change.name.clone(),
            new: change.new_email.to_string(),
            when: tx.now().minute(),
            undo_link: told.not_me_link,
        };
        outbox::enqueue(tx, &told.email, &mail).await?;
    }
    Ok(())
}

/// `changed`, or an error if another account has the address.
pub(super) fn free<T>(changed: Result<T>, onward: Onward) -> Result<T> {
    match changed {
        Err(error) if error.breaks(USER_EMAIL) => {
            Err(AppError::LinkGone { words: "Another account has this address.", onward })
        }
        changed => changed,
    }
}
