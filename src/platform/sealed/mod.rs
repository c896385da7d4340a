//! What the database holds that only the keyring opens, and whether the keyring at hand does.
//!
//! A key file that is gone is never replaced in silence: `serve` looks here before it makes one,
//! and `doctor` tells. After another key was put first, what older keys have sealed is sealed anew, so
//! that they can go.

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

/// A key that sealed what is needed, and is not in the keyring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingKey {
    /// Which.
    pub id: KeyId,
    /// What only it opens.
    pub sealed: Sealed,
    /// Whether the operator has said that it is gone for good.
    pub is_given_up: bool,
}

/// The keys that are needed and that `keyring` does not have; without a keyring, all that are
/// needed.
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
    // Whoever serves says first with which key it seals. Where all of these are at hand, no
    // organization has to be looked into.
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
