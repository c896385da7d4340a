//! Members: one table is the whole truth about who belongs to an organization and who is invited.

mod change;
mod leave;
mod list;
mod model;
mod remove;
mod row;
mod sql;
mod suspend;

pub use change::change_role;
pub use leave::{confirm as confirm_leave, leave};
pub use list::index;
pub use remove::{confirm as confirm_remove, remove};
pub use row::show;
pub(crate) use row::{gone_fragment, invitation_row};
pub(crate) use sql::{add, any_owner, find_by_user, set_role};
pub use suspend::{reactivate, suspend};
