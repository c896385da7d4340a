//! Leaving an organization.

use askama::Template;
use axum::response::Response;

use super::commands;
use super::model::may_leave;
use super::sql::{self, Consequences};
use crate::platform::error::{AppError, Result};
use crate::platform::module::Section;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::{Flash, Shell, page};

#[derive(Template)]
#[template(path = "core/members/leave.html")]
struct LeavePage {
    shell: Shell,
    organization: Organization,
    consequences: Consequences,
    /// Why the member cannot leave.
    refusal: Option<&'static str>,
}

/// `GET /orgs/{slug}/leave`
pub async fn confirm(org: CurrentOrg<AnyMember>) -> Result<Response> {
    commands::must_belong(&org)?;
    let mut tx = org.read().await?;
    let me = sql::find(&mut tx, org.membership.id).await?.ok_or(AppError::NotFound)?;
    let consequences = sql::consequences(&mut tx, org.user.id, org.now).await?;
    tx.commit().await?;
    page(&LeavePage {
        shell: org.shell(Section::SETTINGS),
        organization: org.organization.clone(),
        consequences,
        refusal: may_leave(&me.role, me.owners).err(),
    })
}

/// `POST /orgs/{slug}/leave`
pub async fn leave(org: CurrentOrg<AnyMember>) -> Result<Response> {
    commands::leave(&org).await?;
    Ok(Flash::redirect("/orgs", format!("You left {}.", org.organization.name)))
}
