//! The outbox: emails that are waiting, were sent, or failed with the mail server's words.

mod delivery;
mod enqueue;
mod mailbox;
mod slots;
mod undelivered;

use time::Duration;

use super::message::Rendered;
use super::transport::Refusal;
use crate::platform::App;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::Result;
use crate::platform::ids::MailId;
use crate::platform::sealed::Column;
use crate::platform::tenant::UnscopedTx;
use crate::platform::words::words;

pub use enqueue::{count_since, enqueue, enqueue_in, enqueue_last, enqueue_notice};
pub use mailbox::{Delivered, delivered, has_mailbox, is_sent, mailbox};
pub use slots::{Slots, send_due};
pub use undelivered::{
    Outbox, Undelivered, all_undelivered, organization_of, outbox, send_again, undelivered,
};

/// How long a finished email is kept for people to look at.
const RETENTION: Duration = Duration::days(30);

/// How long the text of a failed email is kept for sending it again: by then most links have
/// expired.
const TEXT_RETENTION: Duration = Duration::days(7);

words! {
    /// The state of an email.
    pub enum MailState, "There is no such state of a mail." {
        /// It waits for its first or next attempt.
        Queued = "queued";
        /// The mail server has accepted it.
        Sent = "sent";
        /// It will not be retried.
        Failed = "failed";
    }
}

/// Opens what [`enqueue`] has sealed.
fn open(app: &App, id: MailId, sealed: Option<&[u8]>) -> Result<Rendered, Refusal> {
    sealed
        .and_then(|sealed| app.keyring.open(&Column::Mail.context(id), sealed).ok())
        .and_then(|body| serde_json::from_slice(&body).ok())
        .ok_or_else(|| Refusal {
            words: "the mail was sealed with a key that is not in the keyring".to_owned(),
            is_final: true,
        })
}

/// Removes emails that were sent or have failed more than 30 days ago, and the text of those that
/// have failed more than 7 days ago.
pub async fn remove_old(app: &App) -> Result<()> {
    let mut tx = UnscopedTx::queues(app).await?;
    tx.query(unscoped_sql!("delete from outbox where status <> 'queued' and created_at < $1"))
        .bind(app.clock.now().plus(-RETENTION))
        .execute()
        .await?;
    tx.query(unscoped_sql!(
        "update outbox set sealed = null
         where status = 'failed' and sealed is not null and created_at < $1"
    ))
    .bind(app.clock.now().plus(-TEXT_RETENTION))
    .execute()
    .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}
