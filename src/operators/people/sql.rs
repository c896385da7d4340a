//! The statements about accounts, as operators see them: nothing of what is inside an organization.

use sqlx::FromRow;

use super::model::Sort;
use crate::platform::clock::Timestamp;
use crate::platform::db::like_pattern;
use crate::platform::db::statement::{UnscopedSql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::UserId;
use crate::platform::session::limits::{bind_open, open_sign_in};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::listing::Place;
use crate::platform::web::pager::{Direction, Key};

/// An account.
#[derive(Clone, Debug, FromRow)]
pub(in crate::operators) struct Person {
    pub id: UserId,
    pub name: String,
    /// The name as the database sorts it.
    pub name_key: String,
    pub email: EmailAddress,
    /// When the address was proved by a link.
    pub email_verified_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub suspended_at: Option<Timestamp>,
    pub suspended_reason: Option<String>,
    /// When its holder has deleted it.
    pub deleted_at: Option<Timestamp>,
    pub has_factor: bool,
    pub is_operator: bool,
    /// Browsers that the account is signed in with.
    pub sign_ins: i64,
    /// When one of them was last seen, as long as that is kept.
    pub last_seen_at: Option<Timestamp>,
}

impl Person {
    pub(super) fn sort_key(&self, sort: Sort) -> Key {
        match sort {
            Sort::Name => Key::Text(self.name_key.clone()),
            Sort::Created => Key::Time(self.created_at),
        }
    }

    /// A path of this account for operators.
    pub fn path(&self, rest: &str) -> String {
        format!("{}/{}{rest}", super::PATH, self.id)
    }
}

/// What is told of the accounts that `$from` finds; the first three parameters are those of
/// [`open_sign_in`].
macro_rules! people {
    ($from:expr) => {
        concat!(
            "select u.id, u.name, u.name_key, u.email, u.email_verified_at, u.created_at,
                    u.suspended_at, u.suspended_reason, u.deleted_at,
                    (exists (select 1 from totp_factors f
                             where f.user_id = u.id and f.confirmed_at is not null
                                    and f.removed_at is null)
                     or exists (select 1 from passkeys p
                                    where p.user_id = u.id and p.removed_at is null)) as has_factor,
                    exists (select 1 from operators o where o.user_id = u.id) as is_operator,
                    (select count(*) from sign_ins s where s.user_id = u.id and ",
            open_sign_in!("s", "$1", "$2", "$3"),
            ") as sign_ins,
                    (select max(s.last_seen_at) from sign_ins s where s.user_id = u.id)
                        as last_seen_at
             from ",
            $from
        )
    };
}

/// `$status` and `$search` are the parameters of a [`Filter`].
macro_rules! filter {
    ($status:literal, $search:literal) => {
        concat!(
            "(",
            $status,
            " = '' or (",
            $status,
            " = 'deleted') = (a.deleted_at is not null) and (",
            $status,
            " = 'suspended') = (a.deleted_at is null and a.suspended_at is not null))
             and (a.name_key like ",
            $search,
            " escape '\\' or a.email like ",
            $search,
            " escape '\\')"
        )
    };
}

/// One page: what is counted for each account is counted for those on it alone.
macro_rules! page {
    ($key:literal, $beyond:literal, $order:literal) => {
        unscoped_sql!(people!(concat!(
            "(select a.* from users a where ",
            filter!("$4", "$5"),
            " and (a.",
            $key,
            ", a.id) ",
            $beyond,
            " ($6, $7) order by a.",
            $key,
            " ",
            $order,
            ", a.id ",
            $order,
            " limit $8) u order by u.",
            $key,
            " ",
            $order,
            ", u.id ",
            $order
        )))
    };
}

const fn page_statement(sort: Sort, direction: Direction) -> UnscopedSql {
    match (sort, direction) {
        (Sort::Name, Direction::Forward) => page!("name_key", ">", "asc"),
        (Sort::Name, Direction::Backward) => page!("name_key", "<", "desc"),
        (Sort::Created, Direction::Forward) => page!("created_at", "<", "desc"),
        (Sort::Created, Direction::Backward) => page!("created_at", ">", "asc"),
    }
}

/// What the list shows.
pub(super) struct Filter<'a> {
    pub status: &'static str,
    pub search: &'a str,
    pub sort: Sort,
    pub place: &'a Place,
}

pub(super) async fn page(
    tx: &mut UnscopedTx,
    filter: &Filter<'_>,
    now: Timestamp,
) -> Result<Vec<Person>, sqlx::Error> {
    let query = tx.query(page_statement(filter.sort, filter.place.direction));
    let query = bind_open(query, now).bind(filter.status).bind(like_pattern(filter.search));
    let query = filter.place.bind(query, filter.sort.is_descending());
    query.bind(filter.place.limit()).all().await
}

pub(super) async fn count(tx: &mut UnscopedTx, filter: &Filter<'_>) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(unscoped_sql!(concat!("select count(*) from users a where ", filter!("$1", "$2"))))
        .bind(filter.status)
        .bind(like_pattern(filter.search))
        .one()
        .await?;
    Ok(count)
}

/// The account with this address.
pub(super) async fn find_by_address(
    tx: &mut UnscopedTx,
    email: &EmailAddress,
) -> Result<Option<Person>, sqlx::Error> {
    let now = tx.now();
    let query = tx.query(unscoped_sql!(people!("users u where u.email = $4")));
    bind_open(query, now).bind(email).optional().await
}

/// The account `id`.
pub(super) async fn find(
    tx: &mut UnscopedTx,
    id: UserId,
    now: Timestamp,
) -> Result<Option<Person>, sqlx::Error> {
    let query = tx.query(unscoped_sql!(people!("users u where u.id = $4")));
    bind_open(query, now).bind(id).optional().await
}
