//! Cleans up after a backup was restored, which brings back what was ended, used or replaced since
//! it was made. Sign-ins and links that somebody ended for a good reason would work again, so all
//! of them are ended.

use serde_json::json;

use crate::core::operators::noun::BACKUP_RESTORED;
use crate::platform::App;
use crate::platform::audit::object;
use crate::platform::audit::{Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::error::Result;
use crate::platform::newest;
use crate::platform::session;
use crate::platform::tenant::{self, OrgTx, UnscopedTx};

/// How much was ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Sign-ins.
    pub sign_ins: u64,
    /// Links of accounts: to set a password, to confirm an address, to take an account back, to
    /// sign up.
    pub links: u64,
    /// Invitations, which can be sent again.
    pub invitations: u64,
    /// Join links, which can be replaced by new ones.
    pub join_links: u64,
    /// Waiting emails, which were most likely sent after the backup was made.
    pub mails: u64,
}

/// Ends all of it, and resets the recorded time to the machine's clock.
pub async fn end_everything(app: &App) -> Result<Ended> {
    let mut ended = Ended::default();
    for organization in tenant::organizations(app).await? {
        let mut tx = tenant::work_in(app, organization).await?;
        let now = app.clock.now();
        let invitations = end_invitations(&mut tx, now).await?;
        let join_links = end_join_links(&mut tx, now).await?;
        ended.mails += end_mails(&mut tx).await?;
        ended.invitations += invitations;
        ended.join_links += join_links;
        // Each organization's log records the end of its own invitations.
        if invitations + join_links > 0 {
            let object = Object::named(object::INSTALLATION, "a backup");
            let after = json!({ "invitations": invitations, "join_links": join_links });
            tx.record(Entry::new(BACKUP_RESTORED, object).after(after));
            tx.commit().await?;
        } else {
            tx.commit_unrecorded().await?;
        }
    }
    let mut tx = UnscopedTx::write(app).await?;
    let now = app.clock.now();
    ended.links = end_sign_ups(&mut tx, now).await?;
    ended.sign_ins = session::end_everybodys(&mut tx, None, now).await?;
    ended.links += end_links(&mut tx, now).await?;
    let object = Object::named(object::INSTALLATION, "a backup");
    let after = json!({ "sign_ins": ended.sign_ins, "links": ended.links });
    tx.record(Entry::new(BACKUP_RESTORED, object).after(after));
    tx.commit().await?;
    ended.mails += end_own_mails(app).await?;
    newest::reset(app).await?;
    Ok(ended)
}

async fn end_sign_ups(tx: &mut UnscopedTx, now: Timestamp) -> Result<u64, sqlx::Error> {
    let mut ended = 0;
    for statement in [
        unscoped_sql!(
            "update sign_ups set expires_at = $1 where used_at is null and expires_at > $1"
        ),
        unscoped_sql!(
            "update first_links set expires_at = $1 where used_at is null and expires_at > $1"
        ),
    ] {
        ended += tx.query(statement).bind(now).execute().await?;
    }
    Ok(ended)
}

async fn end_links(tx: &mut UnscopedTx, now: Timestamp) -> Result<u64, sqlx::Error> {
    let mut ended = 0;
    for statement in [
        unscoped_sql!(
            "update account_tokens set expires_at = $1
             where used_at is null and replaced_at is null and expires_at > $1"
        ),
        unscoped_sql!(
            "update account_acts set expires_at = $1 where closed_at is null and expires_at > $1"
        ),
        // The person may have stopped it since.
        unscoped_sql!(
            "update account_helps set stopped_at = $1 where stopped_at is null and done_at is null"
        ),
        unscoped_sql!(
            "update address_changes set expires_at = $1
             where confirmed_at is null and replaced_at is null and expires_at > $1"
        ),
        unscoped_sql!(
            "update address_changes set undo_until = $1 where undone_at is null and undo_until > $1"
        ),
    ] {
        ended += tx.query(statement).bind(now).execute().await?;
    }
    Ok(ended)
}

/// Ends open invitations, which can be sent again with a new link.
async fn end_invitations(tx: &mut OrgTx, now: Timestamp) -> Result<u64, sqlx::Error> {
    tx.query(sql!(
        "update invitations set expires_at = $2
         where organization_id = $1 and status = 'pending' and expires_at > $2"
    ))
    .bind(now)
    .execute()
    .await
}

/// Ends the join link, which may have been turned off or used up since.
async fn end_join_links(tx: &mut OrgTx, now: Timestamp) -> Result<u64, sqlx::Error> {
    tx.query(sql!(
        "update join_links set expires_at = $2
         where organization_id = $1 and ended_at is null and expires_at > $2"
    ))
    .bind(now)
    .execute()
    .await
}

async fn end_mails(tx: &mut OrgTx) -> Result<u64, sqlx::Error> {
    tx.query(sql!(
        "update outbox set status = 'failed', sealed = null, error = $2
         where organization_id = $1 and status = 'queued'"
    ))
    .bind(WORDS)
    .execute()
    .await
}

/// The reason shown for an email that is not sent again.
const WORDS: &str = "a backup was restored: this was most likely sent before";

/// Ends the emails that belong to no organization.
async fn end_own_mails(app: &App) -> Result<u64> {
    let mut tx = tenant::work_in(app, crate::platform::ids::OrganizationId::OUTSIDE).await?;
    let ended = end_mails(&mut tx).await?;
    tx.commit_unrecorded().await?;
    Ok(ended)
}
