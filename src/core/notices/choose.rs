//! The page on which members choose which notices they get by email.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::model::Notice;
use super::{commands, sql};
use crate::platform::error::Result;
use crate::platform::module::Section;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form, Shell, page};

/// The checked boxes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticesForm {
    mentions: String,
    assignments: String,
    invitations: String,
}

impl Fields for NoticesForm {}

impl NoticesForm {
    fn wanted(&self) -> Vec<Notice> {
        let is_wanted = |notice: &Notice| {
            let ticked = match notice {
                Notice::Mentions => &self.mentions,
                Notice::Assignments => &self.assignments,
                Notice::Invitations => &self.invitations,
            };
            !ticked.is_empty()
        };
        Notice::ALL.iter().copied().filter(is_wanted).collect()
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
    commands::choose(&org, &form.wanted()).await?;
    Ok(Flash::redirect(&org.organization.path("/notices"), "Saved."))
}
