//! Erasing the person from what organizations keep: from the details of every audit log, from
//! invitations that were answered, and from the emails that were sent.

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

/// Erases a person from the organizations, so many at a time.
const ERASE_JOB: Kind = Kind { name: "erase_account", handler: Handler::Outside(run) };
inventory::submit!(ERASE_JOB);

/// How many organizations one job looks through: it must be done before its lease ends.
const BATCH: usize = 100;

/// Who is erased, and how far that has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Erasure {
    user: UserId,
    /// The address that the account had, and those before it.
    emails: Vec<String>,
    /// Whether it was proved: any account could have had it otherwise, and what tells about it may
    /// mean someone else.
    is_proved: bool,
    created_at: i64,
    deleted_at: i64,
    /// The last organization that is done.
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

    /// The kind of mail that may be for someone else who has the address.
    fn spared_mail(&self) -> &'static str {
        if self.is_proved { "" } else { "invitation" }
    }

    /// What a log is to tell nothing of. An address that was not proved means this person only
    /// outside organizations, and only while they had the account.
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

/// Has the person erased once this transaction lasts.
pub(super) async fn enqueue(tx: &mut UnscopedTx, erasure: &Erasure) -> Result<()> {
    let payload =
        serde_json::to_string(erasure).map_err(|error| AppError::Internal(Box::new(error)))?;
    jobs::enqueue(tx, ERASE_JOB.name, &payload).await
}

/// Looks through a batch of organizations, and leaves the next one to another job. Doing it twice
/// finds nothing the second time.
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
    // Looking first, because most organizations hold nothing, and a look makes nobody wait.
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
            // Mail that was sent, and an address, are nothing that a log would tell about.
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
