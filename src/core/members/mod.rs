//! Members: one table shows everybody who belongs to an organization or is invited.

mod change;
mod choices;
mod commands;
mod depart;
mod former;
mod invited_act;
mod leave;
mod list;
mod many;
mod model;
pub mod noun;
mod owner;
mod people;
mod remove;
mod row;
mod seed;
mod sql;

pub use change::{change_role, confirm_suspend, reactivate, suspend};
pub(crate) use depart::depart;
pub use former::former;
pub(crate) use invited_act::InvitedAct;
pub use leave::{confirm as confirm_leave, leave};
pub use list::index;
pub use many::{apply, choose, export};
pub(crate) use many::{chosen, chosen_by_id, named};
pub(crate) use model::is_last_owner;
pub use owner::add_owner;
pub(crate) use owner::{Candidate, candidates};
pub(crate) use people::People;
pub use remove::{confirm as confirm_remove, remove};
pub(crate) use row::{PersonRow, changed as row_changed, gone as row_gone};
pub use row::{show, show_row};
pub(crate) use seed::{seed_joined, seed_suspended};
pub(crate) use sql::{
    Consequences, Target, add, any_owner, consequences, find_by_user, may_hold, set_role,
};

use crate::core::members::noun::ViewMembers;
use crate::platform::module::Section;

/// Its section of the navigation.
pub const SECTION: Section = Section {
    path: "/members",
    label: "Members",
    icon: "users",
    place: 210,
    needs: Some(ViewMembers::PERMISSION),
};
