//! The statements of the list, which is a directory and shows nothing that belongs to one; everything
//! else is said inside the organization.

use sqlx::FromRow;

use super::model::Sort;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{UnscopedSql, sql, unscoped_sql};
use crate::platform::ids::OrganizationId;
use crate::platform::tenant::{OrgTx, UnscopedTx};
use crate::platform::web::listing::Place;
use crate::platform::web::pager::{Direction, Key};

/// An organization, as operators see it from outside.
#[derive(Clone, Debug, FromRow)]
pub(in crate::operators) struct OrganizationRow {
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
    pub(super) fn sort_key(&self, sort: Sort) -> Key {
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
             select f.*, (select count(*) from found) as total
             from found f
             where (f.sort_key, f.id) ",
            $beyond,
            " ($3, $4)
             order by f.sort_key ",
            $order,
            ", f.id ",
            $order,
            "
             limit $5"
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
) -> Result<Vec<PageRow>, sqlx::Error> {
    let query = tx
        .query(page_statement(filter.sort, filter.place.direction))
        .bind(filter.status)
        .bind(crate::platform::db::like_pattern(filter.search));
    let query = filter.place.bind(query, filter.sort.is_descending());
    query.bind(filter.place.limit()).all().await
}

/// The organization `id`.
pub(in crate::operators) async fn find(
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
