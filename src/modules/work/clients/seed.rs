//! Clients of the demonstration.

use super::model::{Client, Details};
use super::noun;
use crate::core::access::noun::ClientId;
use crate::platform::clock::Timestamp;
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
