//! The links of an invitation, and the emails that contain them.

use crate::core::invitations::noun::InvitationLinkId;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::sql;
use crate::platform::ids::{InvitationId, MailId};
use crate::platform::tenant::OrgTx;

/// What is stored of a link's two tokens.
pub struct LinkTokens {
    /// The digest of the emailed token.
    pub mailed: Vec<u8>,
    /// The digest of the token for copying.
    pub copied: Vec<u8>,
    /// The token for copying, sealed.
    pub copied_sealed: Vec<u8>,
}

/// Replaces the links of an invitation by a new one.
pub async fn replace_link(
    tx: &mut OrgTx,
    invitation: InvitationId,
    link: InvitationLinkId,
    tokens: &LinkTokens,
    mail: MailId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let replaced = tx
        .query(sql!(
            "update invitation_links set replaced_at = $3
             where organization_id = $1 and invitation_id = $2 and replaced_at is null"
        ))
        .bind(invitation)
        .bind(now)
        .execute()
        .await?;
    if replaced > 0 {
        withdraw_mails(tx, invitation).await?;
    }
    tx.query(sql!(
        "insert into invitation_links
            (organization_id, id, invitation_id, token_hash, copy_hash, copy_sealed, mail_id,
             created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    ))
    .bind(link)
    .bind(invitation)
    .bind(&tokens.mailed)
    .bind(&tokens.copied)
    .bind(&tokens.copied_sealed)
    .bind(mail)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The number of links that the organization has sent since `since`.
pub async fn links_since(tx: &mut OrgTx, since: Timestamp) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(sql!(
            "select count(*) from invitation_links where organization_id = $1 and created_at > $2"
        ))
        .bind(since)
        .one()
        .await?;
    Ok(count)
}

/// The number of links of an invitation since then.
pub async fn links_of(
    tx: &mut OrgTx,
    invitation: InvitationId,
    since: Timestamp,
) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(sql!(
            "select count(*) from invitation_links
             where organization_id = $1 and invitation_id = $2 and created_at > $3"
        ))
        .bind(invitation)
        .bind(since)
        .one()
        .await?;
    Ok(count)
}

/// The newest link of an invitation, with the sealed token for copying.
pub async fn newest_link(
    tx: &mut OrgTx,
    invitation: InvitationId,
) -> Result<Option<(InvitationLinkId, Vec<u8>)>, sqlx::Error> {
    tx.query(sql!(
        "select id, copy_sealed from invitation_links
         where organization_id = $1 and invitation_id = $2 and replaced_at is null"
    ))
    .bind(invitation)
    .optional()
    .await
}

/// Removes unsent emails with links of an invitation, waiting or failed, because the links no
/// longer work. An email that is being sent is not stopped.
pub async fn withdraw_mails(tx: &mut OrgTx, id: InvitationId) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "delete from outbox
         where organization_id = $1 and status <> 'sent' and claimed_at is null and id in (
            select mail_id from invitation_links where organization_id = $1 and invitation_id = $2)"
    ))
    .bind(id)
    .execute()
    .await?;
    Ok(())
}
