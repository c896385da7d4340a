//! The organization of a request, and the only way to its rows.
//!
//! Only its extractor builds a [`CurrentOrg`]: from the slug in the path, the signed-in person, and
//! a membership that is read on every request. It provides [`OrgTx`], and nothing else reaches
//! tenant tables. What belongs to no organization (people, sign-ins, token look-ups) goes through
//! [`UnscopedTx`], whose name is meant to stand out.

mod admission;
mod background;
pub mod bell;
pub mod built_in;
pub mod current_org;
pub mod nowhere;
mod once;
mod org_tx;
pub mod permission;
pub mod role;
pub mod switcher;
mod unscoped;
mod visit;

pub use background::{look_into, organizations, work_in};
pub use built_in::in_words;
pub use current_org::{CurrentOrg, Membership, Organization};
pub use once::remove_old_claims;
pub use org_tx::{Actor, OrgTx};
pub use permission::{Permission, Permissions, Proof};
pub use role::{Grant, Role, RoleKey};
pub use switcher::{
    Switcher, SwitcherEntry, WaitingInvitation, names_that_require_a_factor, organization_names,
};
pub use unscoped::UnscopedTx;
pub use visit::{RunningVisit, Visit, count_memberships, running_visits};
