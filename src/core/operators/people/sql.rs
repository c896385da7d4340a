//! The statements about accounts as operators see them, with nothing from inside an organization.

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::ids::UserId;
use crate::platform::session::limits::bind_open;
use crate::platform::tenant::UnscopedTx;

/// An account.
#[derive(Clone, Debug, FromRow)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    /// The sort key of the name.
    pub name_key: String,
    pub email: EmailAddress,
    /// When a link confirmed the address.
    pub email_verified_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub suspended_at: Option<Timestamp>,
    pub suspended_reason: Option<String>,
    /// When its holder deleted it.
    pub deleted_at: Option<Timestamp>,
    pub has_factor: bool,
    pub is_operator: bool,
    /// The number of signed-in browsers.
    pub sign_ins: i64,
    /// When one of them was last seen, as long as that is kept.
    pub last_seen_at: Option<Timestamp>,
}

impl Person {
    /// A path of this account's operator pages.
    pub fn path(&self, rest: &str) -> String {
        format!("{}/{}{rest}", super::PATH, self.id)
    }
}

/// What operators can see of the account `u`; the first three parameters are those of
/// [`open_sign_in`].
macro_rules! columns {
    () => {
        concat!(
            "u.id, u.name, u.name_key, u.email, u.email_verified_at, u.created_at, u.suspended_at,
             u.suspended_reason, u.deleted_at,
             (exists (select 1 from totp_factors f
                      where f.user_id = u.id and f.confirmed_at is not null
                        and f.removed_at is null)
                or exists (select 1 from passkeys p
                           where p.user_id = u.id and p.removed_at is null)) as has_factor,
             exists (select 1 from operators o where o.user_id = u.id) as is_operator,
             (select count(*) from sign_ins s where s.user_id = u.id and ",
            $crate::platform::session::limits::open_sign_in!("s", "$1", "$2", "$3"),
            ") as sign_ins,
             (select max(s.last_seen_at) from sign_ins s where s.user_id = u.id) as last_seen_at"
        )
    };
}
pub(super) use columns;

/// The account with this address.
pub(super) async fn find_by_address(
    tx: &mut UnscopedTx,
    email: &EmailAddress,
) -> Result<Option<Person>, sqlx::Error> {
    let now = tx.now();
    let query =
        tx.query(unscoped_sql!(concat!("select ", columns!(), " from users u where u.email = $4")));
    bind_open(query, now).bind(email).optional().await
}

/// The account `id`.
pub(super) async fn find(
    tx: &mut UnscopedTx,
    id: UserId,
    now: Timestamp,
) -> Result<Option<Person>, sqlx::Error> {
    let query =
        tx.query(unscoped_sql!(concat!("select ", columns!(), " from users u where u.id = $4")));
    bind_open(query, now).bind(id).optional().await
}
