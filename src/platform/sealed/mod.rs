//! Which sealed values the database contains, and whether the current keyring can open them.
//!
//! A missing key file is never silently replaced: `serve` checks here before it creates one, and
//! `doctor` reports it. After a new first key has been added, what older keys have sealed is sealed
//! again, so that they can be removed.

mod column;
mod known;
mod reseal;
mod sample;
mod uses;

use std::collections::BTreeSet;

use super::clock::Timestamp;
use super::db::Db;
use super::secrets::{KeyId, Keyring};
use uses::{add_links, outside_organizations};

pub use column::Column;
pub use known::{KnownKey, note_first, use_keyring, used};
pub use reseal::{Resealed, follow, reseal};
pub use sample::{Closed, closed};
pub use uses::{Sealed, uses};

/// A key that sealed something that is needed, but is missing from the keyring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingKey {
    /// Its id.
    pub id: KeyId,
    /// What only this key can open.
    pub sealed: Sealed,
    /// Whether the operator has declared it permanently lost.
    pub is_given_up: bool,
}

/// The keys that are needed but missing from `keyring`; without a keyring, all that are needed.
///
/// # Errors
/// Any error of the database.
pub async fn missing_keys(
    db: &Db,
    keyring: Option<&Keyring>,
    now: Timestamp,
) -> Result<Vec<MissingKey>, sqlx::Error> {
    let is_at_hand = |id: KeyId| keyring.is_some_and(|keyring| keyring.has(id));
    let known = used(db).await?;
    let mut found = outside_organizations(db).await?;
    // A service records its first key before it seals with it. If all recorded keys are available
    // or lost, there is no need to look into every organization.
    let is_complete =
        !known.is_empty() && known.iter().all(|key| is_at_hand(key.id) || key.lost_at.is_some());
    if !is_complete {
        add_links(db, &mut found, now).await?;
    }
    let given_up: BTreeSet<KeyId> =
        known.iter().filter(|key| key.lost_at.is_some()).map(|key| key.id).collect();
    Ok(found
        .into_iter()
        .filter(|(id, _)| !is_at_hand(*id))
        .map(|(id, sealed)| MissingKey { id, sealed, is_given_up: given_up.contains(&id) })
        .collect())
}
