//! The statements about clients.

use super::model::{Client, Details};
use super::noun;
use crate::core::access::noun::ClientId;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::noun::Record;
use crate::platform::tenant::OrgTx;

/// Adds a client to the demonstration.
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
    let id = Client::insert(tx, (), &details, now).await?;
    tx.record(Client::entry_of(noun::LIFE.created, (), id, &details));
    Ok(id)
}

/// A client that can be selected for a project.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Choice {
    pub id: ClientId,
    pub name: String,
}

impl Choice {
    /// The value in a form.
    pub fn word(&self) -> String {
        self.id.to_string()
    }

    /// The label in a form.
    pub fn label(&self) -> &str {
        &self.name
    }
}

/// The clients to choose from, ordered by name: those that are neither archived nor deleted, and
/// `chosen`.
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

/// Whether the client exists and can be selected.
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
