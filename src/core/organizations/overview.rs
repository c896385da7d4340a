//! The first page of an organization, with first steps that tick themselves off, and what the
//! person has to do next.

use askama::Template;
use axum::response::Response;

use super::sql::{self, Figures};
use crate::core::members::noun::InviteMembers;
use crate::platform::error::Result;
use crate::platform::mail::outbox;
use crate::platform::module::{self, Panel, Section};
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{Shell, page};

/// The step that needs mail.
const CONFIRM: &str = "Confirm your email address";

/// A first step.
struct Step {
    label: &'static str,
    is_done: bool,
    path: String,
    action: &'static str,
}

#[derive(Template)]
#[template(path = "core/organizations/show.html")]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    figures: Figures,
    steps: Vec<Step>,
    /// The panels of the modules.
    panels: Vec<Panel>,
    can_invite: bool,
}

/// `GET /orgs/{slug}`
pub async fn show(org: CurrentOrg<AnyMember>, received: Received) -> Result<Response> {
    let mut tx = org.read().await?;
    let figures = sql::figures(&mut tx, org.now).await?;
    let mut panels = Vec::new();
    for load in module::all().iter().filter_map(|module| module.overview) {
        panels.push(load(&mut tx, &org).await?);
    }
    tx.commit().await?;
    page(&ShowPage {
        shell: org.shell(Section::OVERVIEW).with(received),
        organization: org.organization.clone(),
        steps: first_steps(&org, &figures),
        figures,
        panels,
        can_invite: org.membership.role.can(InviteMembers::PERMISSION),
    })
}

/// What is left to do in a new organization; empty once all is done, or if the person cannot do it.
fn first_steps(org: &CurrentOrg<AnyMember>, figures: &Figures) -> Vec<Step> {
    if !org.membership.role.can(InviteMembers::PERMISSION) {
        return Vec::new();
    }
    let members = org.organization.path("/members");
    let mut steps = vec![
        Step {
            label: "Create your organization",
            is_done: true,
            path: org.organization.path("/settings"),
            action: "Settings",
        },
        Step {
            label: CONFIRM,
            is_done: org.user.is_verified(),
            path: "/account#email".to_owned(),
            action: "Confirm",
        },
        Step {
            label: "Invite a colleague",
            is_done: figures.invitations > 0 || figures.members > 1,
            path: org.organization.path("/invitations"),
            action: "Invite",
        },
        Step {
            label: "See them join",
            is_done: figures.members > 1,
            path: members,
            action: "Members",
        },
    ];
    if !outbox::is_sent(&org.app) {
        // Without mail, there is no link with which they could.
        steps.retain(|step| step.label != CONFIRM);
    }
    if steps.iter().all(|step| step.is_done) { Vec::new() } else { steps }
}
