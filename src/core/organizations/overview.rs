//! The first page of an organization: what waits for the person, what happened, and the first steps
//! of a new organization.

use askama::Template;
use axum::response::Response;
use time::Duration;

use super::sql::{self, Figures, Newcomer};
use crate::core::activity::{self, Event};
use crate::core::members::noun::{InviteMembers, ViewMembers};
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::mail::outbox;
use crate::platform::module::{self, Panel, Section, Step};
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::{Shell, page, see_other};

/// How many of the latest events are shown.
const EVENTS: i64 = 8;
/// How long somebody counts as new.
const NEW: Duration = Duration::days(30);

#[derive(Template)]
#[template(path = "core/organizations/show.html")]
struct ShowPage {
    shell: Shell,
    organization: Organization,
    figures: Figures,
    steps: Vec<Step>,
    /// The panels of the modules.
    panels: Vec<Panel>,
    events: Vec<Event>,
    newcomers: Vec<Newcomer>,
    can_invite: bool,
    now: Timestamp,
}

/// `GET /orgs/{slug}`
pub async fn show(org: CurrentOrg<AnyMember>, received: Received) -> Result<Response> {
    let role = &org.membership.role;
    let mut tx = org.read().await?;
    let figures = sql::figures(&mut tx, org.membership.id, org.now).await?;
    let mut panels = Vec::new();
    for load in module::all().iter().filter_map(|module| module.overview) {
        panels.push(load(&mut tx, &org).await?);
    }
    let events = activity::latest(&mut tx, &org, EVENTS).await?;
    let newcomers = match role.can(ViewMembers::PERMISSION) {
        true => sql::newcomers(&mut tx, org.membership.id, org.now.plus(-NEW)).await?,
        false => Vec::new(),
    };
    tx.commit().await?;
    page(&ShowPage {
        shell: org.shell(Section::OVERVIEW).with(received),
        organization: org.organization.clone(),
        steps: first_steps(&org, &figures, &mut panels),
        figures,
        panels,
        events,
        newcomers,
        can_invite: role.can(InviteMembers::PERMISSION),
        now: org.now,
    })
}

/// `POST /orgs/{slug}/steps/dismiss`: puts away the first steps, for the member who does so.
pub async fn dismiss_steps(org: CurrentOrg<AnyMember>) -> Result<Response> {
    let (mut tx, actor) = org.write().await?;
    sql::dismiss_steps(&mut tx, actor.membership_id, org.now).await?;
    tx.commit_unrecorded().await?;
    Ok(see_other(&org.organization.path("")))
}

/// What is left to do in a new organization; empty once all is done, or if the person cannot do it
/// or has put it away.
fn first_steps(org: &CurrentOrg<AnyMember>, figures: &Figures, panels: &mut [Panel]) -> Vec<Step> {
    if figures.has_dismissed_steps || !org.membership.role.can(InviteMembers::PERMISSION) {
        return Vec::new();
    }
    let mut steps = vec![Step {
        label: "Create your organization",
        hint: "Its name and address can be changed in the settings.",
        is_done: true,
        path: org.organization.path("/settings"),
        action: "Settings",
    }];
    // Without mail, there is no link with which they could.
    if outbox::is_sent(&org.app) {
        steps.push(Step {
            label: "Confirm your email address",
            hint: "Then you can invite people and get notified.",
            is_done: org.user.is_verified(),
            path: "/account#email".to_owned(),
            action: "Confirm",
        });
    }
    for panel in panels {
        steps.append(&mut panel.steps);
    }
    steps.push(Step {
        label: "Invite a colleague",
        hint: "They get a personal link. You decide what they can do.",
        is_done: figures.invitations > 0 || figures.members > 1,
        path: org.organization.path("/invitations"),
        action: "Invite",
    });
    if steps.iter().all(|step| step.is_done) { Vec::new() } else { steps }
}
