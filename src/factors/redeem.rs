//! What is typed as a second factor, taken once.

use super::mail::{self, FactorChanged};
use super::model::Holder;
use super::recovery;
use super::sql;
use super::totp::Seed;
use crate::error::Result;
use crate::platform::audit::Action;
use crate::platform::clock::Timestamp;
use crate::platform::tenant::UnscopedTx;
use serde_json::json;

/// Takes a code of an app or a recovery code; says whether it was one. A code that was taken
/// before, even a moment ago in another browser, is none any more.
pub(super) async fn redeem(
    tx: &mut UnscopedTx,
    holder: &Holder,
    typed: &str,
    now: Timestamp,
) -> Result<bool> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    match recovery::hash(&code) {
        Some(hash) => take_recovery_code(tx, holder, &hash, now).await,
        None => take_app_code(tx, holder, &code, now).await,
    }
}

async fn take_app_code(
    tx: &mut UnscopedTx,
    holder: &Holder,
    code: &str,
    now: Timestamp,
) -> Result<bool> {
    let app = tx.app().clone();
    for factor in sql::totp_seeds(tx, holder.id).await? {
        let seed = Seed::open(&app, factor.id, &factor.sealed_seed)?;
        if let Some(step) = seed.step_of(code, now)?
            && sql::use_step(tx, factor.id, step, now).await?
        {
            tx.acting(holder.id, &holder.name, &holder.email);
            tx.record(holder.entry(Action::FactorUsed));
            return Ok(true);
        }
    }
    Ok(false)
}

async fn take_recovery_code(
    tx: &mut UnscopedTx,
    holder: &Holder,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool> {
    if !sql::use_recovery_code(tx, holder.id, hash, now).await? {
        return Ok(false);
    }
    let left = sql::recovery_codes_left(tx, holder.id).await?;
    tx.acting(holder.id, &holder.name, &holder.email);
    tx.record(holder.entry(Action::RecoveryCodeUsed).after(json!({ "left": left })));
    let what = format!("A recovery code of your account was used. {left} are left.");
    mail::send(tx, holder, &FactorChanged::new(tx.app(), holder, what)).await?;
    Ok(true)
}
