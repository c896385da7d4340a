//! The page on which members choose how they are told about each notice.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::commands;
use super::model::{Delivery, Notice};
use super::sql::{self, Choices};
use crate::platform::error::{AppError, Result};
use crate::platform::module::Section;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form, Shell, page};

/// The chosen word for each notice; one that is missing stays.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticesForm {
    mentions: String,
    assignments: String,
    invitations: String,
}

impl Fields for NoticesForm {}

impl NoticesForm {
    fn choices(&self) -> Result<Vec<(Notice, Delivery)>> {
        let typed = |notice: &Notice| match notice {
            Notice::Mentions => &self.mentions,
            Notice::Assignments => &self.assignments,
            Notice::Invitations => &self.invitations,
        };
        let chosen = Notice::ALL.iter().filter(|notice| !typed(notice).is_empty());
        chosen.map(|notice| Ok((*notice, parsed(typed(notice))?))).collect()
    }
}

fn parsed(word: &str) -> Result<Delivery> {
    word.parse().map_err(|error: String| AppError::Invalid(error.into()))
}

#[derive(Template)]
#[template(path = "core/notices/choose.html")]
struct NoticesPage {
    shell: Shell,
    organization: Organization,
    chosen: Choices,
}

impl NoticesPage {
    fn is_chosen(&self, notice: &Notice, delivery: &Delivery) -> bool {
        self.chosen.delivery(*notice) == *delivery
    }
}

/// `GET /orgs/{slug}/notices`
pub async fn show(org: CurrentOrg<AnyMember>, received: Received) -> Result<Response> {
    let mut tx = org.read().await?;
    let chosen = sql::choices(&mut tx, org.membership.id).await?;
    tx.commit().await?;
    page(&NoticesPage {
        shell: org.shell(Section::SETTINGS).with(received),
        organization: org.organization.clone(),
        chosen,
    })
}

/// `POST /orgs/{slug}/notices`
pub async fn update(org: CurrentOrg<AnyMember>, Form(form): Form<NoticesForm>) -> Result<Response> {
    commands::choose(&org, &form.choices()?).await?;
    Ok(Flash::redirect(&org.organization.path("/notices"), "Saved."))
}
