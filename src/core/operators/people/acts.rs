//! Acts on an account, from its page for operators and from the command line: each is recorded, and
//! the person is told, in the caller's transaction.

use serde_json::json;

use super::sql::Person;
use crate::core::accounts::told::{Done, tell};
use crate::core::accounts::{self, hand_over_link, suspension, vouch_for};
use crate::core::operators::noun::{ACCOUNT_REACTIVATED, ACCOUNT_SUSPENDED, SIGN_INS_ENDED};
use crate::platform::audit::object;
use crate::platform::audit::{Action, Entry, Object};
use crate::platform::error::Result;
use crate::platform::ids::SignInId;
use crate::platform::session;
use crate::platform::tenant::UnscopedTx;

fn entry(action: Action, person: &Person) -> Entry {
    accounts::entry(action, person.id, &person.email)
}

/// Ends all sign-ins of the person but `kept`; returns how many there were.
pub(super) async fn end_sign_ins(
    tx: &mut UnscopedTx,
    person: &Person,
    kept: Option<SignInId>,
) -> Result<u64> {
    tx.lock_person(person.id).await?;
    let now = tx.now();
    let ended = match kept {
        Some(kept) => session::end_others(tx, person.id, kept, now).await?,
        None => session::end_all(tx, person.id, now).await?,
    };
    if ended > 0 {
        tx.record(entry(SIGN_INS_ENDED, person).after(json!({ "ended": ended })));
        tell(tx, person.id, Done::SignInsEnded).await?;
    }
    Ok(ended)
}

/// Ends everybody's sign-ins, except `kept`; returns how many there were.
pub(super) async fn end_everybodys_sign_ins(
    tx: &mut UnscopedTx,
    kept: Option<SignInId>,
) -> Result<u64> {
    let ended = session::end_everybodys(tx, kept, tx.now()).await?;
    if ended > 0 {
        let everybody = Object::named(object::INSTALLATION, "everybody");
        tx.record(Entry::new(SIGN_INS_ENDED, everybody).after(json!({ "ended": ended })));
    }
    Ok(ended)
}

/// Suspends the account; returns false if it was suspended already. Of two concurrent suspensions,
/// the first one's reason is kept.
pub(super) async fn suspend(tx: &mut UnscopedTx, person: &Person, reason: &str) -> Result<bool> {
    tx.lock_person(person.id).await?;
    let now = tx.now();
    let is_news = suspension::suspend(tx, person.id, reason, now).await?;
    if is_news {
        tx.record(entry(ACCOUNT_SUSPENDED, person).after(json!({ "reason": reason })));
        tell(tx, person.id, Done::Suspended(reason.to_owned())).await?;
    }
    Ok(is_news)
}

/// Lets the person sign in again; returns false if the account was not suspended.
pub(super) async fn reactivate(tx: &mut UnscopedTx, person: &Person) -> Result<bool> {
    let is_news = suspension::reactivate(tx, person.id).await?;
    if is_news {
        let reason = person.suspended_reason.clone().unwrap_or_default();
        tx.record(entry(ACCOUNT_REACTIVATED, person).before(json!({ "reason": reason })));
        tell(tx, person.id, Done::Reactivated).await?;
    }
    Ok(is_news)
}

/// Vouches for the person's address; returns false if it was confirmed already.
pub(super) async fn confirm(tx: &mut UnscopedTx, person: &Person) -> Result<bool> {
    Ok(vouch_for(tx, person.id, &person.email).await?)
}

/// A link to set a password, to be handed over to the person; `None` if there were too many within
/// an hour.
pub(super) async fn reset_link(tx: &mut UnscopedTx, person: &Person) -> Result<Option<String>> {
    let link = hand_over_link(tx, person.id, &person.email).await?;
    if link.is_some() {
        tell(tx, person.id, Done::LinkHandedOver).await?;
    }
    Ok(link)
}
