//! Making another member an owner, so that the only owner can leave.

use axum::response::Response;
use serde::Deserialize;

use super::commands::{self, OWNERS_PAGE};
use crate::core::members::noun::ManageMembers;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::error::Result;
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form};

/// The fields of the form.
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
    let id = form.member.parse().map_err(|_| commands::nobody())?;
    let change = commands::add_owner(&org, id).await?;
    Ok(Flash::redirect(OWNERS_PAGE, change.words()))
}

/// A member who could become an owner.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Candidate {
    pub membership_id: MembershipId,
    pub name: String,
    pub email: String,
}

/// Active members other than `user`, those with the highest role first.
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
