//! What the database holds that only the keyring opens, and whether the keyring at hand does.
//!
//! A key file that is gone is never replaced in silence: `serve` looks here before it makes one,
//! and `doctor` tells.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::clock::Timestamp;
use super::db::statement::{sql, unscoped_sql};
use super::db::{Db, ReadOrWrite, Scope, Tx};
use super::ids::OrganizationId;
use super::secrets::{KeyId, Keyring};

/// Organizations that are looked at in one go.
const BATCH: i64 = 1000;

/// What is sealed with one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// People with an authenticator app.
    pub people: i64,
    /// Mails that wait to be sent.
    pub mails: i64,
    /// Links of open invitations, as *copy link* shows them.
    pub links: i64,
}

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            (
                self.people,
                "the authenticator app of 1 person",
                "the authenticator apps of",
                "people",
            ),
            (self.mails, "1 mail that waits", "", "mails that wait"),
            (self.links, "1 invitation link to copy", "", "invitation links to copy"),
        ];
        let parts: Vec<String> = all
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, before, many)| match count {
                1 => one.to_owned(),
                count => format!("{before} {count} {many}").trim().to_owned(),
            })
            .collect();
        f.write_str(&parts.join(", "))
    }
}

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

/// How often a key was used.
#[derive(sqlx::FromRow)]
struct Use {
    #[sqlx(try_from = "Vec<u8>")]
    id: KeyId,
    count: i64,
}

#[derive(sqlx::FromRow)]
struct Known {
    #[sqlx(try_from = "Vec<u8>")]
    id: KeyId,
    lost_at: Option<Timestamp>,
}

/// The keys that are needed and that `keyring` does not have; without a keyring, all that are
/// needed.
///
/// # Errors
/// What the database says.
pub async fn missing_keys(
    db: &Db,
    keyring: Option<&Keyring>,
    now: Timestamp,
) -> Result<Vec<MissingKey>, sqlx::Error> {
    let is_at_hand = |id: KeyId| keyring.is_some_and(|keyring| keyring.has(id));
    let known = known(db).await?;
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

async fn known(db: &Db) -> Result<Vec<Known>, sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Read, &Scope::Outside).await?;
    tx.unscoped_query(unscoped_sql!("select id, lost_at from secret_keys order by id")).all().await
}

async fn outside_organizations(db: &Db) -> Result<BTreeMap<KeyId, Sealed>, sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Read, &Scope::Queues).await?;
    let mut found = BTreeMap::<KeyId, Sealed>::new();
    // A sealed value begins with the id of its key.
    let people: Vec<Use> = tx
        .unscoped_query(unscoped_sql!(
            "select substr(sealed_seed, 1, 4) as id, count(distinct user_id) as count
             from totp_factors
             where confirmed_at is not null
             group by substr(sealed_seed, 1, 4)"
        ))
        .all()
        .await?;
    for Use { id, count } in people {
        found.entry(id).or_default().people = count;
    }
    let mails: Vec<Use> = tx
        .unscoped_query(unscoped_sql!(
            "select substr(sealed, 1, 4) as id, count(*) as count from outbox
             where status = 'queued' and sealed is not null
             group by substr(sealed, 1, 4)"
        ))
        .all()
        .await?;
    for Use { id, count } in mails {
        found.entry(id).or_default().mails = count;
    }
    Ok(found)
}

/// Adds what every organization has.
async fn add_links(
    db: &Db,
    found: &mut BTreeMap<KeyId, Sealed>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let mut last = OrganizationId::OUTSIDE;
    loop {
        let mut tx = db.begin(ReadOrWrite::Read, &Scope::Outside).await?;
        let organizations: Vec<(OrganizationId,)> = tx
            .unscoped_query(unscoped_sql!(
                "select id from organizations where id > $1 order by id limit $2"
            ))
            .bind(last)
            .bind(BATCH)
            .all()
            .await?;
        for (organization,) in &organizations {
            // On PostgreSQL a transaction that is inside one organization goes on in the next.
            tx.enter(*organization).await?;
            for Use { id, count } in links(&mut tx, *organization, now).await? {
                found.entry(id).or_default().links += count;
            }
        }
        match organizations.last() {
            Some((organization,)) if organizations.len() as i64 == BATCH => last = *organization,
            _ => return Ok(()),
        }
    }
}

async fn links(
    tx: &mut Tx,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Vec<Use>, sqlx::Error> {
    tx.tenant_query(sql!(
        "select substr(l.copy_sealed, 1, 4) as id, count(*) as count
         from invitations i
         join invitation_links l on l.organization_id = i.organization_id and l.invitation_id = i.id
         where i.organization_id = $1 and i.status = 'pending' and i.expires_at > $2
            and l.replaced_at is null
         group by substr(l.copy_sealed, 1, 4)"
    ))
    .bind(organization)
    .bind(now)
    .all()
    .await
}

/// Says that this process seals with the first key of `keyring`, and that the keys `given_up` are
/// gone for good. What is known of a key that nothing needs any more is forgotten.
///
/// # Errors
/// What the database says.
pub async fn use_keyring(
    db: &Db,
    keyring: &Keyring,
    given_up: &[MissingKey],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Write, &Scope::Outside).await?;
    let known: Vec<Known> = tx
        .unscoped_query(unscoped_sql!("select id, lost_at from secret_keys order by id"))
        .all()
        .await?;
    for key in &known {
        let is_needed = given_up.iter().any(|missing| missing.id == key.id);
        if !keyring.has(key.id) && !is_needed {
            tx.unscoped_query(unscoped_sql!("delete from secret_keys where id = $1"))
                .bind(key.id.as_bytes().to_vec())
                .execute()
                .await?;
        }
    }
    let at_hand = keyring.ids().take(1).map(|id| (id, None));
    let lost = given_up.iter().map(|missing| (missing.id, Some(now)));
    // One that was found again counts as any other.
    let found = known.iter().filter(|key| keyring.has(key.id)).map(|key| (key.id, None));
    for (id, lost_at) in at_hand.chain(lost).chain(found) {
        if known.iter().any(|key| key.id == id && key.lost_at.is_some() == lost_at.is_some()) {
            continue;
        }
        tx.unscoped_query(unscoped_sql!(
            "insert into secret_keys (id, used_since, lost_at) values ($1, $2, $3)
             on conflict (id) do update set lost_at = excluded.lost_at"
        ))
        .bind(id.as_bytes().to_vec())
        .bind(now)
        .bind(lost_at)
        .execute()
        .await?;
    }
    tx.commit().await
}
