//! The commands for the members of a project.

use serde_json::json;

use super::sql::{self, MemberRow};
use crate::core::access::{CurrentProject, Lead, ProjectRole, release_others};
use crate::modules::work::projects::noun::{
    PROJECT_MEMBER_ADDED, PROJECT_MEMBER_CHANGED, PROJECT_MEMBER_REMOVED,
};
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, ProjectId};
use crate::platform::noun::Refusal;
use crate::platform::tenant::OrgTx;

/// The refusal of an address that belongs to no member of the organization.
pub(super) fn nobody() -> Refusal<MemberRow> {
    Refusal::field("email", "No one in this organization has this email address.")
}

/// Adds a member of the organization to the current project, with a role.
///
/// # Errors
/// [`Refusal::Fields`] when no member of the organization has the address.
pub(super) async fn add(
    current: &CurrentProject<Lead>,
    email: &EmailAddress,
    role: ProjectRole,
) -> Result<MemberRow, Refusal<MemberRow>> {
    let (mut tx, _, project) = current.write().await?;
    let member = sql::find_by_email(&mut tx, email).await?.ok_or_else(nobody)?;
    if !sql::hold(&mut tx, member.membership_id).await? {
        return Err(nobody());
    }
    let known = sql::find(&mut tx, project.id, member.membership_id).await?;
    let after = json!({ "role": role });
    let entry = match known {
        // The same form was sent again.
        Some(known) if known.role == role => None,
        // Somebody who is a member of the project already gets another role.
        Some(known) => {
            let entry = known.entry(PROJECT_MEMBER_CHANGED, &project);
            Some(entry.change(&json!({ "role": known.role }), &after))
        }
        None => Some(member.entry(PROJECT_MEMBER_ADDED, &project).after(after)),
    };
    if let Some(entry) = entry {
        sql::insert(&mut tx, project.id, member.membership_id, role, current.now).await?;
        tx.record(entry);
    }
    tx.commit().await?;
    Ok(member)
}

/// Gives a member of the current project another role; returns the member as they were.
///
/// # Errors
/// [`AppError::NotFound`] for somebody who is not a member of the project.
pub(super) async fn set_role(
    current: &CurrentProject<Lead>,
    id: MembershipId,
    role: ProjectRole,
) -> Result<MemberRow> {
    let (mut tx, _, project) = current.write().await?;
    let member = find(&mut tx, project.id, id).await?;
    if !sql::hold(&mut tx, id).await? {
        return Err(AppError::NotFound);
    }
    if member.role != role {
        sql::insert(&mut tx, project.id, id, role, current.now).await?;
        tx.record(
            member
                .entry(PROJECT_MEMBER_CHANGED, &project)
                .change(&json!({ "role": member.role }), &json!({ "role": role })),
        );
    }
    tx.commit().await?;
    Ok(member)
}

/// Removes a member from the current project; returns the member as they were.
///
/// # Errors
/// [`AppError::NotFound`] for somebody who is not a member of the project.
pub(super) async fn remove(current: &CurrentProject<Lead>, id: MembershipId) -> Result<MemberRow> {
    let (mut tx, _, project) = current.write().await?;
    let member = find(&mut tx, project.id, id).await?;
    sql::delete(&mut tx, project.id, id).await?;
    release_others(&mut tx, project.id).await?;
    tx.record(
        member.entry(PROJECT_MEMBER_REMOVED, &project).before(json!({ "role": member.role })),
    );
    tx.commit().await?;
    Ok(member)
}

async fn find(tx: &mut OrgTx, project: ProjectId, id: MembershipId) -> Result<MemberRow> {
    sql::find(tx, project, id).await?.ok_or(AppError::NotFound)
}
