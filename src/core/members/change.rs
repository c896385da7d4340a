//! Changing a member's role.

use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::model::{is_last_owner, may_change};
use super::row;
use super::sql::{self, Target};
use crate::core::access;
use crate::core::members::noun::{InviteMembers, MEMBER_ROLE_CHANGED, ManageMembers};
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::tenant::{CurrentOrg, Grant, OrgTx, Role, RoleKey, role};
use crate::platform::web::form::Fields;
use crate::platform::web::shell::Toast;
use crate::platform::web::{Flash, Form, Htmx, Id, page};

/// What is chosen in the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleForm {
    role: String,
}

impl Fields for RoleForm {}

/// `POST /orgs/{slug}/members/{id}/role`
pub async fn change_role(
    org: CurrentOrg<ManageMembers>,
    htmx: Htmx,
    Id(id): Id<MembershipId>,
    Form(form): Form<RoleForm>,
) -> Result<Response> {
    let key = RoleKey::from(form.role);
    if key.is_owner() {
        // An owner can take the organization from whoever made them one.
        org.user.require_proof(org.now, &org.organization.path("/members"))?;
    }
    let (mut tx, actor) = org.write_locked().await?;
    let target = find_changeable(&mut tx, id, actor.user_id, &actor.role).await?;
    let Some(grant) = role::grant(&mut tx, &actor.role, &key).await? else {
        return Err(match role::exists(&mut tx, &key).await? {
            true => AppError::Refused("This role is above yours.".into()),
            false => AppError::Invalid("Choose one of the organization's roles.".into()),
        });
    };
    let revoked = give(&mut tx, &target, &grant, org.now).await?;
    let words = changed_words(&target.name, &grant.role().name, revoked);
    let toast = Toast::success(words.clone());
    let fragment = row::fragment(&mut tx, &org, id.uuid(), Some(toast)).await?;
    tx.commit().await?;
    if htmx.wants_fragment {
        page(&fragment)
    } else {
        Ok(Flash::redirect(&org.organization.path("/members"), words))
    }
}

/// Gives a member another role, and takes back what does not go with it; gives how many invitations
/// they sent are revoked.
pub(super) async fn give(
    tx: &mut OrgTx,
    target: &Target,
    grant: &Grant,
    now: Timestamp,
) -> Result<u64> {
    let new = grant.role();
    if new.rank > target.role.rank && !sql::may_hold(tx, target.user_id, new.rank).await? {
        let words = format!(
            "{} has not confirmed their address yet. Until then they can be a member at most.",
            target.name
        );
        return Err(AppError::Conflict(words.into()));
    }
    sql::set_role(tx, target.membership_id, grant).await?;
    access::release_unseen(tx, target.membership_id).await?;
    let may_offer = new.can(InviteMembers::PERMISSION) && !target.is_suspended;
    let reach = if may_offer { new.rank } else { i64::MIN };
    let revoked = sql::revoke_offers_above(tx, target.user_id, reach, now).await?;
    sql::withdraw_mails_of_revoked(tx).await?;
    tx.record(
        target
            .entry(MEMBER_ROLE_CHANGED)
            .change(&json!({ "role": target.role.key }), &json!({ "role": new.key })),
    );
    Ok(revoked)
}

/// The member `id`, whom `actor` may change or remove.
///
/// # Errors
/// 409 where an invariant of the organization stands against it, 403 where another rule does.
pub(super) async fn find_changeable(
    tx: &mut OrgTx,
    id: MembershipId,
    actor: UserId,
    role: &Role,
) -> Result<Target> {
    let target = sql::find(tx, id).await?.ok_or(AppError::NotFound)?;
    let is_last_owner = is_last_owner(&target.role, target.can_act(), target.owners);
    match may_change(role, target.user_id == actor, &target.role, is_last_owner) {
        Ok(()) => Ok(target),
        Err(reason) if is_last_owner => Err(AppError::Conflict(reason.into())),
        Err(reason) => Err(AppError::Refused(reason.into())),
    }
}

pub(super) fn changed_words(name: &str, role: &str, revoked: u64) -> String {
    format!("{name} is now {role}.{}", revoked_words(revoked))
}

/// What became of the invitations that somebody sent, as it follows another sentence.
pub(super) fn revoked_words(revoked: u64) -> String {
    match revoked {
        0 => String::new(),
        1 => " One invitation they sent has been revoked.".to_owned(),
        count => format!(" {count} invitations they sent have been revoked."),
    }
}
