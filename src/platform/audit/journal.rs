//! The entries that a transaction has recorded but not written yet, and how they are appended to
//! the chain.

use super::chain::{self, AS_A_WHOLE, Row};
use super::entry::{ActorKind, Details, Entry, Who};
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::db::statement::sql;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::search;
use crate::platform::secrets::{digest, random_bytes};

/// The entries of one transaction, and their actor.
#[derive(Debug)]
pub(in crate::platform) struct Journal {
    pub who: Who,
    entries: Vec<(OrganizationId, Who, Entry)>,
    written: Vec<Told>,
}

/// What the process's log says about an entry once it is committed.
#[derive(Debug)]
struct Told {
    organization: OrganizationId,
    kind: ActorKind,
    action: &'static str,
    object: String,
    person: Option<UserId>,
}

impl Journal {
    pub fn new(who: Who) -> Self {
        Self { who, entries: Vec::new(), written: Vec::new() }
    }

    pub fn record(&mut self, organization: OrganizationId, entry: Entry) {
        self.entries.push((organization, self.who.clone(), entry));
    }

    /// Brings the index of searches up to date, and appends the entries to their chains, always in the
    /// same order of chains; leaves the transaction inside the last one.
    ///
    /// # Errors
    /// When the transaction has changed something and recorded nothing.
    pub async fn write(&mut self, tx: &mut Tx, here: OrganizationId, now: Timestamp) -> Result<()> {
        if self.entries.is_empty() {
            return match tx.has_changed() {
                false => Ok(()),
                true => Err(AppError::internal("a change that nobody has recorded")),
            };
        }
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_by_key(|(organization, ..)| *organization);
        let mut inside = here;
        for group in entries.chunk_by(|one, next| one.0 == next.0) {
            if group[0].0 != inside {
                inside = group[0].0;
                tx.enter(inside).await?;
            }
            let changes: Vec<_> = group.iter().map(|(.., entry)| entry).collect();
            search::follow(tx, inside, &changes).await?;
            append(tx, inside, group, now).await?;
        }
        self.written = entries.iter().filter_map(Told::of).collect();
        Ok(())
    }

    /// Writes to the process's log, for the people who run the installation, what operators and the
    /// program itself have done, and who has become an operator. To be called after the commit.
    pub fn tell(&self) {
        for Told { organization, kind, action, object, person } in &self.written {
            tracing::info!(
                by = %kind,
                action,
                object,
                person = person.map(tracing::field::display),
                organization = (*organization != OrganizationId::OUTSIDE)
                    .then(|| tracing::field::display(organization)),
                "done and recorded"
            );
        }
    }
}

impl Told {
    fn of((organization, who, entry): &(OrganizationId, Who, Entry)) -> Option<Self> {
        let is_told =
            matches!(who.kind, ActorKind::Operator | ActorKind::System) || entry.is_logged;
        is_told.then(|| Self {
            organization: *organization,
            kind: who.kind,
            action: entry.action.word(),
            object: match entry.object.id {
                Some(id) => format!("{} {id}", entry.object.kind),
                None => entry.object.kind.to_string(),
            },
            person: entry.person,
        })
    }
}

/// Appends entries to one chain, whose end stays locked until the transaction ends.
async fn append(
    tx: &mut Tx,
    organization: OrganizationId,
    entries: &[(OrganizationId, Who, Entry)],
    now: Timestamp,
) -> Result<()> {
    let (mut sequence, mut hash) = lock_end(tx, organization).await?;
    for (_, who, entry) in entries {
        sequence += 1;
        let salt: [u8; 16] = random_bytes();
        let content = serde_json::to_string(&Details::of(who, entry))
            .map_err(|error| AppError::Internal(Box::new(error)))?;
        let row = Row {
            sequence,
            at: now,
            actor_kind: who.kind,
            actor_id: who.id,
            action: entry.action.word().to_owned(),
            object_kind: entry.object.kind.to_string(),
            object_id: entry.object.id,
            person_id: entry.person,
            project_id: entry.project,
            request_id: who.device.as_ref().and_then(|device| device.request_id),
            details_hash: chain::details_hash(&salt, &content),
        };
        hash = row.hash(organization, &hash);
        insert(tx, organization, &row, &hash).await?;
        insert_details(tx, organization, sequence, &salt, &content).await?;
    }
    tx.tenant_query(sql!(
        "update audit_chains set sequence = $2, hash = $3 where organization_id = $1"
    ))
    .bind(organization)
    .bind(sequence)
    .bind(hash)
    .execute()
    .await?;
    Ok(())
}

/// Locks and returns the end of the chain; nobody else can append to it until the transaction ends.
async fn lock_end(tx: &mut Tx, organization: OrganizationId) -> Result<(i64, Vec<u8>)> {
    for _ in 0..2 {
        // An update, because it locks the row on both engines.
        let end = tx
            .tenant_query(sql!(
                "update audit_chains set sequence = sequence where organization_id = $1
                 returning sequence, hash"
            ))
            .bind(organization)
            .optional()
            .await?;
        if let Some(end) = end {
            return Ok(end);
        }
        tx.tenant_query(sql!(
            "insert into audit_chains (organization_id, sequence, hash) values ($1, 0, $2)
             on conflict (organization_id) do nothing"
        ))
        .bind(organization)
        .bind(digest(organization.uuid().as_bytes()))
        .execute()
        .await?;
    }
    Err(AppError::internal("an audit chain that was begun is not there"))
}

async fn insert(
    tx: &mut Tx,
    organization: OrganizationId,
    row: &Row,
    hash: &[u8],
) -> Result<(), sqlx::Error> {
    tx.tenant_query(sql!(
        unfiltered because AS_A_WHOLE,
        "insert into audit_log
            (organization_id, sequence, at, actor_kind, actor_id, action, object_kind, object_id,
             person_id, project_id, request_id, details_hash, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    ))
    .bind(organization)
    .bind(row.sequence)
    .bind(row.at)
    .bind(row.actor_kind)
    .bind(row.actor_id)
    .bind(&row.action)
    .bind(&row.object_kind)
    .bind(row.object_id)
    .bind(row.person_id)
    .bind(row.project_id)
    .bind(row.request_id)
    .bind(&row.details_hash)
    .bind(hash)
    .execute()
    .await?;
    Ok(())
}

async fn insert_details(
    tx: &mut Tx,
    organization: OrganizationId,
    sequence: i64,
    salt: &[u8],
    content: &str,
) -> Result<(), sqlx::Error> {
    tx.tenant_query(sql!(
        unfiltered because AS_A_WHOLE,
        "insert into audit_details (organization_id, sequence, salt, content)
         values ($1, $2, $3, $4)"
    ))
    .bind(organization)
    .bind(sequence)
    .bind(salt)
    .bind(content)
    .execute()
    .await?;
    Ok(())
}
