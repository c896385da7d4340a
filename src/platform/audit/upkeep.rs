//! Maintenance of the chains from the command line: verifying all of them, erasing a person from
//! them, and removing the chains of organizations that are gone.

use super::chain::{self, AS_A_WHOLE, Proof, Subject};
use super::{Entry, Journal, Object, Who};
use crate::platform::App;
use crate::platform::audit::action::{AUDIT_ERASED, AUDIT_PURGED};
use crate::platform::audit::object;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::db::{ReadOrWrite, Scope, Tx};
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// How many rows are read or removed at once.
const BATCH: i64 = 1000;

/// A chain, with the organization it belongs to.
#[derive(Clone, Debug, FromRow)]
pub struct Chain {
    /// The organization, or [`OrganizationId::OUTSIDE`].
    pub organization: OrganizationId,
    /// The organization's name.
    pub name: String,
    /// The organization's slug.
    pub slug: String,
}

impl Chain {
    fn outside() -> Self {
        Self {
            organization: OrganizationId::OUTSIDE,
            name: "outside organizations".to_owned(),
            slug: "-".to_owned(),
        }
    }

    fn gone(organization: OrganizationId) -> Self {
        Self {
            organization,
            name: "an organization that is gone".to_owned(),
            slug: organization.to_string(),
        }
    }
}

/// All chains: that outside organizations, those of all organizations in any state, and those of
/// organizations that are gone. On PostgreSQL, only the owner of the tables can find the last kind.
pub async fn chains(app: &App) -> Result<Vec<Chain>> {
    let mut chains = vec![Chain::outside()];
    let mut tx = UnscopedTx::read(app).await?;
    let mut last = OrganizationId::OUTSIDE;
    loop {
        let batch: Vec<Chain> = tx
            .query(unscoped_sql!(
                "select id as organization, name, slug from organizations
                 where id > $1 order by id limit $2"
            ))
            .bind(last)
            .bind(BATCH)
            .all()
            .await?;
        let count = batch.len() as i64;
        chains.extend(batch);
        if count < BATCH {
            break;
        }
        last = chains.last().map_or(last, |chain| chain.organization);
    }
    tx.commit().await?;
    chains.extend(gone(app).await?.unwrap_or_default().into_iter().map(Chain::gone));
    Ok(chains)
}

/// The organizations that are gone but have left a chain; `None` if the database role may not look
/// for them.
async fn gone(app: &App) -> Result<Option<Vec<OrganizationId>>> {
    const GONE: &str = "select c.organization_id from audit_chains c
         where c.organization_id <> '00000000-0000-0000-0000-000000000000'
            and not exists (select 1 from organizations o where o.id = c.organization_id)
         order by 1";
    let rows: Vec<(OrganizationId,)> = match app.db.postgres() {
        None => {
            let mut tx = UnscopedTx::read(app).await?;
            let gone = tx.query(unscoped_sql!(
                "select c.organization_id from audit_chains c
                 where c.organization_id <> $1
                    and not exists (select 1 from organizations o where o.id = c.organization_id)
                 order by c.organization_id limit 100000"
            ));
            gone.bind(OrganizationId::OUTSIDE).all().await?
        }
        Some(pool) => {
            // Row-level security also applies to the owner, who can turn it off. That happens in a
            // transaction that is rolled back, so that nobody else ever sees the table without it.
            // Meanwhile, appending to a chain has to wait.
            let mut tx = pool.begin().await?;
            let (is_owner,): (bool,) = sqlx::query_as(
                "select pg_has_role(current_user, relowner, 'usage')
                 from pg_class where oid = 'audit_chains'::regclass",
            )
            .persistent(false)
            .fetch_one(&mut *tx)
            .await?;
            if !is_owner {
                return Ok(None);
            }
            sqlx::raw_sql(
                "set local lock_timeout = '5s';
                 alter table audit_chains no force row level security",
            )
            .execute(&mut *tx)
            .await?;
            let gone = sqlx::query_as(GONE).persistent(false).fetch_all(&mut *tx).await?;
            tx.rollback().await?;
            gone
        }
    };
    Ok(Some(rows.into_iter().map(|(organization,)| organization).collect()))
}

/// Verifies one chain.
pub async fn verify(app: &App, organization: OrganizationId) -> Result<Proof> {
    let mut tx = UnscopedTx::read(app).await?.enter(organization).await?;
    let proof = chain::prove(&mut tx).await?;
    tx.commit().await?;
    Ok(proof)
}

/// The account with this address.
pub async fn account(app: &App, email: &EmailAddress) -> Result<Option<UserId>> {
    let mut tx = UnscopedTx::read(app).await?;
    let found: Option<(UserId,)> = tx
        .query(unscoped_sql!("select id from users where email = $1"))
        .bind(email)
        .optional()
        .await?;
    tx.commit().await?;
    Ok(found.map(|(id,)| id))
}

/// Erases the details about a person from one chain, and records that. Returns how many entries
/// were affected.
pub async fn erase(app: &App, organization: OrganizationId, subject: &Subject) -> Result<u64> {
    let mut tx = UnscopedTx::write(app).await?.enter(organization).await?;
    let erased = erase_in(&mut tx, subject).await?;
    tx.commit().await?;
    Ok(erased)
}

/// Erases `subject` from the organization's log in the caller's transaction. Returns how many
/// entries were affected.
pub async fn erase_in(tx: &mut OrgTx, subject: &Subject) -> Result<u64> {
    let erased = chain::erase(tx, subject).await?;
    if erased > 0 {
        // Contains neither a name nor an address, and does not set the person: the next erasure
        // would otherwise erase this entry.
        let object = match subject.person {
            Some(person) => Object::new(object::ACCOUNT, person.uuid(), ""),
            None => Object::named(object::ADDRESS, ""),
        };
        let after = serde_json::json!({ "entries": erased });
        tx.record(Entry::new(AUDIT_ERASED, object).after(after));
    }
    Ok(erased)
}

/// Removes the chains of organizations that are gone if their newest entry is older than `before`,
/// and records that outside organizations. Returns each organization with its number of entries, or
/// `None` if the database role may not.
pub async fn purge(app: &App, before: Timestamp) -> Result<Option<Vec<(OrganizationId, u64)>>> {
    let Some(gone) = gone(app).await? else { return Ok(None) };
    let mut purged = Vec::new();
    for organization in gone {
        let scope = Scope::Organization(organization);
        let mut tx = app.db.begin(ReadOrWrite::Write, &scope).await?;
        let newest: Option<(Timestamp,)> = tx
            .tenant_query(sql!(
                unfiltered because AS_A_WHOLE,
                "select at from audit_log where organization_id = $1
                 order by sequence desc limit 1"
            ))
            .bind(organization)
            .optional()
            .await?;
        if newest.is_some_and(|(at,)| at >= before) {
            continue;
        }
        let entries = remove(&mut tx, organization).await?;
        let mut journal = Journal::new(Who::system());
        let object = Object::new(object::ORGANIZATION, organization.uuid(), "");
        let after = serde_json::json!({ "entries": entries });
        journal.record(OrganizationId::OUTSIDE, Entry::new(AUDIT_PURGED, object).after(after));
        journal.write(&mut tx, organization, app.clock.now()).await?;
        tx.commit().await?;
        purged.push((organization, entries));
    }
    Ok(Some(purged))
}

/// Removes a chain with its entries, in batches, so that no time limit interrupts it.
async fn remove(tx: &mut Tx, organization: OrganizationId) -> Result<u64, sqlx::Error> {
    let mut entries = 0;
    loop {
        let removed = tx
            .tenant_query(sql!(
                unfiltered because AS_A_WHOLE,
                "delete from audit_log where organization_id = $1 and sequence in (
                    select sequence from audit_log where organization_id = $1
                    order by sequence limit $2)"
            ))
            .bind(organization)
            .bind(BATCH)
            .execute()
            .await?;
        entries += removed;
        if removed == 0 {
            break;
        }
    }
    tx.tenant_query(sql!("delete from audit_chains where organization_id = $1"))
        .bind(organization)
        .execute()
        .await?;
    Ok(entries)
}
