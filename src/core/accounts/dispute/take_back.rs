//! Taking an account back, in one transaction.

use serde_json::json;

use super::acts;
use super::sql::{self, Act};
use crate::core::accounts::RESET_JOB;
use crate::core::accounts::mail::TakenBack;
use crate::core::accounts::noun::{ACCOUNT_TAKEN_BACK, ADDRESS_RESTORED};
use crate::core::accounts::{changes, entry};
use crate::core::factors;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::jobs;
use crate::platform::mail::outbox;
use crate::platform::secrets::Token;
use crate::platform::session::{self, Device, known};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::problem::Onward;

const SIGN_IN: Onward = Onward { path: "/login", label: "Sign in" };

/// An account that was taken back.
pub(super) struct TakenBackAccount {
    pub act: Act,
    /// Whether the account still asks for factors that open nothing.
    pub is_frozen: bool,
}

/// Takes the account back to the moment before `since`. Without the previous password, factors that
/// have changed since are not restored, but open nothing any more, and a link to set a new password
/// is emailed to the account's address.
pub(super) async fn run(
    app: &App,
    device: &Device,
    token: &Token,
    since: Timestamp,
    knows_password: bool,
) -> Result<TakenBackAccount> {
    let mut tx = UnscopedTx::write(app).await?.from(device);
    let first = acts::open(&mut tx, token).await?;
    tx.lock_person(first.user_id).await?;
    let act = acts::open(&mut tx, token).await?;
    let (user, now) = (act.user_id, tx.now());
    let before = sql::holder(&mut tx, user).await?;
    let is_frozen =
        !knows_password && factors::disputed::changed_since(&mut tx, user, since).await?;
    match is_frozen {
        true => {
            factors::disputed::freeze(&mut tx, user, since).await?;
            sql::close_elsewhere(&mut tx, user, &act.email, since).await?;
        }
        false => {
            factors::disputed::restore(&mut tx, user, since).await?;
            sql::close_since(&mut tx, user, since).await?;
        }
    }
    session::end_all(&mut tx, user, now).await?;
    known::forget_all(&mut tx, user).await?;
    sql::end_password(&mut tx, user).await?;
    changes::replace_open(&mut tx, user, now).await?;
    changes::void_tokens(&mut tx, user, now).await?;
    if before.email != act.email {
        changes::free(changes::take_back(&mut tx, user, &act.email, since).await, SIGN_IN)?;
        tx.record(
            entry(ADDRESS_RESTORED, user, &act.email)
                .before(json!({ "email": before.email.as_str() }))
                .after(json!({ "email": act.email.as_str() })),
        );
    }
    let entry = entry(ACCOUNT_TAKEN_BACK, user, &act.email);
    tx.record(entry.after(json!({
        "since": since.rfc3339(),
        "factors": if is_frozen { "disputed" } else { "as before" },
    })));
    let mut mail = TakenBack {
        name: before.name,
        since: since.minute(),
        when: now.minute(),
        origin: acts::origin(Some(device)),
        is_frozen,
        forgot_link: app.config.link("/password/forgot"),
    };
    outbox::enqueue(&mut tx, &act.email, &mail).await?;
    if before.email != act.email {
        // The recipient may be an intruder, who must not learn where the owner is.
        mail.origin.clear();
        outbox::enqueue(&mut tx, &before.email, &mail).await?;
    }
    if !knows_password {
        jobs::enqueue(&mut tx, RESET_JOB.name, act.email.as_str()).await?;
    }
    tx.commit().await?;
    Ok(TakenBackAccount { act, is_frozen })
}
