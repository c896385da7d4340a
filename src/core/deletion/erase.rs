//! Erases a person from what organizations keep: the details of their audit logs, answered
//! invitations, and sent emails.

use serde::{Deserialize, Serialize};

use super::sql::Identity;
use crate::core::invitations;
use crate::platform::App;
use crate::platform::audit::chain::{self, Subject};
use crate::platform::audit::upkeep;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::jobs::{self, Handler, Kind, Work};
use crate::platform::mail::forget;
use crate::platform::tenant::{self, OrgTx, UnscopedTx};

/// Erases a person from the organizations, in batches.
const ERASE_JOB: Kind = Kind { name: "erase_account", handler: Handler::Outside(run) };
inventory::submit!(ERASE_JOB);

/// How many organizations one job processes: it must be done before its lease ends.
const BATCH: usize = 100;

/// The person to erase, and the progress.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Erasure {
    user: UserId,
    /// The account's address, and those before it.
    emails: Vec<String>,
    /// Whether the address was confirmed. Otherwise it may belong to somebody else, and so may what
    /// is recorded about it.
    is_proved: bool,
    created_at: i64,
    deleted_at: i64,
    /// The last organization that was processed.
    after: Option<OrganizationId>,
}

impl Erasure {
    pub fn of(user: UserId, known: &Identity, former: Vec<EmailAddress>, now: Timestamp) -> Self {
        let emails = std::iter::once(&known.email).chain(&former);
        Self {
            user,
            emails: emails.map(EmailAddress::to_string).collect(),
            is_proved: known.email_verified_at.is_some(),
            created_at: known.created_at.as_micros(),
            deleted_at: now.as_micros(),
            after: None,
        }
    }

    pub fn addresses(&self) -> Result<Vec<EmailAddress>> {
        let parse = |text: &String| text.parse().map_err(|words: String| AppError::internal(words));
        self.emails.iter().map(parse).collect()
    }

    /// The kind of email that may be for the address's actual owner.
    fn spared_mail(&self) -> &'static str {
        if self.is_proved { "" } else { "invitation" }
    }

    /// What to erase from a log. An unconfirmed address only identifies this person outside
    /// organizations, and only while they had the account.
    fn subject(&self, organization: OrganizationId) -> Result<Subject> {
        let is_outside = organization == OrganizationId::OUTSIDE;
        Ok(Subject {
            person: Some(self.user),
            emails: match self.is_proved || is_outside {
                true => self.addresses()?,
                false => Vec::new(),
            },
            since: Timestamp::from_micros(if self.is_proved { 0 } else { self.created_at }),
            until: Timestamp::from_micros(self.deleted_at),
        })
    }
}

/// Queues the erasure in this transaction.
pub(super) async fn enqueue(tx: &mut UnscopedTx, erasure: &Erasure) -> Result<()> {
    let payload =
        serde_json::to_string(erasure).map_err(|error| AppError::Internal(Box::new(error)))?;
    jobs::enqueue(tx, ERASE_JOB.name, &payload).await
}

/// Processes a batch of organizations, and queues another job for the next one. Doing it twice is
/// harmless.
fn run<'a>(app: &'a App, payload: &'a str) -> Work<'a> {
    Box::pin(async move {
        let mut erasure: Erasure =
            serde_json::from_str(payload).map_err(|error| AppError::Internal(Box::new(error)))?;
        if erasure.after.is_none() {
            upkeep::erase(app, OrganizationId::OUTSIDE, &erasure.subject(OrganizationId::OUTSIDE)?)
                .await?;
        }
        let mut organizations = tenant::organizations(app).await?;
        organizations.sort();
        organizations.retain(|id| Some(*id) > erasure.after);
        for organization in organizations.iter().take(BATCH) {
            erase_in(app, *organization, &erasure).await?;
            erasure.after = Some(*organization);
        }
        if organizations.len() > BATCH {
            let mut tx = UnscopedTx::write(app).await?;
            enqueue(&mut tx, &erasure).await?;
            tx.commit_unrecorded().await?;
        }
        Ok(())
    })
}

async fn erase_in(app: &App, organization: OrganizationId, erasure: &Erasure) -> Result<()> {
    let subject = erasure.subject(organization)?;
    // Read first, because most organizations contain nothing, and reading blocks nobody.
    let mut tx = tenant::look_into(app, organization).await?;
    let is_told = tells(&mut tx, erasure, &subject).await?;
    drop(tx);
    if is_told {
        let mut tx = tenant::work_in(app, organization).await?;
        for email in &erasure.addresses()? {
            invitations::forget(&mut tx, email, erasure.is_proved, subject.until).await?;
            forget::all_in(&mut tx, email, erasure.spared_mail(), subject.until).await?;
        }
        let erased = upkeep::erase_in(&mut tx, &subject).await?;
        match erased {
            // Sent emails and addresses are not worth an entry in the log.
            0 => tx.commit_unrecorded().await?,
            _ => tx.commit().await?,
        }
    }
    Ok(())
}

async fn tells(tx: &mut OrgTx, erasure: &Erasure, subject: &Subject) -> Result<bool> {
    if chain::tells(tx, subject).await? {
        return Ok(true);
    }
    for email in &erasure.addresses()? {
        if invitations::names(tx, email, erasure.is_proved, subject.until).await?
            || forget::holds(tx, email, erasure.spared_mail(), subject.until).await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
