//! The first operator's link: created, looked up, and used up in the transaction that makes the
//! first operator.

use time::Duration;

use super::sql;
use crate::core::accounts;
use crate::core::operators::noun::{FIRST_LINK_PRINTED, OPERATOR_GRANTED};
use crate::core::operators::sql::{count, grant};
use crate::platform::App;
use crate::platform::audit::object;
use crate::platform::audit::{Entry, Object};
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::secrets::Token;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::problem::Onward;

/// How long a link is valid.
const LIFETIME: Duration = Duration::hours(24);

/// Where to go with a link that does not work.
pub(super) const SIGN_IN: Onward = Onward { path: "/login", label: "Sign in" };

const USED: &str = "This link has already been used, and the operator account exists.";
const REPLACED: &str = "There's a newer link. Use the one printed last.";
const EXPIRED: &str = "This link has expired. Run `tenantry operator first-link` on the server to \
                       get a new one.";
const TOO_LATE: &str =
    "This installation already has an operator, who can add others on the command line.";

/// A link for the first operator of an installation without accounts; `None` if there are any.
/// Earlier links stop working.
pub async fn at_start(app: &App) -> Result<Option<String>> {
    let mut tx = UnscopedTx::write(app).await?;
    if count(&mut tx).await? > 0 || sql::has_account(&mut tx).await? {
        return Ok(None);
    }
    Ok(Some(make(tx).await?))
}

/// Makes a link for the first operator, even if there are accounts. Returns the lines to print.
///
/// # Errors
/// A message if there already is an operator, or any error of the database.
pub async fn print(app: &App) -> Result<String, String> {
    let made = async {
        let mut tx = UnscopedTx::write(app).await?;
        match count(&mut tx).await? {
            0 => Ok(Some(make(tx).await?)),
            _ => Ok(None),
        }
    };
    match made.await.map_err(|error: AppError| error.to_string())? {
        Some(link) => Ok(format!("{WORDS}\n{link}")),
        None => Err("there is already an operator (`tenantry operator list`); `tenantry operator \
                     grant ADDRESS` adds another one"
            .to_owned()),
    }
}

/// The words printed above a link.
pub const WORDS: &str = "The first person to open this link, within 24 hours, creates the account \
     of the first operator:";

async fn make(mut tx: UnscopedTx) -> Result<String> {
    let (token, now) = (Token::random(), tx.now());
    sql::replace(&mut tx, now).await?;
    sql::insert(&mut tx, &token, now, now.plus(LIFETIME)).await?;
    let installation = Object::named(object::INSTALLATION, "a link for the first operator");
    tx.record(Entry::new(FIRST_LINK_PRINTED, installation));
    let link = tx.app().config.link(&format!("/first/{}", token.expose()));
    tx.commit().await?;
    Ok(link)
}

/// Checks that the link works, without using it up.
///
/// # Errors
/// [`AppError::LinkGone`] with a message that says why it does not work.
pub(super) async fn check(tx: &mut UnscopedTx, token: &Token) -> Result<()> {
    let found = sql::find(tx, token).await?.ok_or(AppError::NotFound)?;
    let gone = |words: &'static str| Err(AppError::LinkGone { words, onward: SIGN_IN });
    if found.used_at.is_some() {
        gone(USED)
    } else if found.replaced_at.is_some() {
        gone(REPLACED)
    } else if found.expires_at <= tx.now() {
        gone(EXPIRED)
    } else if count(tx).await? > 0 {
        gone(TOO_LATE)
    } else {
        Ok(())
    }
}

/// Uses up the link in the transaction that creates the account: of concurrent attempts, only one
/// succeeds.
pub(crate) async fn spend(tx: &mut UnscopedTx, token: &Token) -> Result<()> {
    check(tx, token).await?;
    let now = tx.now();
    match sql::spend(tx, token, now).await? {
        true => Ok(()),
        false => Err(AppError::LinkGone { words: USED, onward: SIGN_IN }),
    }
}

/// Makes the account of this transaction an operator, after [`spend`].
pub(crate) async fn make_operator(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
) -> Result<()> {
    // A person is locked before anything that belongs to them.
    tx.lock_person(user).await?;
    let now = tx.now();
    grant(tx, user, now).await?;
    let entry = accounts::entry(OPERATOR_GRANTED, user, email).logged();
    tx.record(entry.after(serde_json::json!({ "by": "the first link" })));
    Ok(())
}
