//! The hash chain: how an entry is hashed, and how a whole chain is verified.
//!
//! The hash of an entry is SHA-256 over the hash of the previous entry (for the first one, SHA-256
//! over the sixteen bytes of the organization's id), followed by a JSON array without spaces:
//! organization, sequence, time in microseconds since the Unix epoch, kind of actor, actor, action,
//! kind of object, object, person, project, request, and the hash of the details in hexadecimal,
//! which is SHA-256 over the salt followed by the details as stored. Ids are written with hyphens;
//! missing values are `null`.

use crate::platform::clock::Timestamp;
use crate::platform::db::containing;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::{OrganizationId, ProjectId, RequestId, UserId};
use crate::platform::secrets::digest;
use crate::platform::tenant::OrgTx;

use super::ActorKind;

/// How many entries are read at once.
const BATCH: i64 = 1000;

/// Why the statements about chains need not check who may see a project.
pub(super) const AS_A_WHOLE: &str = "the log is written, proved, erased and purged as a whole";

/// What the chain contains of an entry.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    pub sequence: i64,
    pub at: Timestamp,
    pub actor_kind: ActorKind,
    pub actor_id: Option<UserId>,
    pub action: String,
    pub object_kind: String,
    pub object_id: Option<uuid::Uuid>,
    pub person_id: Option<UserId>,
    pub project_id: Option<ProjectId>,
    pub request_id: Option<RequestId>,
    pub details_hash: Vec<u8>,
}

impl Row {
    pub fn hash(&self, organization: OrganizationId, previous: &[u8]) -> Vec<u8> {
        let row = serde_json::json!([
            organization,
            self.sequence,
            self.at.as_micros(),
            self.actor_kind.to_string(),
            self.actor_id,
            self.action,
            self.object_kind,
            self.object_id,
            self.person_id,
            self.project_id,
            self.request_id,
            hex(&self.details_hash),
        ]);
        digest(&[previous, row.to_string().as_bytes()].concat())
    }
}

pub(super) fn details_hash(salt: &[u8], content: &str) -> Vec<u8> {
    digest(&[salt, content.as_bytes()].concat())
}

/// Formats bytes in hexadecimal, for people to compare.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The result of verifying a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// The number of entries.
    pub entries: i64,
    /// The number of entries whose details were erased.
    pub erased: i64,
    /// The hash at the end of the chain, to be kept elsewhere: rewriting the whole chain changes
    /// it.
    pub head: String,
    /// What is wrong, by entry; at most [`Proof::MOST`].
    pub broken: Vec<Broken>,
}

impl Proof {
    /// The largest number of faults that is reported: more would add nothing.
    pub const MOST: usize = 20;

    /// Whether the chain is unchanged.
    pub fn holds(&self) -> bool {
        self.broken.is_empty()
    }

    fn note(&mut self, sequence: i64, what: &'static str) {
        if self.broken.len() < Self::MOST {
            self.broken.push(Broken { sequence, what });
        }
    }
}

/// An entry that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its sequence number.
    pub sequence: i64,
    /// What is wrong with it.
    pub what: &'static str,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "entry {} {}", self.sequence, self.what)
    }
}

#[derive(FromRow)]
struct Stored {
    #[sqlx(flatten)]
    row: Row,
    hash: Vec<u8>,
    salt: Option<Vec<u8>>,
    content: Option<String>,
}

/// Verifies the chain of the transaction's organization from its first entry to its end.
pub async fn prove(tx: &mut OrgTx) -> Result<Proof> {
    let organization = tx.organization();
    let mut proof = Proof::default();
    let mut last = 0;
    let mut previous = digest(organization.uuid().as_bytes());
    loop {
        let batch = after(tx, last).await?;
        for stored in &batch {
            let sequence = stored.row.sequence;
            if sequence != last + 1 {
                proof.note(last + 1, "is missing");
            } else if stored.row.hash(organization, &previous) != stored.hash {
                proof.note(sequence, "was changed, or the one before it was");
            }
            match (&stored.salt, &stored.content) {
                (Some(salt), Some(content))
                    if details_hash(salt, content) != stored.row.details_hash =>
                {
                    proof.note(sequence, "has details that were changed");
                }
                (Some(_), Some(_)) => {}
                _ => proof.erased += 1,
            }
            proof.entries += 1;
            last = sequence;
            previous.clone_from(&stored.hash);
        }
        if (batch.len() as i64) < BATCH {
            break;
        }
    }
    let (end, head) = end(tx).await?.unwrap_or((0, digest(organization.uuid().as_bytes())));
    if end > last {
        proof.note(last + 1, "is missing, and all after it");
    } else if end < last {
        proof.note(last, "was added past the end of the chain");
    } else if head != previous {
        proof.note(last, "was changed: the chain ends elsewhere");
    }
    proof.head = hex(&previous);
    Ok(proof)
}

async fn after(tx: &mut OrgTx, sequence: i64) -> Result<Vec<Stored>, sqlx::Error> {
    tx.query(sql!(
        unfiltered because AS_A_WHOLE,
        "select l.sequence, l.at, l.actor_kind, l.actor_id, l.action, l.object_kind, l.object_id,
                l.person_id, l.project_id, l.request_id, l.details_hash, l.hash, d.salt, d.content
         from audit_log l
         left join audit_details d
            on d.organization_id = l.organization_id and d.sequence = l.sequence
         where l.organization_id = $1 and l.sequence > $2
         order by l.sequence
         limit $3"
    ))
    .bind(sequence)
    .bind(BATCH)
    .all()
    .await
}

async fn end(tx: &mut OrgTx) -> Result<Option<(i64, Vec<u8>)>, sqlx::Error> {
    tx.query(sql!("select sequence, hash from audit_chains where organization_id = $1"))
        .optional()
        .await
}

/// The person whose details are to be erased from a chain.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The account.
    pub person: Option<UserId>,
    /// The addresses that belong to this person…
    pub emails: Vec<EmailAddress>,
    /// …in entries from this time…
    pub since: Timestamp,
    /// …until this one: later, they may belong to somebody else.
    pub until: Timestamp,
}

impl Subject {
    /// A pattern for an address in the details. An invitation, or a requested reset, contains an
    /// address and no account.
    fn quoted(email: &EmailAddress) -> String {
        containing(&format!("\"{email}\""))
    }
}

/// Erases the details of all entries about a person: those of the person's actions, those of
/// actions on the person, and those that contain an address. Returns how many were erased; the
/// chain can still be verified.
pub async fn erase(tx: &mut OrgTx, subject: &Subject) -> Result<u64, sqlx::Error> {
    // An entry about an erasure has the account as its object, and reveals nothing about the
    // person.
    let mut erased = tx
        .query(sql!(
            unfiltered because AS_A_WHOLE,
            "delete from audit_details
             where organization_id = $1 and sequence in (
                select sequence from audit_log
                where organization_id = $1 and (actor_id = $2 or person_id = $2
                    or object_id = $2 and action <> 'audit.erased'))"
        ))
        .bind(subject.person)
        .execute()
        .await?;
    for email in &subject.emails {
        erased += tx
            .query(sql!(
                unfiltered because AS_A_WHOLE,
                "delete from audit_details
                 where organization_id = $1 and content like $2 escape '\\' and sequence in (
                    select sequence from audit_log
                    where organization_id = $1 and at >= $3 and at <= $4)"
            ))
            .bind(Subject::quoted(email))
            .bind(subject.since)
            .bind(subject.until)
            .execute()
            .await?;
    }
    Ok(erased)
}

/// Whether there is anything for [`erase`] to erase.
pub async fn tells(tx: &mut OrgTx, subject: &Subject) -> Result<bool, sqlx::Error> {
    let (mut found,): (bool,) = tx
        .query(sql!(
            unfiltered because AS_A_WHOLE,
            "select exists (
                select 1 from audit_log l
                join audit_details d
                    on d.organization_id = l.organization_id and d.sequence = l.sequence
                where l.organization_id = $1 and (l.actor_id = $2 or l.person_id = $2
                    or l.object_id = $2 and l.action <> 'audit.erased'))"
        ))
        .bind(subject.person)
        .one()
        .await?;
    for email in &subject.emails {
        if found {
            break;
        }
        (found,) = tx
            .query(sql!(
                unfiltered because AS_A_WHOLE,
                "select exists (
                    select 1 from audit_details d
                    join audit_log l
                        on l.organization_id = d.organization_id and l.sequence = d.sequence
                    where d.organization_id = $1 and d.content like $2 escape '\\'
                        and l.at >= $3 and l.at <= $4)"
            ))
            .bind(Subject::quoted(email))
            .bind(subject.since)
            .bind(subject.until)
            .one()
            .await?;
    }
    Ok(found)
}
