//! The statements of operators. The list of organizations is a directory and shows nothing that
//! belongs to one; everything else is said inside the organization.

use sqlx::FromRow;

use super::model::Sort;
use crate::platform::clock::Timestamp;
use crate::platform::db::Query;
use crate::platform::db::statement::{UnscopedSql, sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::ids::{OrganizationId, UserId, VisitId};
use crate::platform::tenant::{OrgTx, RunningVisit, UnscopedTx};
use crate::platform::web::pager::{Direction, Key};

/// An organization, as operators see it from outside.
#[derive(Clone, Debug, FromRow)]
pub(super) struct OrganizationRow {
    pub id: OrganizationId,
    pub name: String,
    /// The name as the database sorts it.
    pub name_key: String,
    pub slug: String,
    pub plan: String,
    pub member_count: i64,
    pub created_at: Timestamp,
    pub last_active_at: Option<Timestamp>,
    pub suspended_at: Option<Timestamp>,
    pub suspended_reason: Option<String>,
}

impl OrganizationRow {
    pub fn sort_key(&self, sort: Sort) -> Key {
        match sort {
            Sort::Name => Key::Text(self.name_key.clone()),
            Sort::Members => Key::Number(self.member_count),
            Sort::Active => Key::Time(self.last_active_at.unwrap_or(self.created_at)),
            Sort::Created => Key::Time(self.created_at),
        }
    }

    /// A path of this organization for operators.
    pub fn path(&self, rest: &str) -> String {
        format!("/operator/organizations/{}{rest}", self.id)
    }
}

macro_rules! columns {
    () => {
        "o.id, o.name, o.name_key, o.slug, o.plan, o.member_count, o.created_at, o.last_active_at,
         o.suspended_at, o.suspended_reason"
    };
}

/// One page of the list. `$key` is what it is sorted by; rows beyond the cursor are those for
/// which `(key, id) $beyond cursor`, and `$order` walks away from it.
macro_rules! page {
    ($key:literal, $beyond:literal, $order:literal) => {
        unscoped_sql!(concat!(
            "with found as (
                select ",
            columns!(),
            ", ",
            $key,
            " as sort_key
                from organizations o
                where o.deleted_at is null
                    and ($1 = '' or ($1 = 'suspended') = (o.suspended_at is not null))
                    and (o.name_key like $2 escape '\\' or o.slug like $2 escape '\\')
             )
             select f.*, (select count(*) from found) as total,
                    (select count(*) from found b
                     where $3 and not (b.sort_key, b.id) ",
            $beyond,
            " ($4, $5)) as passed
             from found f
             where not $3 or (f.sort_key, f.id) ",
            $beyond,
            " ($4, $5)
             order by f.sort_key ",
            $order,
            ", f.id ",
            $order,
            "
             limit $6"
        ))
    };
}

/// The statement for a page; where nobody was ever active, the day of creation counts.
const fn page_statement(sort: Sort, direction: Direction) -> UnscopedSql {
    match (sort, direction) {
        (Sort::Name, Direction::Forward) => page!("o.name_key", ">", "asc"),
        (Sort::Name, Direction::Backward) => page!("o.name_key", "<", "desc"),
        (Sort::Members, Direction::Forward) => page!("o.member_count", "<", "desc"),
        (Sort::Members, Direction::Backward) => page!("o.member_count", ">", "asc"),
        (Sort::Active, Direction::Forward) => {
            page!("coalesce(o.last_active_at, o.created_at)", "<", "desc")
        }
        (Sort::Active, Direction::Backward) => {
            page!("coalesce(o.last_active_at, o.created_at)", ">", "asc")
        }
        (Sort::Created, Direction::Forward) => page!("o.created_at", "<", "desc"),
        (Sort::Created, Direction::Backward) => page!("o.created_at", ">", "asc"),
    }
}

/// A row of a page, with what the pager needs to know.
#[derive(FromRow)]
pub(super) struct PageRow {
    #[sqlx(flatten)]
    pub organization: OrganizationRow,
    /// How many rows the filter finds.
    pub total: i64,
    /// How many of them the cursor has passed.
    pub passed: i64,
}

/// What the list shows.
pub(super) struct Filter<'a> {
    pub status: &'static str,
    pub search: &'a str,
    pub sort: Sort,
    pub direction: Direction,
    pub cursor: Option<(Key, uuid::Uuid)>,
    pub limit: i64,
}

pub(super) async fn page(
    tx: &mut UnscopedTx,
    filter: &Filter<'_>,
) -> Result<Vec<PageRow>, sqlx::Error> {
    let (key, id) = match &filter.cursor {
        Some((key, id)) => (key.clone(), *id),
        None => (Key::least(filter.sort.key_kind()), uuid::Uuid::nil()),
    };
    let query = tx
        .query(page_statement(filter.sort, filter.direction))
        .bind(filter.status)
        .bind(crate::platform::db::like_pattern(filter.search))
        .bind(filter.cursor.is_some());
    bind_key(query, key).bind(id).bind(filter.limit).all().await
}

fn bind_key(query: Query<'_>, key: Key) -> Query<'_> {
    match key {
        Key::Text(text) => query.bind(text),
        Key::Number(number) => query.bind(number),
        Key::Time(time) => query.bind(time),
        Key::Day(day) => query.bind(day),
    }
}

/// The organization `id`.
pub(super) async fn find(
    tx: &mut UnscopedTx,
    id: OrganizationId,
) -> Result<Option<OrganizationRow>, sqlx::Error> {
    tx.query(unscoped_sql!(concat!(
        "select ",
        columns!(),
        " from organizations o where o.id = $1 and o.deleted_at is null"
    )))
    .bind(id)
    .optional()
    .await
}

/// Locks the organization's people out, unless they are already; says whether it did.
pub(super) async fn suspend(
    tx: &mut OrgTx,
    reason: &str,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let changed: Option<(OrganizationId,)> = tx
        .query(sql!(
            // The organization's own row: its id is the organization_id of all others.
            "update organizations set suspended_at = $2, suspended_reason = $3
             where id = $1 and suspended_at is null
             returning id as organization_id"
        ))
        .bind(now)
        .bind(reason)
        .optional()
        .await?;
    Ok(changed.is_some())
}

/// Lets them in again; gives the reason that held them out, if they were.
pub(super) async fn reactivate(tx: &mut OrgTx) -> Result<Option<String>, sqlx::Error> {
    let held: Option<(OrganizationId, Option<String>)> = tx
        .query(sql!(
            "select id as organization_id, suspended_reason from organizations
             where id = $1 and suspended_at is not null"
        ))
        .optional()
        .await?;
    tx.query(sql!(
        "update organizations set suspended_at = null, suspended_reason = null
         where id = $1 and suspended_at is not null
         returning id as organization_id"
    ))
    .optional::<(OrganizationId,)>()
    .await?;
    Ok(held.map(|(_, reason)| reason.unwrap_or_default()))
}

/// What a suspension holds up, besides the members.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Consequences {
    pub pending_invitations: i64,
}

pub(super) async fn consequences(
    tx: &mut OrgTx,
    now: Timestamp,
) -> Result<Consequences, sqlx::Error> {
    tx.query(sql!(
        "select count(*) as pending_invitations from invitations
         where organization_id = $1 and status = 'pending' and expires_at > $2"
    ))
    .bind(now)
    .one()
    .await
}

/// Whether `user` belongs to the organization.
pub(super) async fn is_member(tx: &mut OrgTx, user: UserId) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = tx
        .query(sql!("select count(*) from memberships where organization_id = $1 and user_id = $2"))
        .bind(user)
        .one()
        .await?;
    Ok(count > 0)
}

/// What a visit is for and how far it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    pub reason: String,
    pub may_write: bool,
    pub ends_at: Timestamp,
}

/// A visit of an operator that is going on in the organization.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Going {
    pub id: VisitId,
    pub reason: String,
    pub may_write: bool,
    pub started_at: Timestamp,
    pub ends_at: Timestamp,
}

pub(super) async fn going(
    tx: &mut OrgTx,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Going>, sqlx::Error> {
    tx.query(sql!(
        "select id, reason, may_write, started_at, ends_at from operator_visits
         where organization_id = $1 and user_id = $2 and ended_at is null and ends_at > $3
         order by started_at desc, id desc
         limit 100"
    ))
    .bind(user)
    .bind(now)
    .all()
    .await
}

pub(super) async fn begin_visit(
    tx: &mut OrgTx,
    user: UserId,
    terms: &Terms,
    now: Timestamp,
) -> Result<VisitId, sqlx::Error> {
    let id = VisitId::new();
    tx.query(sql!(
        "insert into operator_visits
            (organization_id, id, user_id, reason, may_write, started_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ))
    .bind(id)
    .bind(user)
    .bind(&terms.reason)
    .bind(terms.may_write)
    .bind(now)
    .bind(terms.ends_at)
    .execute()
    .await?;
    Ok(id)
}

/// Ends a visit, unless it has ended; says whether it did.
pub(super) async fn end_visit(
    tx: &mut OrgTx,
    id: VisitId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let ended = tx
        .query(sql!(
            "update operator_visits set ended_at = $3
             where organization_id = $1 and id = $2 and ended_at is null and ends_at > $3"
        ))
        .bind(id)
        .bind(now)
        .execute()
        .await?;
    Ok(ended == 1)
}

/// The operator's own visit `id`, ended or not.
pub(super) async fn find_visit(
    tx: &mut UnscopedTx,
    id: VisitId,
    user: UserId,
) -> Result<Option<RunningVisit>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select v.id, v.organization_id, o.name as organization
         from operator_visits v
         join organizations o on o.id = v.organization_id
         where v.id = $1 and v.user_id = $2"
    ))
    .bind(id)
    .bind(user)
    .optional()
    .await
}

/// A visit of mine that goes on, as the list of organizations shows it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct MyVisit {
    pub id: VisitId,
    pub organization: String,
    pub slug: String,
    pub may_write: bool,
    pub ends_at: Timestamp,
}

pub(super) async fn my_visits(
    tx: &mut UnscopedTx,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<MyVisit>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select v.id, o.name as organization, o.slug, v.may_write, v.ends_at
         from operator_visits v
         join organizations o on o.id = v.organization_id and o.deleted_at is null
         where v.user_id = $1 and v.ended_at is null and v.ends_at > $2
         order by v.ends_at, v.id
         limit 20"
    ))
    .bind(user)
    .bind(now)
    .all()
    .await
}

/// An account that can be made an operator.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Account {
    pub id: UserId,
    pub email: EmailAddress,
}

pub(super) async fn account(
    tx: &mut UnscopedTx,
    email: &EmailAddress,
) -> Result<Option<Account>, sqlx::Error> {
    tx.query(unscoped_sql!("select id, email from users where email = $1"))
        .bind(email)
        .optional()
        .await
}

/// Makes an account an operator, unless it is one; says whether it did.
pub(super) async fn grant(
    tx: &mut UnscopedTx,
    user: UserId,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let granted = tx
        .query(unscoped_sql!(
            "insert into operators (user_id, granted_at) values ($1, $2)
             on conflict (user_id) do nothing"
        ))
        .bind(user)
        .bind(now)
        .execute()
        .await?;
    Ok(granted == 1)
}

/// Makes an account no operator any more; says whether it was one.
pub(super) async fn revoke(tx: &mut UnscopedTx, user: UserId) -> Result<bool, sqlx::Error> {
    let revoked = tx
        .query(unscoped_sql!("delete from operators where user_id = $1"))
        .bind(user)
        .execute()
        .await?;
    Ok(revoked == 1)
}

/// An operator, as the command line lists them.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Operator {
    pub name: String,
    pub email: EmailAddress,
    pub granted_at: Timestamp,
}

pub(super) async fn operators(tx: &mut UnscopedTx) -> Result<Vec<Operator>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select u.name, u.email, p.granted_at
         from operators p
         join users u on u.id = p.user_id
         order by p.granted_at, u.email
         limit 10000"
    ))
    .all()
    .await
}
