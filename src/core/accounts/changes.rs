//! Changes of an account's address, which a link to the new one confirms. The old address is
//! informed, as about everything that can be disputed.

use time::Duration;

use super::{DISPUTABLE, sql};
use crate::core::accounts::noun::{AddressChangeId, USER_EMAIL};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::secrets::Token;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::problem::Onward;

/// How long a change can be confirmed.
const CONFIRMABLE: Duration = Duration::hours(24);
/// How many changes a person may ask for in an hour: each sends an email to an address they type.
const PER_HOUR: i64 = 5;

/// The page that asks for the new address.
pub(super) const PATH: &str = "/account/email";
const ASK_AGAIN: Onward = Onward { path: PATH, label: "Ask for a new link" };
/// Where to go when the address is taken.
pub(super) const ENTER_ANOTHER: Onward = Onward { path: PATH, label: "Use a different address" };

/// A change that a token confirms.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Change {
    id: AddressChangeId,
    pub user_id: UserId,
    pub name: String,
    pub old_email: EmailAddress,
    pub new_email: EmailAddress,
    /// Whether the account still has the change's old address.
    is_applicable: bool,
    /// Whether the old address was confirmed.
    pub is_old_proved: bool,
    expires_at: Timestamp,
    replaced_at: Option<Timestamp>,
    confirmed_at: Option<Timestamp>,
}

/// Records that `user` wants another address; earlier changes can no longer be confirmed. Returns
/// the token for the new address, or `None` if they have asked too often.
pub(super) async fn ask(
    tx: &mut UnscopedTx,
    user: UserId,
    old: &EmailAddress,
    new: &EmailAddress,
) -> Result<Option<Token>> {
    tx.lock_person(user).await?;
    let now = tx.now();
    let (recent,): (i64,) = tx
        .query(unscoped_sql!(
            "select count(*) from address_changes where user_id = $1 and created_at > $2"
        ))
        .bind(user)
        .bind(now.plus(-Duration::hours(1)))
        .one()
        .await?;
    if recent >= PER_HOUR {
        return Ok(None);
    }
    replace_open(tx, user, now).await?;
    let token = Token::random();
    tx.query(unscoped_sql!(
        "insert into address_changes
            (id, user_id, old_email, new_email, token_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ))
    .bind(AddressChangeId::new())
    .bind(user)
    .bind(old)
    .bind(new)
    .bind(token.digest())
    .bind(now)
    .bind(now.plus(CONFIRMABLE))
    .execute()
    .await?;
    Ok(Some(token))
}

/// A change that has not been confirmed yet.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Pending {
    pub new_email: EmailAddress,
    pub expires_at: Timestamp,
}

/// The account's change that can still be confirmed.
pub(super) async fn pending(
    tx: &mut UnscopedTx,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Pending>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select c.new_email, c.expires_at
         from address_changes c
         join users u on u.id = c.user_id and u.email = c.old_email
         where c.user_id = $1 and c.confirmed_at is null and c.replaced_at is null
            and c.expires_at > $2
         order by c.created_at desc
         limit 1"
    ))
    .bind(user)
    .bind(now)
    .optional()
    .await
}

/// Voids the links of all open changes.
pub(super) async fn replace_open(tx: &mut UnscopedTx, user: UserId, now: Timestamp) -> Result<()> {
    tx.query(unscoped_sql!(
        "update address_changes set replaced_at = $1
         where user_id = $2 and confirmed_at is null and replaced_at is null"
    ))
    .bind(now)
    .bind(user)
    .execute()
    .await?;
    Ok(())
}

/// Voids open changes and password links, so that an intruder who asked for them cannot use them
/// after the owner has taken the account back.
pub(super) async fn void_open(tx: &mut UnscopedTx, user: UserId, now: Timestamp) -> Result<()> {
    replace_open(tx, user, now).await?;
    tx.query(unscoped_sql!(
        "update account_tokens set replaced_at = $1
         where user_id = $2 and purpose = 'reset' and used_at is null and replaced_at is null"
    ))
    .bind(now)
    .bind(user)
    .execute()
    .await?;
    Ok(())
}

macro_rules! change {
    ($condition:literal) => {
        unscoped_sql!(concat!(
            "select c.id, c.user_id, u.name, c.old_email, c.new_email, c.expires_at,
                    c.replaced_at, c.confirmed_at,
                    u.email = c.old_email as is_applicable,
                    u.email_verified_at is not null as is_old_proved
             from address_changes c
             join users u on u.id = c.user_id
             where ",
            $condition
        ))
    };
}

/// The change that this token confirms.
///
/// # Errors
/// [`AppError::LinkGone`] with a message that says why the link no longer works.
pub(super) async fn confirmable(tx: &mut UnscopedTx, token: &Token) -> Result<Change> {
    let now = tx.now();
    let found: Option<Change> =
        tx.query(change!("c.token_hash = $1")).bind(token.digest()).optional().await?;
    let change = found.ok_or(AppError::NotFound)?;
    let gone = |words: &'static str| Err(AppError::LinkGone { words, onward: ASK_AGAIN });
    if change.confirmed_at.is_some() {
        gone("This link has already been used.")
    } else if change.replaced_at.is_some() || !change.is_applicable {
        gone("This change was cancelled, or you've asked for a newer link. Use the latest email.")
    } else if change.expires_at <= now {
        gone("This link has expired. Ask for a new one.")
    } else {
        Ok(change)
    }
}

/// The change that the token can confirm, read in a transaction of its own.
///
/// # Errors
/// Those of [`confirmable`].
pub(super) async fn look(app: &App, token: &Token) -> Result<Change> {
    let mut tx = UnscopedTx::read(app).await?;
    let change = confirmable(&mut tx, token).await?;
    tx.commit().await?;
    Ok(change)
}

/// Turns the error that another account has the address into one for the page of a link.
///
/// # Errors
/// [`AppError::LinkGone`] for that; any other error of `changed`.
pub(super) fn free<T>(changed: Result<T>, onward: Onward) -> Result<T> {
    match changed {
        Err(error) if error.breaks(USER_EMAIL) => {
            let words = "Another account already uses this email address.";
            Err(AppError::LinkGone { words, onward })
        }
        changed => changed,
    }
}

/// Gives the account its new address, confirmed; of concurrent attempts, only one succeeds. The old
/// address stays reserved as long as the change can be disputed. Only a confirmed address can
/// dispute it: restoring an unconfirmed one would give the account to the owner of that address.
pub(super) async fn apply(tx: &mut UnscopedTx, token: &Token) -> Result<Change> {
    let first = confirmable(tx, token).await?;
    tx.lock_person(first.user_id).await?;
    let now = tx.now();
    let change = confirmable(tx, token).await?;
    set_address(tx, change.user_id, &change.new_email, now).await?;
    sql::refuse_reserved(tx, change.user_id, &change.new_email, now).await?;
    tx.query(unscoped_sql!(
        "update address_changes set confirmed_at = $1, undo_until = $2 where id = $3"
    ))
    .bind(now)
    .bind(change.is_old_proved.then(|| now.plus(DISPUTABLE)))
    .bind(change.id)
    .execute()
    .await?;
    void_tokens(tx, change.user_id, now).await?;
    Ok(change)
}

async fn set_address(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<()> {
    tx.query(unscoped_sql!("update users set email = $1, email_verified_at = $2 where id = $3"))
        .bind(email)
        .bind(now)
        .bind(user)
        .execute()
        .await?;
    Ok(())
}

/// Voids links that were sent to an address which the account no longer has.
pub(super) async fn void_tokens(tx: &mut UnscopedTx, user: UserId, now: Timestamp) -> Result<()> {
    tx.query(unscoped_sql!(
        "update account_tokens set replaced_at = $1
         where user_id = $2 and used_at is null and replaced_at is null"
    ))
    .bind(now)
    .bind(user)
    .execute()
    .await?;
    Ok(())
}

/// Gives the account back an earlier address that was confirmed. Changes since then can be neither
/// confirmed nor undone.
///
/// # Errors
/// A unique constraint violation when another account has the address.
pub(super) async fn take_back(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    since: Timestamp,
) -> Result<()> {
    let now = tx.now();
    set_address(tx, user, email, now).await?;
    tx.query(unscoped_sql!(
        "update address_changes set undone_at = $1
         where user_id = $2 and confirmed_at >= $3 and undone_at is null"
    ))
    .bind(now)
    .bind(user)
    .bind(since)
    .execute()
    .await?;
    Ok(())
}
