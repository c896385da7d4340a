//! The commands for members. Changes of an organization's members wait for each other, so that
//! there is always an owner.

use serde_json::json;

use super::depart::{depart, end_offers_above};
use super::model::{is_last_owner, may_change, may_leave};
use super::noun::{
    InviteMembers, MEMBER_LEFT, MEMBER_REACTIVATED, MEMBER_REMOVED, MEMBER_ROLE_CHANGED,
    MEMBER_SUSPENDED, ManageMembers,
};
use super::sql::{self, Target};
use crate::core::access;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Grant, OrgTx, Role, RoleKey, role};

/// The page on which an only owner makes somebody else an owner before leaving.
pub(super) const OWNERS_PAGE: &str = "/account/delete";

/// A change of a member's role.
pub(crate) struct RoleChange {
    /// The member, before the change.
    pub member: Target,
    /// The new role.
    pub role: Role,
    /// The number of the member's invitations that were revoked, because they may no longer offer
    /// them.
    pub revoked: u64,
}

/// Gives a member another role, which must not be above the actor's.
///
/// # Errors
/// Those of [`find_changeable`]; [`AppError::Invalid`] when there is no such role;
/// [`AppError::StepUp`] for a new owner, unless the actor has recently authenticated;
/// [`AppError::Conflict`] for a role above "member" while the member's address is not confirmed.
pub(crate) async fn change_role(
    org: &CurrentOrg<ManageMembers>,
    id: MembershipId,
    key: &RoleKey,
) -> Result<RoleChange> {
    if key.is_owner() {
        // An owner can take the organization away from the person who made them one.
        org.user.require_proof(org.now, &org.organization.path("/members"))?;
    }
    let (mut tx, actor) = org.write_locked().await?;
    let member = find_changeable(&mut tx, id, actor.user_id, &actor.role).await?;
    let Some(grant) = role::grant(&mut tx, &actor.role, key).await? else {
        return Err(match role::exists(&mut tx, key).await? {
            true => above(),
            false => AppError::Invalid("Choose one of the organization's roles.".into()),
        });
    };
    let revoked = match member.role.key == *key {
        true => 0,
        false => give(&mut tx, &member, &grant, org.now).await?,
    };
    tx.commit().await?;
    Ok(RoleChange { member, role: grant.role().clone(), revoked })
}

/// Makes another member an owner, so that the only owner can leave.
///
/// # Errors
/// Those of [`change_role`]; [`AppError::Invalid`] when there is no such member.
pub(crate) async fn add_owner(
    org: &CurrentOrg<ManageMembers>,
    id: MembershipId,
) -> Result<RoleChange> {
    org.user.require_proof(org.now, OWNERS_PAGE)?;
    let (mut tx, actor) = org.write_locked().await?;
    let member = match find_changeable(&mut tx, id, actor.user_id, &actor.role).await {
        Err(AppError::NotFound) => return Err(nobody()),
        found => found?,
    };
    let grant = role::grant(&mut tx, &actor.role, &RoleKey::owner()).await?.ok_or_else(above)?;
    let revoked = give(&mut tx, &member, &grant, org.now).await?;
    tx.leads_to(OWNERS_PAGE).await?;
    tx.commit().await?;
    Ok(RoleChange { member, role: grant.role().clone(), revoked })
}

/// The error when no eligible member was chosen.
pub(super) fn nobody() -> AppError {
    AppError::Invalid("Choose one of the organization's members.".into())
}

fn above() -> AppError {
    AppError::Refused("This role is above yours.".into())
}

/// Gives a member another role, and revokes what the new role does not allow. Returns how many of
/// their invitations were revoked.
async fn give(tx: &mut OrgTx, member: &Target, grant: &Grant, now: Timestamp) -> Result<u64> {
    let new = grant.role();
    if new.rank > member.role.rank && !sql::may_hold(tx, member.user_id, new.rank).await? {
        let words = format!(
            "{} hasn't confirmed their email address yet. Until then, they can't have a role above \
             member.",
            member.name
        );
        return Err(AppError::Conflict(words.into()));
    }
    sql::set_role(tx, member.membership_id, grant).await?;
    access::release_unseen(tx, member.membership_id).await?;
    let may_offer = new.can(InviteMembers::PERMISSION) && !member.is_suspended;
    let reach = if may_offer { new.rank } else { i64::MIN };
    let revoked = end_offers_above(tx, member.user_id, reach, now).await?;
    sql::withdraw_mails_of_revoked(tx).await?;
    tx.record(
        member
            .entry(MEMBER_ROLE_CHANGED)
            .change(&json!({ "role": member.role.key }), &json!({ "role": new.key })),
    );
    Ok(revoked)
}

/// Suspends a member, if they are not suspended already. Returns the member as they were, and how
/// many of their invitations were revoked.
///
/// # Errors
/// Those of [`find_changeable`].
pub(crate) async fn suspend(
    org: &CurrentOrg<ManageMembers>,
    id: MembershipId,
) -> Result<(Target, u64)> {
    let (mut tx, actor) = org.write_locked().await?;
    let member = find_changeable(&mut tx, id, actor.user_id, &actor.role).await?;
    let mut revoked = 0;
    if !member.is_suspended {
        revoked = end_offers_above(&mut tx, member.user_id, i64::MIN, org.now).await?;
        sql::set_suspended(&mut tx, id, Some(org.now)).await?;
        sql::withdraw_mails_of_revoked(&mut tx).await?;
        tx.record(member.entry(MEMBER_SUSPENDED));
    }
    tx.commit().await?;
    Ok((member, revoked))
}

/// Reactivates a suspended member; returns the member as they were.
///
/// # Errors
/// Those of [`find_changeable`].
pub(crate) async fn reactivate(
    org: &CurrentOrg<ManageMembers>,
    id: MembershipId,
) -> Result<Target> {
    let (mut tx, actor) = org.write_locked().await?;
    let member = find_changeable(&mut tx, id, actor.user_id, &actor.role).await?;
    if member.is_suspended {
        sql::set_suspended(&mut tx, id, None).await?;
        tx.record(member.entry(MEMBER_REACTIVATED));
    }
    tx.commit().await?;
    Ok(member)
}

/// Ends a membership; returns the member as they were.
///
/// # Errors
/// Those of [`find_changeable`].
pub(crate) async fn remove(org: &CurrentOrg<ManageMembers>, id: MembershipId) -> Result<Target> {
    let (mut tx, actor) = org.write_locked().await?;
    let member = find_changeable(&mut tx, id, actor.user_id, &actor.role).await?;
    depart(&mut tx, &member, org.now).await?;
    sql::withdraw_mails_of_revoked(&mut tx).await?;
    tx.record(member.entry(MEMBER_REMOVED).before(json!({ "role": member.role.key })));
    tx.commit().await?;
    Ok(member)
}

/// Ends the actor's own membership.
///
/// # Errors
/// [`AppError::Conflict`] for the only owner; [`AppError::Refused`] for an operator on a visit.
pub(crate) async fn leave(org: &CurrentOrg<AnyMember>) -> Result<()> {
    must_belong(org)?;
    let (mut tx, actor) = org.write_locked().await?;
    let me = sql::find(&mut tx, actor.membership_id).await?.ok_or(AppError::NotFound)?;
    may_leave(&me.role, me.owners).map_err(|reason| AppError::Conflict(reason.into()))?;
    depart(&mut tx, &me, org.now).await?;
    sql::withdraw_mails_of_revoked(&mut tx).await?;
    tx.record(me.entry(MEMBER_LEFT));
    tx.commit().await
}

/// Refuses operators on a visit, which is ended instead of left.
pub(super) fn must_belong(org: &CurrentOrg<AnyMember>) -> Result<()> {
    match org.visit {
        Some(_) => {
            let words = "Operators aren't members. End the visit instead.";
            Err(AppError::Refused(words.into()))
        }
        None => Ok(()),
    }
}

/// The member `id`, if `actor` may change or remove them.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such member; [`AppError::Conflict`] when it would leave
/// no owner, [`AppError::Refused`] when another rule forbids it.
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
