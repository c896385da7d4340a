//! Records what was done to an account, who is told about it, and the link to dispute it.

use super::DISPUTABLE;
use super::sql::{self, Act, NewAct};
use crate::core::accounts::noun::AccountActId;
use crate::core::accounts::sign_ins;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::places;
use crate::platform::secrets::Token;
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::problem::Onward;

pub(super) const RESET: Onward = Onward { path: "/password/forgot", label: "Set a new password" };

/// A recipient of the notice about an act.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub email: EmailAddress,
    /// The browser and network address it was done from.
    pub origin: String,
    /// A link to say "this was not me"; `None` for an address that was never confirmed.
    pub not_me_link: Option<String>,
}

impl Told {
    /// A recipient who may know about the act but cannot dispute it.
    pub fn without_link(email: EmailAddress, tx: &UnscopedTx) -> Self {
        Self { email, origin: origin(tx.device()), not_me_link: None }
    }
}

/// The browser and network address of a request, in words: `Firefox on Linux, 203.0.113.7`.
pub(crate) fn origin(device: Option<&Device>) -> String {
    device.map_or_else(String::new, |device| {
        let address = places::describe(None, &device.address.to_string());
        format!("{}, {address}", sign_ins::device(&device.user_agent))
    })
}

/// Records an act on the account of `user` in the transaction that does it; `what` is a complete
/// sentence. Returns the recipients of the notice: the account's address, and those that it
/// recently had.
pub(crate) async fn announce(tx: &mut UnscopedTx, user: UserId, what: &str) -> Result<Vec<Told>> {
    let now = tx.now();
    let holder = sql::holder(tx, user).await?;
    let mut told = match holder.is_verified {
        true => vec![note(tx, user, holder.email, now, what).await?],
        false => vec![Told::without_link(holder.email, tx)],
    };
    told.extend(announce_to_former(tx, user, what).await?);
    Ok(told)
}

/// Records an act for the account's recent addresses only: they can dispute everything since they
/// were replaced.
pub(crate) async fn announce_to_former(
    tx: &mut UnscopedTx,
    user: UserId,
    what: &str,
) -> Result<Vec<Told>> {
    let mut told = Vec::new();
    for former in sql::former_addresses(tx, user).await? {
        told.push(note(tx, user, former.email, former.replaced_at, what).await?);
    }
    Ok(told)
}

/// The address of an account, and those that it recently had.
pub(crate) async fn addresses(tx: &mut UnscopedTx, user: UserId) -> Result<Vec<EmailAddress>> {
    let mut addresses = vec![sql::holder(tx, user).await?.email];
    let former = sql::former_addresses(tx, user).await?;
    addresses.extend(former.into_iter().map(|former| former.email));
    Ok(addresses)
}

async fn note(
    tx: &mut UnscopedTx,
    user: UserId,
    email: EmailAddress,
    since: Timestamp,
    what: &str,
) -> Result<Told> {
    let (app, now) = (tx.app().clone(), tx.now());
    let (token, origin) = (Token::random(), origin(tx.device()));
    let act = NewAct {
        id: AccountActId::new(),
        user,
        email: &email,
        what,
        origin: &origin,
        since,
        now,
        expires_at: now.plus(DISPUTABLE),
    };
    sql::insert(tx, &act, &token).await?;
    let not_me_link = Some(app.config.link(&format!("/not-me/{}", token.expose())));
    Ok(Told { email, origin, not_me_link })
}

/// The act that the link disputes.
///
/// # Errors
/// [`AppError::LinkGone`] with a message that says why the link no longer works.
pub(super) async fn open(tx: &mut UnscopedTx, token: &Token) -> Result<Act> {
    let now = tx.now();
    let act = sql::find(tx, token).await?.ok_or(AppError::NotFound)?;
    let gone = |words: &'static str| Err(AppError::LinkGone { words, onward: RESET });
    if act.closed_at.is_some() {
        gone("The account has already been recovered.")
    } else if act.expires_at <= now {
        gone("The 72 hours to undo this are over.")
    } else {
        Ok(act)
    }
}
