//! Making another member an owner, so that whoever was the only one can go.

use axum::response::Response;
use serde::Deserialize;
use sqlx::FromRow;

use super::change::{changed_words, find_changeable, give};
use crate::core::members::noun::ManageMembers;
use crate::platform::db::statement::sql;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::tenant::{CurrentOrg, OrgTx, RoleKey, role};
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form};

/// The page with the form.
const PAGE: &str = "/account/delete";

/// Who is chosen in the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OwnerForm {
    member: String,
}

impl Fields for OwnerForm {}

/// `POST /orgs/{slug}/owners`
pub async fn add_owner(
    org: CurrentOrg<ManageMembers>,
    Form(form): Form<OwnerForm>,
) -> Result<Response> {
    org.user.require_proof(org.now, PAGE)?;
    let nobody = || AppError::Invalid("Choose one of the organization's members.".into());
    let id: MembershipId = form.member.parse().map_err(|_| nobody())?;
    let (mut tx, actor) = org.write_locked().await?;
    let target = match find_changeable(&mut tx, id, actor.user_id, &actor.role).await {
        Err(AppError::NotFound) => return Err(nobody()),
        found => found?,
    };
    let Some(grant) = role::grant(&mut tx, &actor.role, &RoleKey::owner()).await? else {
        return Err(AppError::Refused("This role is above yours.".into()));
    };
    let revoked = give(&mut tx, &target, &grant, org.now).await?;
    tx.leads_to(PAGE).await?;
    tx.commit().await?;
    Ok(Flash::redirect(PAGE, changed_words(&target.name, &grant.role().name, revoked)))
}

/// Somebody who could be made an owner.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Candidate {
    pub membership_id: MembershipId,
    pub name: String,
    pub email: String,
}

/// Members who are not locked out, besides `user`, the mightiest first.
pub(crate) async fn candidates(
    tx: &mut OrgTx,
    user: UserId,
    limit: i64,
) -> Result<Vec<Candidate>, sqlx::Error> {
    tx.query(sql!(
        "select m.id as membership_id, u.name, u.email
         from memberships m
         join users u on u.id = m.user_id
         join roles r on r.organization_id = m.organization_id and r.key = m.role
         where m.organization_id = $1 and m.user_id <> $2 and m.suspended_at is null
            and u.suspended_at is null
         order by r.rank desc, u.name_key, m.id
         limit $3"
    ))
    .bind(user)
    .bind(limit)
    .all()
    .await
}
