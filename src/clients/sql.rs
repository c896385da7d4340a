//! The statements about clients.

use sqlx::FromRow;

use super::model::{Client, Details, Sort};
use crate::platform::audit::Action;
use crate::platform::clock::Timestamp;
use crate::platform::db::like_pattern;
use crate::platform::db::statement::{TenantSql, sql};
use crate::platform::ids::ClientId;
use crate::platform::tenant::OrgTx;
use crate::platform::text::name_key;
use crate::platform::web::listing::Place;
use crate::platform::web::pager::Direction;
use crate::projects::{Viewer, visible};

macro_rules! columns {
    () => {
        "c.id, c.name, c.name_key, c.contact, c.email, c.phone, c.notes, c.version, c.created_at,
         c.updated_at, c.archived_at, c.deleted_at"
    };
}

/// The client `id`, deleted or not.
pub(super) async fn find(tx: &mut OrgTx, id: ClientId) -> Result<Option<Client>, sqlx::Error> {
    tx.query(sql!(concat!(
        "select ",
        columns!(),
        " from clients c where c.organization_id = $1 and c.id = $2"
    )))
    .bind(id)
    .optional()
    .await
}

pub(super) async fn insert(
    tx: &mut OrgTx,
    details: &Details,
    now: Timestamp,
) -> Result<ClientId, sqlx::Error> {
    let id = ClientId::new();
    tx.query(sql!(
        "insert into clients
            (organization_id, id, name, name_key, contact, email, phone, notes, search_key, version,
             created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)"
    ))
    .bind(id)
    .bind(&details.name)
    .bind(name_key(&details.name))
    .bind(&details.contact)
    .bind(&details.email)
    .bind(&details.phone)
    .bind(&details.notes)
    .bind(details.search_key())
    .bind(now)
    .execute()
    .await?;
    Ok(id)
}

/// A client of the demonstration.
pub(crate) async fn seed(
    tx: &mut OrgTx,
    name: &str,
    contact: &str,
    now: Timestamp,
) -> Result<ClientId, sqlx::Error> {
    let details = Details {
        name: name.to_owned(),
        contact: contact.to_owned(),
        email: String::new(),
        phone: String::new(),
        notes: String::new(),
    };
    let id = insert(tx, &details, now).await?;
    tx.record(super::model::entry(Action::ClientCreated, id, name));
    Ok(id)
}

/// Saves what was made of `version`; says whether that is still the newest one.
pub(super) async fn update(
    tx: &mut OrgTx,
    id: ClientId,
    version: i64,
    details: &Details,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let changed = tx
        .query(sql!(
            "update clients
             set name = $4, name_key = case when name = $4 then name_key else $5 end,
                 contact = $6, email = $7, phone = $8, notes = $9, search_key = $10,
                 version = version + 1, updated_at = $11
             where organization_id = $1 and id = $2 and version = $3 and deleted_at is null"
        ))
        .bind(id)
        .bind(version)
        .bind(&details.name)
        .bind(name_key(&details.name))
        .bind(&details.contact)
        .bind(&details.email)
        .bind(&details.phone)
        .bind(&details.notes)
        .bind(details.search_key())
        .bind(now)
        .execute()
        .await?;
    Ok(changed == 1)
}

/// Archives a client, or takes it out of the archive; says whether that is a change.
pub(super) async fn set_archived(
    tx: &mut OrgTx,
    id: ClientId,
    at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let changed = tx
        .query(sql!(
            "update clients set archived_at = $3, updated_at = $4, version = version + 1
             where organization_id = $1 and id = $2 and deleted_at is null
                and (archived_at is null) = $5"
        ))
        .bind(id)
        .bind(at)
        .bind(now)
        .bind(at.is_some())
        .execute()
        .await?;
    Ok(changed == 1)
}

/// Deletes a client, or takes that back; says whether that is a change.
pub(super) async fn set_deleted(
    tx: &mut OrgTx,
    id: ClientId,
    at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let changed = tx
        .query(sql!(
            "update clients set deleted_at = $3, updated_at = $4, version = version + 1
             where organization_id = $1 and id = $2 and (deleted_at is null) = $5"
        ))
        .bind(id)
        .bind(at)
        .bind(now)
        .bind(at.is_some())
        .execute()
        .await?;
    Ok(changed == 1)
}

/// What the list shows.
pub(super) struct Filter<'a> {
    pub search: &'a str,
    /// `active`, `archived`, `deleted` or `all`.
    pub state: &'a str,
    pub sort: Sort,
    pub place: &'a Place,
}

/// `$state` and `$search` are the parameters of a [`Filter`].
macro_rules! filter {
    ($state:literal, $search:literal) => {
        concat!(
            "c.organization_id = $1 and (c.deleted_at is not null) = (",
            $state,
            " = 'deleted')
             and (",
            $state,
            " in ('all', 'deleted') or (c.archived_at is not null) = (",
            $state,
            " = 'archived'))
             and (",
            $search,
            " = '%%' or c.search_key like ",
            $search,
            " escape '\\')"
        )
    };
}

macro_rules! page {
    ($key:literal, $beyond:literal, $order:literal) => {
        sql!(concat!(
            "select ",
            columns!(),
            ", (select count(*) from projects p
                where p.organization_id = $1 and p.client_id = c.id and ",
            visible!("p"),
            ") as projects
             from clients c
             where ",
            filter!("$4", "$5"),
            " and (",
            $key,
            ", c.id) ",
            $beyond,
            " ($6, $7)
             order by ",
            $key,
            " ",
            $order,
            ", c.id ",
            $order,
            " limit $8"
        ))
    };
}

const fn page_statement(sort: Sort, direction: Direction) -> TenantSql {
    match (sort, direction) {
        (Sort::Name, Direction::Forward) => page!("c.name_key", ">", "asc"),
        (Sort::Name, Direction::Backward) => page!("c.name_key", "<", "desc"),
        (Sort::Changed, Direction::Forward) => page!("c.updated_at", "<", "desc"),
        (Sort::Changed, Direction::Backward) => page!("c.updated_at", ">", "asc"),
    }
}

/// A row of the list.
#[derive(Clone, Debug, FromRow)]
pub(super) struct ClientRow {
    #[sqlx(flatten)]
    pub client: Client,
    /// How many of its projects the viewer may see.
    pub projects: i64,
}

pub(super) async fn page(
    tx: &mut OrgTx,
    viewer: Viewer,
    filter: &Filter<'_>,
) -> Result<Vec<ClientRow>, sqlx::Error> {
    let statement = page_statement(filter.sort, filter.place.direction);
    let query = viewer.query(tx, statement).bind(filter.state).bind(like_pattern(filter.search));
    let query = filter.place.bind(query, filter.sort.is_descending());
    query.bind(filter.place.limit()).all().await
}

pub(super) async fn count(tx: &mut OrgTx, filter: &Filter<'_>) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(sql!(concat!("select count(*) from clients c where ", filter!("$2", "$3"))))
        .bind(filter.state)
        .bind(like_pattern(filter.search))
        .one()
        .await?;
    Ok(count)
}

/// A client that a project can be for.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Choice {
    pub id: ClientId,
    pub name: String,
}

/// The clients to choose from, by name: those that are neither archived nor deleted, and `chosen`.
pub(crate) async fn choices(
    tx: &mut OrgTx,
    chosen: Option<ClientId>,
) -> Result<Vec<Choice>, sqlx::Error> {
    tx.query(sql!(
        "select id, name from clients
         where organization_id = $1 and (archived_at is null and deleted_at is null or id = $2)
         order by name_key, id
         limit 1000"
    ))
    .bind(chosen)
    .all()
    .await
}

/// Whether there is such a client, to start something for.
pub(crate) async fn exists(tx: &mut OrgTx, id: ClientId) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = tx
        .query(sql!(
            "select count(*) from clients
             where organization_id = $1 and id = $2 and deleted_at is null"
        ))
        .bind(id)
        .one()
        .await?;
    Ok(count == 1)
}
