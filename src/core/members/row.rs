//! A row of the table, with the possible actions and why others are not possible: on the page, and
//! as a fragment for htmx.

use std::sync::Arc;

use askama::Template;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::model::{is_last_owner, may_change, may_invite};
use super::{SECTION, people, sql};
use crate::core::members::noun::ViewMembers;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{PictureId, UserId};
use crate::platform::mail::MailState;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{CurrentOrg, OrgTx, Role, RoleKey, role};
use crate::platform::web::shell::Toast;
use crate::platform::web::{Flash, Htmx, Id, Shell, page, see_other};

/// A member or an invited person.
#[derive(Clone, Debug, FromRow)]
pub struct PersonRow {
    pub is_invited: bool,
    /// The membership's id, or the invitation's.
    pub id: Uuid,
    pub user_id: Option<UserId>,
    pub name: String,
    /// The sort key of the name.
    pub name_key: String,
    pub email: String,
    pub is_suspended: bool,
    /// Whether the account is suspended.
    pub is_account_suspended: bool,
    /// Whether the address is not confirmed: anybody can sign up with any address.
    pub is_unproved: bool,
    pub created_at: Timestamp,
    pub last_active_at: Option<Timestamp>,
    pub mail_status: Option<MailState>,
    pub mail_error: Option<String>,
    pub expires_at: Option<Timestamp>,
    /// The address under which somebody asks to be invited instead.
    pub requested_email: Option<String>,
    pub role: RoleKey,
    pub picture: Option<PictureId>,
    /// The number of the organization's owners who can act.
    pub owners: i64,
}

/// What a row needs to know about its page.
#[derive(Clone, Debug)]
pub(crate) struct RowContext {
    path: String,
    actor: Role,
    actor_id: UserId,
    roles: Arc<[Role]>,
    grantable: Arc<[Role]>,
    is_choosing: bool,
    now: Timestamp,
}

impl RowContext {
    /// Loads it for the pages of `org`, including its roles.
    pub async fn load(tx: &mut OrgTx, org: &Context) -> Result<Self> {
        Ok(Self::with(org, role::list(tx).await?))
    }

    /// Builds it for the pages of `org`, whose roles were read already.
    pub fn with(org: &Context, roles: Vec<Role>) -> Self {
        let actor = org.membership.role.clone();
        Self {
            path: org.organization.path(""),
            grantable: roles.iter().filter(|role| actor.reaches(role.rank)).cloned().collect(),
            roles: roles.into(),
            actor,
            actor_id: org.user.id,
            is_choosing: false,
            now: org.now,
        }
    }

    /// With or without boxes to choose rows.
    pub fn choosing(self, is_choosing: bool) -> Self {
        Self { is_choosing, ..self }
    }

    /// The roles of the organization, highest first.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// `person`, as the actor sees them.
    pub fn view(&self, person: PersonRow) -> Result<RowView> {
        let role = self.roles.iter().find(|role| role.key == person.role).cloned();
        let role = role.ok_or(sqlx::Error::RowNotFound)?;
        let is_self = person.user_id == Some(self.actor_id);
        let refusal = if person.is_invited {
            may_invite(&self.actor, &role)
        } else {
            let can_act = !person.is_suspended && !person.is_account_suspended;
            let is_last = is_last_owner(&role, can_act, person.owners);
            may_change(&self.actor, is_self, &role, is_last)
        }
        .err();
        let kind = if person.is_invited { "invitations" } else { "members" };
        Ok(RowView {
            path: format!("{}/{kind}/{}", self.path, person.id),
            page: format!("{}/members/{}", self.path, person.id),
            organization_path: self.path.clone(),
            grantable: Arc::clone(&self.grantable),
            is_expired: person.expires_at.is_some_and(|expires| expires <= self.now),
            now: self.now,
            is_self,
            is_choosable: self.is_choosing && refusal.is_none(),
            refusal,
            role,
            person,
        })
    }
}

/// A row, with its possible actions.
#[derive(Clone, Debug)]
pub(crate) struct RowView {
    pub person: PersonRow,
    pub role: Role,
    /// The prefix of its actions' paths.
    pub path: String,
    /// The path of the person's page.
    pub page: String,
    pub organization_path: String,
    /// The roles that the actor may grant.
    pub grantable: Arc<[Role]>,
    pub is_self: bool,
    /// Whether it has a box.
    pub is_choosable: bool,
    pub is_expired: bool,
    /// Why no action is possible.
    pub refusal: Option<&'static str>,
    pub now: Timestamp,
}

impl RowView {
    /// Whether anything can be done with the row.
    pub fn has_actions(&self) -> bool {
        self.refusal.is_none() || self.is_self
    }

    /// The state of an invitation's email, in words.
    pub fn mail_words(&self) -> &'static str {
        sql::mail_words(self.person.mail_status)
    }

    /// The style of the badge for the state of the email.
    pub fn mail_badge(&self) -> &'static str {
        match self.person.mail_status {
            Some(MailState::Sent) => "badge-success",
            Some(MailState::Failed) => "badge-danger",
            Some(MailState::Queued) | None => "badge-neutral",
        }
    }
}

/// A row as a fragment, with a message.
#[derive(Template)]
#[template(path = "core/members/row.html")]
pub(crate) struct RowFragment {
    pub row: RowView,
    pub toast: Option<Toast>,
}

/// What htmx gets instead of a row that is gone: only the message.
#[derive(Template)]
#[template(path = "core/members/gone.html")]
struct GoneFragment {
    toast: Toast,
}

/// The answer to a change that removes a row. For htmx it is the message, and the table is loaded
/// again; otherwise it is the table.
pub(crate) fn gone(org: &Context, htmx: Htmx, words: String) -> Result<Response> {
    if !htmx.wants_fragment {
        return Ok(Flash::redirect(&org.organization.path("/members"), words));
    }
    let page = page(&GoneFragment { toast: Toast::success(words) })?;
    // With an explicit target, because the row has been removed from the page when htmx triggers
    // the event.
    let event = r##"{"people-changed":{"target":"#list"}}"##;
    Ok(([("hx-trigger", event)], page).into_response())
}

/// The answer to a change of a member or an invitation: the row for htmx, otherwise the table. The
/// message has a button that posts to `undo`, if there is such a path.
pub(crate) async fn changed(
    org: &Context,
    htmx: Htmx,
    id: Uuid,
    words: String,
    undo: Option<String>,
) -> Result<Response> {
    if htmx.wants_fragment {
        let toast = Toast { undo, ..Toast::success(words) };
        return page(&fragment(org, id, Some(toast)).await?);
    }
    let members = org.organization.path("/members");
    Ok(match undo {
        Some(undo) => Flash::redirect_with_undo(&members, words, undo),
        None => Flash::redirect(&members, words),
    })
}

/// The current row of a member or an invitation.
async fn fragment(org: &Context, id: Uuid, toast: Option<Toast>) -> Result<RowFragment> {
    let mut tx = org.read().await?;
    let person = people::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let context = RowContext::load(&mut tx, org).await?;
    tx.commit().await?;
    Ok(RowFragment { row: context.view(person)?, toast })
}

/// A person, with everything that can be done.
#[derive(Template)]
#[template(path = "core/members/show.html", blocks = ["menu"])]
struct ShowPage {
    shell: Shell,
    row: RowView,
}

/// `GET /orgs/{slug}/members/{id}`, of a member or an invitation: the page of this person; for htmx,
/// the menu of their row.
pub async fn show(org: CurrentOrg<ViewMembers>, htmx: Htmx, Id(id): Id<Uuid>) -> Result<Response> {
    let RowFragment { row, .. } = fragment(&org, id, None).await?;
    let view = ShowPage { shell: org.shell(SECTION), row };
    htmx.render(&view, view.as_menu())
}

/// `GET /orgs/{slug}/members/{id}/row`: the row for htmx, otherwise the page of this person.
pub async fn show_row(
    org: CurrentOrg<ViewMembers>,
    htmx: Htmx,
    Id(id): Id<Uuid>,
) -> Result<Response> {
    let row = fragment(&org, id, None).await?;
    match htmx.wants_fragment {
        true => page(&row),
        false => Ok(see_other(&row.row.page)),
    }
}
