//! Projects: what an organization works on, and who may see which.

mod audience;
mod change;
mod current;
mod edit;
mod form;
mod list;
mod members;
mod model;
mod role;
mod seed;
mod show;
mod sql;
mod visibility;

pub use audience::SEES;
pub(crate) use audience::{Onlooker, hold_onlooker, onlookers, release_unseen, sees};
pub use change::{archive, delete, restore, unarchive};
pub use current::{Contribute, CurrentProject, Lead, LeadDeleted, Level, Read};
pub use edit::{create, edit, new, update};
pub use form::TEXT_LENGTH;
pub use list::index;
pub use members::{
    add as add_member, change as change_member, index as members, remove as remove_member,
};
pub use model::{Project, Status};
pub use role::ProjectRole;
pub(crate) use seed::{Seed, seed};
pub use show::show;
pub(crate) use show::show_with;
pub(crate) use sql::{Brief, choices, of_client, release};
pub use visibility::VISIBLE;
pub(crate) use visibility::{Viewer, visible};
