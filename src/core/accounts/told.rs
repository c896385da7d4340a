//! Emails that tell the holder of an account what an operator has done to it.

use serde::{Deserialize, Serialize};

use super::mail::Notice;
use super::sql;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::jobs::{self, Handler, Kind, Work};
use crate::platform::mail::outbox;
use crate::platform::tenant::UnscopedTx;

/// Emails the notice. It is a job, because the command line cannot seal emails.
const NOTICE_JOB: Kind = Kind { name: "account_notice", handler: Handler::Outside(mail) };
inventory::submit!(NOTICE_JOB);

/// What was done to an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Done {
    /// All sign-ins were ended.
    SignInsEnded,
    /// It was suspended, for this reason.
    Suspended(String),
    /// It was reactivated.
    Reactivated,
    /// A link to set a password was created, and not sent by email.
    LinkHandedOver,
}

/// The payload of the job.
#[derive(Serialize, Deserialize)]
struct Told {
    user: UserId,
    done: Done,
    /// The time in microseconds.
    at: i64,
}

/// Queues the notice to the holder of an account, in the caller's transaction.
pub(crate) async fn tell(tx: &mut UnscopedTx, user: UserId, done: Done) -> Result<()> {
    let told = Told { user, done, at: tx.now().as_micros() };
    let payload =
        serde_json::to_string(&told).map_err(|error| AppError::Internal(Box::new(error)))?;
    jobs::enqueue(tx, NOTICE_JOB.name, &payload).await
}

fn mail<'a>(app: &'a App, payload: &'a str) -> Work<'a> {
    Box::pin(async move {
        let told: Told =
            serde_json::from_str(payload).map_err(|error| AppError::Internal(Box::new(error)))?;
        let mut tx = UnscopedTx::write(app).await?;
        let Some(account) = sql::credentials_of(&mut tx, told.user).await? else {
            return Ok(());
        };
        let (subject, what, after) = told.done.words();
        let mail = Notice {
            subject,
            name: account.name,
            what,
            after,
            when: Timestamp::from_micros(told.at).minute(),
            login_link: app.config.link("/login"),
        };
        outbox::enqueue(&mut tx, &account.email, &mail).await?;
        // The log already records what was done.
        tx.commit_unrecorded().await?;
        Ok(())
    })
}

impl Done {
    /// The subject, what was done, and what to do now.
    fn words(self) -> (&'static str, String, &'static str) {
        match self {
            Self::SignInsEnded => (
                "You were signed out everywhere",
                "The operator of this installation signed you out everywhere.".to_owned(),
                "Sign in again to continue. If you don't know why this happened, set a new \
                 password first.",
            ),
            Self::Suspended(reason) => (
                "Your account is suspended",
                format!(
                    "The operator of this installation suspended your account. Reason: “{reason}”."
                ),
                "Your data is safe. You can't sign in until your account is reactivated.",
            ),
            Self::Reactivated => (
                "Your account is active again",
                "The operator of this installation reactivated your account.".to_owned(),
                "You can sign in as before.",
            ),
            Self::LinkHandedOver => (
                "A link to set a new password was created for you",
                "The operator of this installation created a link to set a new password for your \
                 account. It works once and expires in 1 hour."
                    .to_owned(),
                "If you didn't ask for it, contact them. Your password won't change until the link \
                 is used.",
            ),
        }
    }
}
