//! Confirming an address with a link, in the browser that is signed in to the account. Whoever
//! opens it in another browser can take over the account or discard it ([`claim`]).

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::claim;
use super::mail::Verify;
use super::mark_verified;
use super::tokens::{self, Purpose, ValidToken};
use crate::core::accounts::noun::CONFIRMATION_SENT;
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::mail::outbox;
use crate::platform::session::{CurrentUser, Device, MaybeUser};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::Onward;
use crate::platform::web::{Flash, Shell, TokenPath, page, see_other};

/// Why no link can be sent.
const NO_MAIL: &str =
    "This installation sends no email. Its operator can confirm your address for you.";

#[derive(Template)]
#[template(path = "core/accounts/verify.html")]
struct VerifyPage {
    shell: Shell,
    email: EmailAddress,
    path: String,
}

/// `POST /account/verify`: sends another link.
pub async fn send(user: CurrentUser, State(app): State<App>) -> Result<Response> {
    if user.is_verified() {
        return Ok(Flash::redirect("/account", "Your address is already confirmed."));
    }
    if !outbox::is_sent(&app) {
        return Err(AppError::Conflict(NO_MAIL.into()));
    }
    let mut tx = user.write(&app).await?;
    let Some(token) = tokens::issue(&mut tx, user.id, &user.email, Purpose::Verify).await? else {
        return Err(AppError::over_limit(
            "The link has been sent several times. Check your email, or wait an hour.",
        ));
    };
    let mail = Verify {
        name: user.name.clone(),
        verify_link: app.config.link(&format!("/verify/{}", token.expose())),
    };
    outbox::enqueue(&mut tx, &user.email, &mail).await?;
    let account = super::object(user.id, &user.email);
    tx.record(Entry::new(CONFIRMATION_SENT, account).person(user.id));
    tx.commit().await?;
    Ok(Flash::redirect("/account", format!("A confirmation link is on its way to {}.", user.email)))
}

/// The link that confirms an address.
pub struct VerifyLink;

impl Link for VerifyLink {
    const PURPOSE: &'static str = "verify";
    const PATH: &'static str = "/verify/link";
    const ONWARD: Onward = Purpose::Verify.onward();
}

/// `GET /verify/{token}`: moves the token out of the URL without using it, because programs open
/// links in emails.
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    TokenPath(token): TokenPath,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    tokens::check(&mut tx, &token, Purpose::Verify).await?;
    tx.commit().await?;
    opened::put_away::<VerifyLink>(&app, &headers, &token)
}

/// `GET /verify/link/{link}`
pub async fn show(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    shell: Shell,
    link: Opened<VerifyLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    let good = tokens::check(&mut tx, &link.token, Purpose::Verify).await?;
    tx.commit().await?;
    if !is_own(user.as_ref(), &good) {
        return claim::show(&app, shell, &link.path, &good).await;
    }
    page(&VerifyPage { shell, email: good.email, path: link.path })
}

/// Whether the browser is signed in to the account of the link. Anybody can sign up with any
/// address: if its owner opens the link in another browser, they do not intend to confirm somebody
/// else's account.
fn is_own(user: Option<&CurrentUser>, good: &ValidToken) -> bool {
    user.is_some_and(|user| user.id == good.user_id)
}

/// `POST /verify/link/{link}`: confirms the address in the browser that is signed in to the
/// account. Elsewhere the page offers other actions.
pub async fn confirm(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    device: Device,
    Opened { token, path, .. }: Opened<VerifyLink>,
) -> Result<Response> {
    let mut tx = UnscopedTx::write(&app).await?.from(&device);
    let good = tokens::spend(&mut tx, &token, Purpose::Verify).await?;
    if !is_own(user.as_ref(), &good) {
        // The transaction is rolled back.
        return Ok(see_other(&path));
    }
    if !mark_verified(&mut tx, good.user_id, &good.email, app.clock.now()).await? {
        // It was confirmed in another way before: only the token is used up.
        tx.commit_unrecorded().await?;
        return Ok(Flash::redirect("/", format!("{} is confirmed.", good.email)));
    }
    tx.commit().await?;
    Ok(Flash::redirect("/", format!("{} is confirmed.", good.email)))
}
