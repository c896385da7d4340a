//! The page on which a member sees which notices come by mail, stops some and lets them come again.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::model::Notice;
use super::sql;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MembershipId;
use crate::platform::module::Section;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form, Shell, page};

/// What is ticked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticesForm {
    mentions: String,
    assignments: String,
    invitations: String,
}

impl Fields for NoticesForm {}

impl NoticesForm {
    fn wants(&self, notice: Notice) -> bool {
        let ticked = match notice {
            Notice::Mentions => &self.mentions,
            Notice::Assignments => &self.assignments,
            Notice::Invitations => &self.invitations,
        };
        !ticked.is_empty()
    }
}

#[derive(Template)]
#[template(path = "core/notices/choose.html")]
struct NoticesPage {
    shell: Shell,
    organization: Organization,
    stopped: Vec<Notice>,
}

/// `GET /orgs/{slug}/notices`
pub async fn show(org: CurrentOrg<AnyMember>, received: Received) -> Result<Response> {
    let mut tx = org.read().await?;
    let stopped = sql::stopped(&mut tx, org.membership.id).await?;
    tx.commit().await?;
    page(&NoticesPage {
        shell: org.shell(Section::SETTINGS).with(received),
        organization: org.organization.clone(),
        stopped,
    })
}

/// `POST /orgs/{slug}/notices`
pub async fn update(org: CurrentOrg<AnyMember>, Form(form): Form<NoticesForm>) -> Result<Response> {
    let member = member(&org)?;
    let (mut tx, _) = org.write().await?;
    for &notice in Notice::ALL {
        match form.wants(notice) {
            true => sql::resume(&mut tx, member, notice).await?,
            false => sql::stop(&mut tx, member, notice, org.now).await?,
        }
    }
    tx.commit_unrecorded().await?;
    Ok(Flash::redirect(&org.organization.path("/notices"), "Saved."))
}

fn member(org: &Context) -> Result<MembershipId> {
    if org.membership.id == MembershipId::NONE {
        return Err(AppError::Refused(
            "Operators get no notifications: they are not members.".into(),
        ));
    }
    Ok(org.membership.id)
}
