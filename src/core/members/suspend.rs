//! Suspending a member and reactivating them: the membership stays, and opens nothing meanwhile.

use axum::response::Response;

use super::change::{find_changeable, revoked_words};
use super::row;
use super::sql;
use crate::core::members::noun::{MEMBER_REACTIVATED, MEMBER_SUSPENDED, ManageMembers};
use crate::platform::error::Result;
use crate::platform::ids::MembershipId;
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::web::shell::Toast;
use crate::platform::web::{Flash, Htmx, Id, page};

/// `POST /orgs/{slug}/members/{id}/suspend`
pub async fn suspend(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
) -> Result<Response> {
    let (mut tx, actor) = org.write_locked().await?;
    let target = find_changeable(&mut tx, id, actor.user_id, &actor.role).await?;
    let words = if target.is_suspended {
        format!("{} is already suspended.", target.name)
    } else {
        let revoked = sql::revoke_offers_above(&mut tx, target.user_id, i64::MIN, org.now).await?;
        sql::set_suspended(&mut tx, id, Some(org.now)).await?;
        sql::withdraw_mails_of_revoked(&mut tx).await?;
        tx.record(target.entry(MEMBER_SUSPENDED));
        format!("{} has been suspended.{}", target.name, revoked_words(revoked))
    };
    answer(tx, &org, htmx, id, words).await
}

/// `POST /orgs/{slug}/members/{id}/reactivate`
pub async fn reactivate(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
) -> Result<Response> {
    let (mut tx, actor) = org.write_locked().await?;
    let target = find_changeable(&mut tx, id, actor.user_id, &actor.role).await?;
    let words = if target.is_suspended {
        sql::set_suspended(&mut tx, id, None).await?;
        tx.record(target.entry(MEMBER_REACTIVATED));
        format!("{} is active again.", target.name)
    } else {
        format!("{} is already active.", target.name)
    };
    answer(tx, &org, htmx, id, words).await
}

/// Commits; the row for htmx, otherwise the table.
async fn answer(
    mut tx: OrgTx,
    org: &CurrentOrg<ManageMembers>,
    htmx: Htmx,
    id: MembershipId,
    words: String,
) -> Result<Response> {
    if !htmx.wants_fragment {
        tx.commit().await?;
        return Ok(Flash::redirect(&org.organization.path("/members"), words));
    }
    let row = row::fragment(&mut tx, org, id.uuid(), Some(Toast::success(words))).await?;
    tx.commit().await?;
    page(&row)
}
