//! The pages of the audit log: what was done in the organization, by whom and from where; its
//! export, and its verification. [`platform::audit`](crate::platform::audit) writes it.

mod changes;
mod command;
mod export;
mod file;
mod list;
mod model;
mod names;
pub mod noun;
mod refused;
mod sql;
mod verify;

pub use command::list;
pub use export::export;
pub use list::index;
pub use model::Filters;
pub use verify::verify;

use crate::core::audit::noun::ViewAudit;
use crate::platform::module::Section;

/// Its section of the navigation.
pub const SECTION: Section = Section {
    path: "/audit",
    label: "Audit log",
    icon: "shield",
    place: 220,
    needs: Some(ViewAudit::PERMISSION),
};
