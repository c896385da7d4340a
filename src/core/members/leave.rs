//! Leaving an organization.

use askama::Template;
use axum::response::Response;

use super::depart::depart;
use super::model::may_leave;
use super::sql::{self, Consequences};
use crate::core::members::noun::MEMBER_LEFT;
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
    /// Why leaving is not possible.
    refusal: Option<&'static str>,
}

/// `GET /orgs/{slug}/leave`
pub async fn confirm(org: CurrentOrg<AnyMember>) -> Result<Response> {
    must_belong(&org)?;
    let mut tx = org.read().await?;
    let me = sql::find(&mut tx, org.membership.id).await?.ok_or(AppError::NotFound)?;
    let consequences = sql::consequences(&mut tx, org.user.id).await?;
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
    must_belong(&org)?;
    let (mut tx, actor) = org.write_locked().await?;
    let me = sql::find(&mut tx, actor.membership_id).await?.ok_or(AppError::NotFound)?;
    may_leave(&me.role, me.owners).map_err(|reason| AppError::Conflict(reason.into()))?;
    depart(&mut tx, &me, org.now).await?;
    sql::withdraw_mails_of_revoked(&mut tx).await?;
    tx.record(me.entry(MEMBER_LEFT));
    tx.commit().await?;
    Ok(Flash::redirect("/orgs", format!("You have left {}.", org.organization.name)))
}

/// An operator's visit is ended, and not left.
fn must_belong(org: &CurrentOrg<AnyMember>) -> Result<()> {
    match org.visit {
        Some(_) => {
            let words = "An operator is not a member. End the visit instead.";
            Err(AppError::Refused(words.into()))
        }
        None => Ok(()),
    }
}
