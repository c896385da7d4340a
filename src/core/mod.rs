//! What every installation and organization has, whatever modules it uses: accounts, people and
//! their roles, invitations, the audit log, operators.

pub mod access;
pub mod accounts;
pub mod activity;
pub mod audit;
pub mod deletion;
pub mod factors;
pub mod filters;
pub mod invitations;
pub mod join;
pub mod mailbox;
pub mod members;
pub mod notices;
pub mod operators;
pub mod organizations;
pub mod pictures;
pub mod preview;
pub mod restored;
mod routes;
pub mod search;

use crate::platform::module::{Act, Module, Section};
use members::noun::InviteMembers;

inventory::submit!(Module {
    key: "core",
    name: "Organization",
    sections: &[
        Section::OVERVIEW,
        activity::SECTION,
        members::SECTION,
        audit::SECTION,
        Section::SETTINGS,
    ],
    acts: &[Act {
        label: "Invite people",
        icon: "users",
        path: "/invitations",
        place: 200,
        needs: Some(InviteMembers::PERMISSION),
    },],
    routes: &[routes::routes],
    overview: None,
});
