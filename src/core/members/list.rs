//! The table of members and invitations: searched, filtered, sorted and paged by the database.

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::SECTION;
use super::choices::{self, Tab};
use super::people::{Inactive, People};
use super::row::{RowContext, RowView};
use crate::core::members::noun::{InviteMembers, ManageMembers, ViewMembers};
use crate::platform::error::Result;
use crate::platform::list::saved::Saved;
use crate::platform::list::{Index, Maybe, Request};
use crate::platform::tenant::{CurrentOrg, Role};
use crate::platform::web::flash::Received;
use crate::platform::web::{Htmx, Shell};
use crate::platform::words::words;

/// The table's filter.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PeopleFilter {
    pub(super) q: String,
    pub(super) role: String,
    /// Which people: the tab.
    pub(super) show: Maybe<Standing>,
    /// Something about them that needs attention.
    pub(super) only: Maybe<Concern>,
}

impl PeopleFilter {
    /// The people that are shown: a search without a tab looks everywhere.
    pub fn standing(&self) -> Standing {
        match self.show.0 {
            Some(standing) => standing,
            None if self.q.is_empty() => Standing::Members,
            None => Standing::Everyone,
        }
    }
}

words! {
    /// The people on one of the tabs.
    pub enum Standing without column, "Choose one of the tabs." {
        /// All of the others.
        Everyone = "everyone", "Everyone";
        /// People who belong to the organization and can use it.
        Members = "members", "Members";
        /// People with an open invitation.
        Invited = "invited", "Invited";
        /// People whose membership is suspended.
        Suspended = "suspended", "Suspended";
    }
}

words! {
    /// Something about people that needs attention.
    pub enum Concern without column, "Choose one of the filters." {
        /// The email with the invitation could not be delivered.
        MailFailed = "mail-failed", "Email failed";
        /// Without two-factor authentication.
        NoFactor = "no-factor", "No two-factor authentication";
        /// Not seen for ninety days.
        Inactive = "inactive", "Not active for 90 days";
    }
}

impl Concern {
    /// Those that people with this standing can have.
    fn of(standing: Standing) -> &'static [Self] {
        match standing {
            Standing::Invited => &[Self::MailFailed],
            Standing::Members | Standing::Suspended => &[Self::NoFactor, Self::Inactive],
            Standing::Everyone => Self::ALL,
        }
    }
}

inventory::submit!(Saved(SECTION));

#[derive(Template)]
#[template(path = "core/members/index.html", blocks = ["list"])]
struct IndexPage {
    shell: Shell,
    index: Index<People, RowView>,
    roles: Vec<Role>,
    tabs: Vec<Tab>,
    concerns: &'static [Concern],
    can_manage: bool,
}

/// `GET /orgs/{slug}/members`
pub async fn index(
    org: CurrentOrg<ViewMembers>,
    htmx: Htmx,
    received: Received,
    request: Request<People>,
) -> Result<Response> {
    let mut tx = org.read().await?;
    let inactive = Inactive::since(org.now);
    let list = request.load(&mut tx, &inactive).await?;
    let choices = choices::load(&mut tx, org.membership.id, &list).await?;
    tx.commit().await?;
    let context = RowContext::with(&org, choices.roles);
    let list = list.map(|row| context.view(row.person))?;
    let can_invite = org.membership.role.can(InviteMembers::PERMISSION);
    let page = IndexPage {
        shell: org.shell(SECTION).with(received),
        concerns: Concern::of(list.filter.standing()),
        index: Index::new(&org, SECTION, list, choices.saved, can_invite),
        tabs: choices.tabs,
        roles: context.roles().to_vec(),
        can_manage: org.membership.role.can(ManageMembers::PERMISSION),
    };
    htmx.render(&page, page.as_list())
}
