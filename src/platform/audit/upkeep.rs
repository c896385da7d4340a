//! What the operator does to the chains from the command line: prove all of them, erase a person
//! from them, and remove what organizations left behind that are gone.

use super::chain::{self, Proof, Subject};
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

/// Rows that are looked at or removed at once.
const BATCH: i64 = 1000;

/// A chain, by the organization it belongs to.
#[derive(Clone, Debug, FromRow)]
pub struct Chain {
    /// The organization; [`OrganizationId::OUTSIDE`] for the chain of what belongs to none.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its address.
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

/// Every chain: outside organizations, of every organization whatever its state, and of those that
/// are gone. On PostgreSQL the last ones are found by the owner of the tables alone.
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

/// The organizations that are gone and have left a chain; `None` where the database's role may not
/// look.
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
            // Row-level security is forced on the owner too, who can lift it: in a transaction that
            // is rolled back, so that nobody else ever sees the table without it. Whoever wants to
            // append to a chain waits for the moment that this takes.
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

/// Proves one chain.
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

/// Erases from one chain what it tells about a person, and records that; gives how many entries
/// that were.
pub async fn erase(app: &App, organization: OrganizationId, subject: &Subject) -> Result<u64> {
    let mut tx = UnscopedTx::write(app).await?.enter(organization).await?;
    let erased = erase_in(&mut tx, subject).await?;
    tx.commit().await?;
    Ok(erased)
}

/// Erases `subject` from the organization's log in the caller's transaction; gives how many entries.
pub async fn erase_in(tx: &mut OrgTx, subject: &Subject) -> Result<u64> {
    let erased = chain::erase(tx, subject).await?;
    if erased > 0 {
        // Neither name nor address, and not as a thing that happened to the person: the entry would
        // be the next to be erased.
        let object = match subject.person {
            Some(person) => Object::new(object::ACCOUNT, person.uuid(), ""),
            None => Object::named(object::ADDRESS, ""),
        };
        let after = serde_json::json!({ "entries": erased });
        tx.record(Entry::new(AUDIT_ERASED, object).after(after));
    }
    Ok(erased)
}

/// Removes the chains of organizations that are gone and whose newest entry is from before
/// `before`, and records that outside organizations; gives each with its number of entries, or
/// `None` where the database's role may not.
pub async fn purge(app: &App, before: Timestamp) -> Result<Option<Vec<(OrganizationId, u64)>>> {
    let Some(gone) = gone(app).await? else { return Ok(None) };
    let mut purged = Vec::new();
    for organization in gone {
        let scope = Scope::Organization(organization);
        let mut tx = app.db.begin(ReadOrWrite::Write, &scope).await?;
        let newest: Option<(Timestamp,)> = tx
            .tenant_query(sql!(
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

/// Removes a chain with its entries, in steps that no time limit cuts off.
async fn remove(tx: &mut Tx, organization: OrganizationId) -> Result<u64, sqlx::Error> {
    let mut entries = 0;
    loop {
        let removed = tx
            .tenant_query(sql!(
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
