//! The mailbox of a development machine, which shows what would have been sent.

use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MailId;
use crate::platform::mail::message::Rendered;
use crate::platform::mail::transport::Transport;
use crate::platform::tenant::UnscopedTx;

/// An email in the development mailbox.
#[derive(Debug)]
pub struct Delivered {
    /// Its identifier.
    pub id: MailId,
    /// Its recipient.
    pub recipient: EmailAddress,
    /// When it was queued.
    pub created_at: Timestamp,
    /// Its content.
    pub mail: Rendered,
}

#[derive(FromRow)]
struct DeliveredRow {
    id: MailId,
    recipient: EmailAddress,
    created_at: Timestamp,
    sealed: Vec<u8>,
}

impl Delivered {
    fn open(app: &App, row: DeliveredRow) -> Option<Self> {
        let mail = super::open(app, row.id, Some(&row.sealed)).ok()?;
        Some(Self { id: row.id, recipient: row.recipient, created_at: row.created_at, mail })
    }
}

/// Whether this installation has a development mailbox.
pub fn has_mailbox(app: &App) -> bool {
    matches!(app.transport, Transport::Mailbox)
}

/// Whether this installation sends email at all.
pub fn is_sent(app: &App) -> bool {
    !matches!(app.transport, Transport::None)
}

/// The newest emails in the development mailbox.
pub async fn mailbox(app: &App) -> Result<Vec<Delivered>> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let rows: Vec<DeliveredRow> = tx
        .query(unscoped_sql!(
            "select id, recipient, created_at, sealed from outbox
             where sealed is not null
             order by created_at desc, id desc
             limit 100"
        ))
        .all()
        .await?;
    tx.commit().await?;
    Ok(rows.into_iter().filter_map(|row| Delivered::open(app, row)).collect())
}

/// One email in the development mailbox.
pub async fn delivered(app: &App, id: MailId) -> Result<Delivered> {
    let mut tx = UnscopedTx::look_at_queues(app).await?;
    let row: Option<DeliveredRow> = tx
        .query(unscoped_sql!(
            "select id, recipient, created_at, sealed from outbox
             where id = $1 and sealed is not null"
        ))
        .bind(id)
        .optional()
        .await?;
    tx.commit().await?;
    row.and_then(|row| Delivered::open(app, row)).ok_or(AppError::NotFound)
}
