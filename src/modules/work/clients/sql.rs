//! The statements about clients.

use sqlx::FromRow;

use super::model::{Client, Details};
use crate::core::access::noun::ClientId;
use crate::modules::work::clients::noun::CLIENT_CREATED;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::sql;
use crate::platform::tenant::OrgTx;
use crate::platform::text::name_key;

macro_rules! columns {
    () => {
        "c.id, c.name, c.name_key, c.contact, c.email, c.phone, c.notes, c.version, c.created_at,
         c.updated_at, c.archived_at, c.deleted_at"
    };
}
pub(super) use columns;

/// The client `id`, deleted or not.
pub(crate) async fn find(tx: &mut OrgTx, id: ClientId) -> Result<Option<Client>, sqlx::Error> {
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
    tx.record(super::model::entry(CLIENT_CREATED, id, name));
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
