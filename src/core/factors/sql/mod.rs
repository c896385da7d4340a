//! The statements about second factors. They belong to people, and to no organization.

mod app;
mod passkey;
mod recovery_code;

use time::Duration;

use super::model::FactorId;
use crate::core::accounts::DISPUTABLE;
use crate::platform::App;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::tenant::UnscopedTx;

pub(super) use app::{
    AppRow, SealedSeed, apps, begin_app, confirm_app, totp_seeds, unconfirmed_seed, use_step,
};
pub(super) use passkey::{
    PasskeyKey, PasskeyRow, add_passkey, credentials, passkey_by_credential, passkeys, use_passkey,
};
pub(super) use recovery_code::{recovery_codes_left, replace_recovery_codes, use_recovery_code};

/// How long unfinished set-ups are kept.
const RETENTION: Duration = Duration::days(1);

/// What is stored about a new factor, in addition to the factor.
pub(super) struct Added<'a> {
    pub name: &'a str,
    /// The browser and network address it is added from.
    pub from: String,
}

/// The number of a person's factors besides recovery codes, disputed or not.
pub(super) async fn count(tx: &mut UnscopedTx, user: UserId) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(unscoped_sql!(
            "select (select count(*) from totp_factors
                     where user_id = $1 and confirmed_at is not null and removed_at is null)
                  + (select count(*) from passkeys where user_id = $1 and removed_at is null)"
        ))
        .bind(user)
        .one()
        .await?;
    Ok(count)
}

/// The name of a factor.
pub(super) async fn factor_name(
    tx: &mut UnscopedTx,
    user: UserId,
    factor: FactorId,
) -> Result<Option<String>, sqlx::Error> {
    let statement = match factor {
        FactorId::App(_) => unscoped_sql!(
            "select name from totp_factors
             where id = $1 and user_id = $2 and confirmed_at is not null and removed_at is null"
        ),
        FactorId::Passkey(_) => unscoped_sql!(
            "select name from passkeys where id = $1 and user_id = $2 and removed_at is null"
        ),
    };
    let name: Option<(String,)> =
        tx.query(statement).bind(factor.uuid()).bind(user).optional().await?;
    Ok(name.map(|(name,)| name))
}

/// Renames a factor.
pub(super) async fn rename_factor(
    tx: &mut UnscopedTx,
    factor: FactorId,
    name: &str,
) -> Result<(), sqlx::Error> {
    let statement = match factor {
        FactorId::App(_) => unscoped_sql!("update totp_factors set name = $1 where id = $2"),
        FactorId::Passkey(_) => unscoped_sql!("update passkeys set name = $1 where id = $2"),
    };
    tx.query(statement).bind(name).bind(factor.uuid()).execute().await?;
    Ok(())
}

/// Disables the factor. Its row is kept as long as the removal can be disputed.
pub(super) async fn remove_factor(
    tx: &mut UnscopedTx,
    factor: FactorId,
) -> Result<(), sqlx::Error> {
    let statement = match factor {
        FactorId::App(_) => unscoped_sql!("update totp_factors set removed_at = $1 where id = $2"),
        FactorId::Passkey(_) => unscoped_sql!("update passkeys set removed_at = $1 where id = $2"),
    };
    let now = tx.now();
    tx.query(statement).bind(now).bind(factor.uuid()).execute().await?;
    Ok(())
}

/// Removes what is no longer needed: expired challenges, apps that were never confirmed, and
/// factors that were removed too long ago to be disputed.
pub async fn remove_expired(app: &App) -> Result<()> {
    let now = app.clock.now();
    let before = now.plus(-RETENTION);
    let undisputed = now.plus(-DISPUTABLE);
    let mut tx = UnscopedTx::write(app).await?;
    for (statement, before) in [
        (unscoped_sql!("delete from spent_challenges where expires_at < $1"), now),
        (
            unscoped_sql!(
                "delete from totp_factors where confirmed_at is null and created_at < $1"
            ),
            before,
        ),
        (unscoped_sql!("delete from totp_factors where removed_at < $1"), undisputed),
        (unscoped_sql!("delete from passkeys where removed_at < $1"), undisputed),
        (unscoped_sql!("delete from recovery_codes where replaced_at < $1"), undisputed),
    ] {
        tx.query(statement).bind(before).execute().await?;
    }
    tx.commit_unrecorded().await?;
    Ok(())
}
