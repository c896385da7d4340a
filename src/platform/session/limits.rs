//! How long sign-ins last, and how many an account may have.

use time::Duration;

use super::sign_in::Ended;
use crate::platform::audit::action::SIGN_IN_ENDED;
use crate::platform::audit::object;
use crate::platform::audit::{Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::Query;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::Result;
use crate::platform::ids::{SignInId, UserId};
use crate::platform::tenant::UnscopedTx;

/// The longest a sign-in lasts.
pub const LIFETIME: Duration = Duration::hours(24);
/// How long a sign-in lasts without a request.
pub const IDLE: Duration = Duration::hours(8);
/// The longest a sign-in lasts with "keep me signed in".
pub const LIFETIME_KEPT: Duration = Duration::days(30);
/// How long a sign-in lasts without a request, with "keep me signed in".
pub const IDLE_KEPT: Duration = Duration::days(14);
/// How many sign-ins an account may have at the same time.
pub const PARALLEL: i64 = 20;

/// Whether a sign-in that was last used at `last_seen` has expired.
pub fn is_idle(last_seen: Timestamp, kept: bool, now: Timestamp) -> bool {
    now.since(last_seen) >= if kept { IDLE_KEPT } else { IDLE }
}

/// When a sign-in expires unless it is used again before.
pub fn ends_at(last_seen: Timestamp, expires: Timestamp, kept: bool) -> Timestamp {
    let idle = last_seen.plus(if kept { IDLE_KEPT } else { IDLE });
    if idle < expires { idle } else { expires }
}

/// The condition that the sign-in `$s` is open: it has not been ended, and neither of its time
/// limits is reached. [`bind_open`] binds the three parameters, in this order.
macro_rules! open_sign_in {
    ($s:literal, $now:literal, $idle:literal, $idle_kept:literal) => {
        concat!(
            $s,
            ".ended_at is null and ",
            $s,
            ".expires_at > ",
            $now,
            " and (",
            $s,
            ".kept and ",
            $s,
            ".last_seen_at > ",
            $idle_kept,
            " or not ",
            $s,
            ".kept and ",
            $s,
            ".last_seen_at > ",
            $idle,
            ")"
        )
    };
}
pub(crate) use open_sign_in;

/// Binds the parameters of [`open_sign_in`].
pub fn bind_open(query: Query<'_>, now: Timestamp) -> Query<'_> {
    query.bind(now).bind(now.plus(-IDLE)).bind(now.plus(-IDLE_KEPT))
}

/// Ends the least recently used sign-ins beyond the limit, but not `newest`. The caller must hold a
/// lock on the account, so that concurrent sign-ins are counted one by one.
pub(super) async fn end_surplus(
    tx: &mut UnscopedTx,
    user: UserId,
    newest: SignInId,
    now: Timestamp,
) -> Result<()> {
    let query = tx.query(unscoped_sql!(concat!(
        "update sign_ins set ended_at = $1
         where id in (
            select s.id from sign_ins s
            where ",
        open_sign_in!("s", "$1", "$2", "$3"),
        " and s.user_id = $4 and s.id <> $5
            order by s.last_seen_at desc, s.id desc
            limit 1000 offset $6)
         returning id, user_id,
            (select name from users u where u.id = sign_ins.user_id) as name,
            (select email from users u where u.id = sign_ins.user_id) as email"
    )));
    let ended: Vec<Ended> =
        bind_open(query, now).bind(user).bind(newest).bind(PARALLEL - 1).all().await?;
    for ended in ended {
        let object = Object::new(object::SIGN_IN, ended.id.uuid(), ended.email.to_string());
        let why = serde_json::json!({ "ended": "unused for longest" });
        tx.record(Entry::new(SIGN_IN_ENDED, object).person(ended.user_id).after(why));
    }
    Ok(())
}
