//! Who can see which project, and what they may do in it. For people who cannot see a project,
//! neither it nor its tasks, comments and activity exist.

mod audience;
mod current;
mod holdings;
pub mod noun;
mod own_roles;
mod place;
pub mod project;
mod role;
pub(crate) mod sql;
mod visibility;

pub use audience::SEES;
pub(crate) use audience::{
    EligibleAssignee, Suggested, called, eligible_assignees, hold_eligible_assignee, sees,
    suggested,
};
pub(crate) use current::FOUND_IN_PROJECT;
pub use current::IN_PROJECT;
pub use current::{Contribute, CurrentProject, Lead, LeadDeleted, Level, Read, in_project};
pub use holdings::Holding;
pub(crate) use holdings::{release, release_others, release_unseen};
pub(crate) use own_roles::OwnRoles;
pub use project::{Project, Status};
pub use role::ProjectRole;
pub use visibility::VISIBLE;
pub(crate) use visibility::{Viewer, visible};
