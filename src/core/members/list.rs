//! The table of members and invitations: searched, filtered, sorted and paged by the database.

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::SECTION;
use super::choices::{self, Tab};
use super::invited_act::InvitedAct;
use super::many::Act;
use super::people::{Inactive, People};
use super::row::{RowContext, RowView};
use crate::core::members::noun::{InviteMembers, ManageMembers, ViewMembers};
use crate::platform::error::Result;
use crate::platform::list::saved::Saved;
use crate::platform::list::{Flag, Index, Maybe, Request};
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
    /// Whether rows have boxes, so that many can be chosen.
    pub(super) choose: Flag,
}

impl PeopleFilter {
    /// Everybody.
    pub(crate) fn everyone() -> Self {
        Self { show: Maybe(Some(Standing::Everyone)), ..Self::default() }
    }

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
    /// The address of this list with boxes, or without.
    other_mode: String,
}

impl IndexPage {
    /// Whether rows have boxes.
    fn is_choosing(&self) -> bool {
        self.index.list.filter.choose.0
    }

    /// What can be done with many rows: whose they are in the path, the word, and the button.
    fn acts(&self) -> Vec<(&'static str, String, &'static str)> {
        let standing = self.index.list.filter.standing();
        let members = Act::of(standing).iter().map(|act| ("members", act.to_string(), act.label()));
        let invited = InvitedAct::ALL.iter();
        let invited = invited.map(|act| ("invitations", act.to_string(), act.label()));
        let has_invited = matches!(standing, Standing::Invited | Standing::Everyone);
        let members = members.filter(|_| self.can_manage);
        members.chain(invited.filter(|_| has_invited && self.index.can_add)).collect()
    }
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
    let filter = PeopleFilter { choose: Flag(!list.filter.choose.0), ..list.filter.clone() };
    let other_mode = list.filtered(filter);
    let context = RowContext::with(&org, choices.roles).choosing(list.filter.choose.0);
    let list = list.map(|row| context.view(row.person))?;
    let can_invite = org.membership.role.can(InviteMembers::PERMISSION);
    let page = IndexPage {
        shell: org.shell(SECTION).with(received),
        concerns: Concern::of(list.filter.standing()),
        index: Index::new(&org, SECTION, list, choices.saved, can_invite),
        tabs: choices.tabs,
        roles: context.roles().to_vec(),
        can_manage: org.membership.role.can(ManageMembers::PERMISSION),
        other_mode,
    };
    htmx.render(&page, page.as_list())
}
