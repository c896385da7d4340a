//! What each key has sealed that is still needed.

use std::collections::BTreeMap;
use std::fmt;

use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::db::{Db, ReadOrWrite, Scope, Tx};
use crate::platform::ids::OrganizationId;
use crate::platform::secrets::KeyId;

/// How many organizations are read at once.
const BATCH: i64 = 1000;

/// The number of values sealed with one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// People with an authenticator app.
    pub people: i64,
    /// Emails that wait to be sent, or that failed and can be sent again.
    pub mails: i64,
    /// Links of open invitations, for *copy link*.
    pub links: i64,
    /// Join links that work, which are shown again.
    pub join_links: i64,
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
            (self.mails, "1 unsent mail", "", "unsent mails"),
            (self.links, "1 invitation link to copy", "", "invitation links to copy"),
            (self.join_links, "1 join link to copy", "", "join links to copy"),
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

/// How often a key was used.
#[derive(FromRow)]
struct Use {
    id: KeyId,
    count: i64,
}

/// The values that are needed now, by the key that has sealed them.
///
/// # Errors
/// Any error of the database.
pub async fn uses(db: &Db, now: Timestamp) -> Result<BTreeMap<KeyId, Sealed>, sqlx::Error> {
    let mut found = outside_organizations(db).await?;
    add_links(db, &mut found, now).await?;
    Ok(found)
}

pub(super) async fn outside_organizations(db: &Db) -> Result<BTreeMap<KeyId, Sealed>, sqlx::Error> {
    let mut tx = db.begin(ReadOrWrite::Read, &Scope::Queues).await?;
    let mut found = BTreeMap::<KeyId, Sealed>::new();
    // A sealed value begins with its key's id.
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
             where sealed is not null
             group by substr(sealed, 1, 4)"
        ))
        .all()
        .await?;
    for Use { id, count } in mails {
        found.entry(id).or_default().mails = count;
    }
    Ok(found)
}

/// Adds the links of every organization.
pub(super) async fn add_links(
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
            // On PostgreSQL, a transaction inside one organization can move to the next.
            tx.enter(*organization).await?;
            for Use { id, count } in links(&mut tx, *organization, now).await? {
                found.entry(id).or_default().links += count;
            }
            for Use { id, count } in join_links(&mut tx, *organization, now).await? {
                found.entry(id).or_default().join_links += count;
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

async fn join_links(
    tx: &mut Tx,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Vec<Use>, sqlx::Error> {
    tx.tenant_query(sql!(
        "select substr(sealed_token, 1, 4) as id, count(*) as count
         from join_links
         where organization_id = $1 and ended_at is null and expires_at > $2
         group by substr(sealed_token, 1, 4)"
    ))
    .bind(organization)
    .bind(now)
    .all()
    .await
}
