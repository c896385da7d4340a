//! The first page of an organization, with a short list of first steps that ticks itself off, and
//! what the person is to do next.

use askama::Template;
use axum::response::Response;

use super::sql::{self, Figures};
use crate::error::Result;
use crate::platform::clock::Timestamp;
use crate::platform::mail::outbox;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization, Permission};
use crate::platform::web::flash::Received;
use crate::platform::web::{Section, Shell, page};
use crate::projects::Viewer;
use crate::tasks::{self, Next};

/// The step that needs mail.
const CONFIRM: &str = "Confirm your email address";

/// How many tasks are shown.
const NEXT: i64 = 5;

/// A first step.
struct Step {
    label: &'static str,
    is_done: bool,
    path: String,
    action: &'static str,
}

#[derive(Template)]
#[template(path = "orgs/show.html")]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    figures: Figures,
    steps: Vec<Step>,
    /// What the person is to do next.
    next: Vec<Next>,
    now: Timestamp,
    can_invite: bool,
}

/// `GET /orgs/{slug}`
pub async fn show(org: CurrentOrg<AnyMember>, received: Received) -> Result<Response> {
    let mut tx = org.read().await?;
    let viewer = Viewer::of(&org);
    let figures = sql::figures(&mut tx, viewer, org.now).await?;
    let next = tasks::next_of(&mut tx, viewer, NEXT).await?;
    tx.commit().await?;
    page(&ShowPage {
        shell: org.shell(Section::Overview).with(received),
        organization: org.organization.clone(),
        steps: first_steps(&org, &figures),
        figures,
        next,
        now: org.now,
        can_invite: org.membership.role.can(Permission::InviteMembers),
    })
}

/// What is left to do for somebody who has just founded the organization; nothing once all is
/// done, and nothing for people who cannot do it.
fn first_steps(org: &CurrentOrg<AnyMember>, figures: &Figures) -> Vec<Step> {
    if !org.membership.role.can(Permission::InviteMembers) {
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
        // No link comes by which they could.
        steps.retain(|step| step.label != CONFIRM);
    }
    if steps.iter().all(|step| step.is_done) { Vec::new() } else { steps }
}
