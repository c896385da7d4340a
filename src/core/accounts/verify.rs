//! Confirming an address with a link, in the browser that is signed in to the account. Someone
//! who opens it in another browser can take over the account or discard it ([`claim`]).

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::tokens::{self, Purpose, ValidToken};
use super::{claim, commands};
use crate::core::join;
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::session::{CurrentUser, Device, MaybeUser};
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::Onward;
use crate::platform::web::{Flash, Shell, TokenPath, page, see_other};

#[derive(Template)]
#[template(path = "core/accounts/verify.html")]
struct VerifyPage {
    shell: Shell,
    email: EmailAddress,
    path: String,
}

/// `POST /account/verify`: sends another link.
pub async fn send(user: CurrentUser, State(app): State<App>) -> Result<Response> {
    if !commands::send_confirmation(&app, &user).await? {
        return Ok(Flash::redirect("/account", "Your email address is already confirmed."));
    }
    Ok(Flash::redirect("/account", format!("We've sent a confirmation link to {}.", user.email)))
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
    tokens::look(&app, &token, Purpose::Verify).await?;
    opened::put_away::<VerifyLink>(&app, &headers, &token)
}

/// `GET /verify/link/{link}`
pub async fn show(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    shell: Shell,
    link: Opened<VerifyLink>,
) -> Result<Response> {
    let good = tokens::look(&app, &link.token, Purpose::Verify).await?;
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
    headers: HeaderMap,
    Opened { token, path, .. }: Opened<VerifyLink>,
) -> Result<Response> {
    let confirmed = commands::confirm(&app, user.as_ref(), &device, &token).await?;
    let Some(email) = confirmed else {
        return Ok(see_other(&path));
    };
    // Someone who wanted to join with a link had to do this first.
    let next = join::waiting(&app, &headers).unwrap_or_else(|| "/".to_owned());
    Ok(Flash::redirect(&next, format!("{email} confirmed.")))
}
