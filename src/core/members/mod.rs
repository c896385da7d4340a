//! Members: one table is the whole truth about who belongs to an organization and who is invited.

mod beside;
mod change;
mod depart;
mod leave;
mod list;
mod model;
pub mod noun;
mod owner;
mod people;
mod remove;
mod row;
mod sql;
mod suspend;

pub use change::change_role;
pub(crate) use depart::depart;
pub use leave::{confirm as confirm_leave, leave};
pub use list::index;
pub(crate) use model::is_last_owner;
pub use owner::add_owner;
pub(crate) use owner::{Candidate, candidates};
pub use remove::{confirm as confirm_remove, remove};
pub use row::show;
pub(crate) use row::{gone_fragment, invitation_row};
pub(crate) use sql::{
    Consequences, add, any_owner, consequences, find_by_user, may_hold, set_role,
};
pub use suspend::{reactivate, suspend};

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
