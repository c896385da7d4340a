//! Invitations of the demonstration.

use super::link::{Letterhead, send_link};
use super::noun::INVITATION_SENT;
use super::sql::{self, Draft};
use crate::platform::audit::Entry;
use crate::platform::db::statement::sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{InvitationId, UserId};
use crate::platform::tenant::{OrgTx, RoleKey};

/// Invites somebody to the demonstration as a member.
pub(crate) async fn seed(
    tx: &mut OrgTx,
    inviter: UserId,
    inviter_name: &str,
    organization: &str,
    email: &str,
) -> Result<InvitationId> {
    let email = EmailAddress::of_account(email).map_err(AppError::internal)?;
    let role = RoleKey::from("member".to_owned());
    let now = tx.app().clock.now();
    let draft = Draft { email: &email, role: &role, message: "", invited_by: inviter, now };
    let id = sql::insert(tx, &draft).await?;
    let letterhead = Letterhead { inviter: inviter_name, organization, role: "Member" };
    send_link(tx, id, &draft, letterhead).await?;
    tx.record(Entry::new(INVITATION_SENT, sql::object(id, &email)));
    Ok(id)
}

/// Makes the email with an invitation one that a mail server has refused.
pub(crate) async fn seed_failure(tx: &mut OrgTx, id: InvitationId) -> Result<()> {
    tx.query(sql!(
        "update outbox
         set status = 'failed', attempts = 1, error = '550 5.1.1 No such mailbox here'
         where organization_id = $1 and id in (
            select mail_id from invitation_links where organization_id = $1 and invitation_id = $2)"
    ))
    .bind(id)
    .execute()
    .await?;
    Ok(())
}
