//! Changing a member's role.

use axum::response::Response;
use serde::Deserialize;

use super::model::may_change;
use super::{row, sql};
use crate::error::{AppError, Result};
use crate::platform::ids::MembershipId;
use crate::platform::tenant::permission::ManageMembers;
use crate::platform::tenant::{CurrentOrg, Permission, RoleKey, role};
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
    let (mut tx, actor) = org.write_locked().await?;
    let target = sql::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let is_self = target.user_id == actor.user_id;
    may_change(&actor.role, is_self, &target.role, target.owners)
        .map_err(|reason| refusal(&target, reason))?;
    let key = RoleKey::from(form.role);
    let Some(grant) = role::grant(&mut tx, &actor.role, &key).await? else {
        return Err(match role::exists(&mut tx, &key).await? {
            true => AppError::Refused("This role is above yours.".into()),
            false => AppError::Invalid("Choose one of the organization's roles.".into()),
        });
    };
    let new = grant.role();
    sql::raise(&mut tx, id, &grant).await?;
    let reach = if new.can(Permission::InviteMembers) { new.rank } else { i64::MIN };
    let revoked = sql::revoke_offers_above(&mut tx, target.user_id, reach, org.now).await?;
    let words = changed_words(&target.name, &new.name, revoked);
    let toast = Toast::success(words.clone());
    let fragment = row::fragment(&mut tx, &org, id.uuid(), Some(toast)).await?;
    tx.commit().await?;
    if htmx.wants_fragment {
        page(&fragment)
    } else {
        Ok(Flash::redirect(&org.organization.path("/members"), words))
    }
}

/// The answer to a change that the rules do not allow: 409 where an invariant of the organization
/// stands against it, otherwise 403.
pub(super) fn refusal(target: &sql::Target, reason: &'static str) -> AppError {
    if target.role.key.is_owner() && target.owners <= 1 {
        AppError::Conflict(reason.into())
    } else {
        AppError::Refused(reason.into())
    }
}

fn changed_words(name: &str, role: &str, revoked: u64) -> String {
    match revoked {
        0 => format!("{name} is {role} now."),
        1 => format!("{name} is {role} now. One invitation they sent is revoked."),
        count => format!("{name} is {role} now. {count} invitations they sent are revoked."),
    }
}
