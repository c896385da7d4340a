//! Single-use tokens for the holder of an account, emailed or handed over: 32 random bytes, stored
//! as a digest, and bound to one purpose and one address.

use time::Duration;

use crate::core::accounts::noun::AccountTokenId;
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
use crate::platform::words::words;

words! {
    /// What a token allows.
    pub(crate) enum Purpose, "Choose one of the purposes." {
        /// Setting a new password.
        Reset = "reset";
        /// Confirming the address.
        Verify = "verify";
    }
}

impl Purpose {
    /// Where people whose link no longer works get another.
    pub const fn onward(self) -> Onward {
        match self {
            Self::Reset => Onward { path: "/password/forgot", label: "Ask for a new link" },
            Self::Verify => Onward { path: "/account", label: "Go to your account" },
        }
    }

    /// How long its link is valid.
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::Reset => Duration::hours(1),
            Self::Verify => Duration::days(3),
        }
    }
}

/// A valid token, with its account and the address that it confirms.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ValidToken {
    pub id: AccountTokenId,
    pub user_id: UserId,
    pub email: EmailAddress,
    /// Whether it was emailed, so that a person who has it reads the address's mail.
    pub proves_address: bool,
}

#[derive(FromRow)]
struct Found {
    #[sqlx(flatten)]
    good: ValidToken,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
    replaced_at: Option<Timestamp>,
}

/// How many links for one purpose an account gets in an hour: each is an email that somebody may
/// not have asked for.
const PER_HOUR: i64 = 5;

/// Makes a token for `user` that is to be emailed, and voids earlier ones for the same purpose.
/// `None` if there were too many, or the account has another address.
pub(crate) async fn issue(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    purpose: Purpose,
) -> Result<Option<Token>> {
    make(tx, user, email, purpose, true).await
}

/// Makes a token with which `user` can set a password, and which is handed over: it does not
/// confirm the address. Otherwise like [`issue`].
pub(crate) async fn hand_over(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
) -> Result<Option<Token>> {
    make(tx, user, email, Purpose::Reset, false).await
}

async fn make(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
    purpose: Purpose,
    proves_address: bool,
) -> Result<Option<Token>> {
    let now = tx.now();
    // Locks the account, because concurrent requests could otherwise leave two valid tokens.
    let held = tx
        .query(unscoped_sql!(
            "update users set created_at = created_at
             where id = $1 and email = $2 and deleted_at is null"
        ))
        .bind(user)
        .bind(email)
        .execute()
        .await?;
    if held == 0 {
        // It has another address now, or was deleted.
        return Ok(None);
    }
    let (recent,): (i64,) = tx
        .query(unscoped_sql!(
            "select count(*) from account_tokens
             where user_id = $1 and purpose = $2 and created_at > $3"
        ))
        .bind(user)
        .bind(purpose)
        .bind(now.plus(-Duration::hours(1)))
        .one()
        .await?;
    if recent >= PER_HOUR {
        return Ok(None);
    }
    tx.query(unscoped_sql!(
        "update account_tokens set replaced_at = $1
         where user_id = $2 and purpose = $3 and used_at is null and replaced_at is null"
    ))
    .bind(now)
    .bind(user)
    .bind(purpose)
    .execute()
    .await?;
    let token = Token::random();
    tx.query(unscoped_sql!(
        "insert into account_tokens
            (id, user_id, purpose, email, token_hash, created_at, expires_at, proves_address)
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    ))
    .bind(AccountTokenId::new())
    .bind(user)
    .bind(purpose)
    .bind(email)
    .bind(token.digest())
    .bind(now)
    .bind(now.plus(purpose.lifetime()))
    .bind(proves_address)
    .execute()
    .await?;
    Ok(Some(token))
}

/// Finds the token if it is valid, without using it up.
///
/// # Errors
/// [`AppError::LinkGone`] with a message that says why the token is no longer valid.
pub(crate) async fn check(
    tx: &mut UnscopedTx,
    token: &Token,
    purpose: Purpose,
) -> Result<ValidToken> {
    let now = tx.now();
    let found: Option<Found> = tx
        .query(unscoped_sql!(
            "select id, user_id, email, proves_address, expires_at, used_at, replaced_at
             from account_tokens
             where token_hash = $1 and purpose = $2"
        ))
        .bind(token.digest())
        .bind(purpose)
        .optional()
        .await?;
    let found = found.ok_or(AppError::NotFound)?;
    let gone = |words: &'static str| Err(AppError::LinkGone { words, onward: purpose.onward() });
    if found.used_at.is_some() {
        gone("This link has already been used.")
    } else if found.replaced_at.is_some() {
        gone("There's a newer link. Use the latest email.")
    } else if found.expires_at <= now {
        gone("This link has expired. Ask for a new one.")
    } else {
        Ok(found.good)
    }
}

/// Checks the token in a transaction of its own, without using it up.
///
/// # Errors
/// Those of [`check`].
pub(crate) async fn look(app: &App, token: &Token, purpose: Purpose) -> Result<ValidToken> {
    let mut tx = UnscopedTx::read(app).await?;
    let good = check(&mut tx, token, purpose).await?;
    tx.commit().await?;
    Ok(good)
}

/// Uses up the token: of concurrent attempts, only one succeeds. It locks the account first, as the
/// code that makes tokens does.
pub(crate) async fn spend(
    tx: &mut UnscopedTx,
    token: &Token,
    purpose: Purpose,
) -> Result<ValidToken> {
    let good = check(tx, token, purpose).await?;
    tx.lock_person(good.user_id).await?;
    let now = tx.now();
    let spent = tx
        .query(unscoped_sql!(
            "update account_tokens set used_at = $1
             where id = $2 and used_at is null and replaced_at is null and expires_at > $1"
        ))
        .bind(now)
        .bind(good.id)
        .execute()
        .await?;
    if spent == 1 {
        Ok(good)
    } else {
        Err(AppError::LinkGone {
            words: "This link has already been used.",
            onward: purpose.onward(),
        })
    }
}
