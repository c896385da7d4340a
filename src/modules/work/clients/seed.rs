//! Clients of the demonstration.

use super::model::{Client, Details};
use super::noun;
use crate::core::access::noun::ClientId;
use crate::platform::clock::Timestamp;
use crate::platform::noun::Record;
use crate::platform::tenant::OrgTx;

/// A client of the demonstration.
pub(crate) struct Seed {
    pub name: &'static str,
    pub contact: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub notes: &'static str,
}

/// Adds a client to the demonstration.
pub(crate) async fn seed(
    tx: &mut OrgTx,
    seed: &Seed,
    now: Timestamp,
) -> Result<ClientId, sqlx::Error> {
    let Seed { name, contact, email, phone, notes } = *seed;
    let [name, contact, email, phone, notes] =
        [name, contact, email, phone, notes].map(str::to_owned);
    let details = Details { name, contact, email, phone, notes };
    let id = Client::insert(tx, (), &details, now).await?;
    tx.record(Client::entry_of(noun::LIFE.created, (), id, &details));
    Ok(id)
}
