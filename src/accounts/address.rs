//! Changing the address of an account: nothing changes until the new one is confirmed, and the old
//! one can take it back.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::changes;
use super::mail::{AddressChanged, AddressTaken, ConfirmAddress};
use super::profile::Tab;
use super::sql;
use crate::error::{AppError, Result};
use crate::platform::App;
use crate::platform::audit::{Action, Entry};
use crate::platform::db::constraints::USER_EMAIL;
use crate::platform::email::EmailAddress;
use crate::platform::mail::strangers::Allowance;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::session::{self, CurrentUser, Device, known};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::Onward;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, TokenPath, page, page_with_status};

/// Where it is asked for.
const PATH: &str = "/account/email";
const ENTER_ANOTHER: Onward = Onward { path: PATH, label: "Enter another one" };
const SIGN_IN: Onward = Onward { path: "/login", label: "Sign in" };

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddressForm {
    email: String,
}

impl Fields for AddressForm {}

#[derive(Template)]
#[template(path = "accounts/email.html")]
struct AddressPage {
    shell: Shell,
    tab: Tab,
    email: EmailAddress,
    form: AddressForm,
    errors: FieldErrors,
}

#[derive(Template)]
#[template(path = "accounts/email_confirm.html")]
struct ConfirmPage {
    shell: Shell,
    email: EmailAddress,
    path: String,
}

#[derive(Template)]
#[template(path = "accounts/email_undo.html")]
struct UndoPage {
    shell: Shell,
    email: EmailAddress,
    path: String,
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

/// `POST /account/email`: a taken address gets the same answer as a free one; its owner gets a
/// mail, and nobody a link.
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
    let Some(email) = email.filter(|_| errors.is_empty()) else {
        return refuse(&user, form, errors);
    };
    let mut tx = user.write(&app).await?;
    // The address may be anybody's.
    let mut allowance = Allowance::held(&mut tx, user.id, [&email]).await?;
    if allowance.take(&mut tx, &email).await?.is_err() {
        errors.add("email", "So many mails went to it, or out in your name, that no more do today. Try again tomorrow.");
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
        Entry::new(Action::AddressChangeAsked, account)
            .person(user.id)
            .after(json!({ "email": email.as_str() })),
    );
    tx.commit().await?;
    let words =
        format!("We have written to {email}. Your address changes once you confirm it there.");
    Ok(Flash::redirect("/account", words))
}

fn refuse(user: &CurrentUser, form: AddressForm, errors: FieldErrors) -> Result<Response> {
    let (shell, email) = (Shell::signed_in(user), user.email.clone());
    let view = AddressPage { shell, tab: Tab::Profile, email, form, errors };
    page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// The link that makes an address that of the account.
pub struct ConfirmLink;

impl Link for ConfirmLink {
    const PURPOSE: &'static str = "address";
    const PATH: &'static str = "/email/link";
    const ONWARD: Onward = ENTER_ANOTHER;
}

/// The link that takes a change of the address back.
pub struct UndoLink;

impl Link for UndoLink {
    const PURPOSE: &'static str = "address undo";
    const PATH: &'static str = "/email/undo/link";
    const ONWARD: Onward = SIGN_IN;
}

/// `GET /email/{token}`: takes the token out of the URL and spends nothing, because programs open
/// links in mails.
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
    shell: Shell,
    Opened { token, path, .. }: Opened<ConfirmLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    let change = changes::confirmable(&mut tx, &token).await?;
    tx.commit().await?;
    page(&ConfirmPage { shell, email: change.new_email, path })
}

/// `POST /email/link/{link}`: from here on the account has the new address, and the old one is told.
pub async fn confirm(
    State(app): State<App>,
    device: Device,
    Opened { token, .. }: Opened<ConfirmLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::write(&app).await?.from(&device);
    let (change, undo) = free(changes::apply(&mut tx, &token).await, ENTER_ANOTHER)?;
    let undo_link = undo.map(|token| app.config.link(&format!("/email/undo/{}", token.expose())));
    let mail = AddressChanged {
        name: change.name.clone(),
        new: change.new_email.to_string(),
        when: app.clock.now().minute(),
        undo_link,
    };
    outbox::enqueue(&mut tx, &change.old_email, &mail).await?;
    tx.record(
        Entry::new(Action::AddressChanged, super::object(change.user_id, &change.new_email))
            .person(change.user_id)
            .before(json!({ "email": change.old_email.as_str() }))
            .after(json!({ "email": change.new_email.as_str() })),
    );
    tx.commit().await?;
    Ok(Flash::redirect("/", format!("Your address is {} now.", change.new_email)))
}

/// `changed`, unless another account has the address.
fn free<T>(changed: Result<T>, onward: Onward) -> Result<T> {
    match changed {
        Err(error) if error.breaks(USER_EMAIL) => {
            Err(AppError::LinkGone { words: "Another account has this address.", onward })
        }
        changed => changed,
    }
}

/// `GET /email/undo/{token}`: takes the token out of the URL and spends nothing.
pub async fn open_undo(
    State(app): State<App>,
    headers: HeaderMap,
    TokenPath(token): TokenPath,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    changes::undoable(&mut tx, &token).await?;
    tx.commit().await?;
    opened::put_away::<UndoLink>(&app, &headers, &token)
}

/// `GET /email/undo/link/{link}`
pub async fn ask_to_undo(
    State(app): State<App>,
    shell: Shell,
    Opened { token, path, .. }: Opened<UndoLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    let change = changes::undoable(&mut tx, &token).await?;
    tx.commit().await?;
    page(&UndoPage { shell, email: change.old_email, path })
}

/// `POST /email/undo/link/{link}`: whoever changed the address is signed out.
pub async fn undo(
    State(app): State<App>,
    device: Device,
    Opened { token, .. }: Opened<UndoLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::write(&app).await?.from(&device);
    let change = free(changes::take_back(&mut tx, &token).await, SIGN_IN)?;
    session::end_all(&mut tx, change.user_id, app.clock.now()).await?;
    known::forget_all(&mut tx, change.user_id).await?;
    tx.record(
        Entry::new(Action::AddressRestored, super::object(change.user_id, &change.old_email))
            .person(change.user_id)
            .before(json!({ "email": change.new_email.as_str() }))
            .after(json!({ "email": change.old_email.as_str() })),
    );
    tx.commit().await?;
    let words = format!(
        "Your address is {} again, and everybody is signed out. Now set a new password.",
        change.old_email
    );
    Ok(Flash::redirect("/password/forgot", words))
}
