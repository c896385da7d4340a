//! The status of accounts and organizations.

use crate::platform::words::words;

words! {
    /// The status of an account or an organization.
    pub enum Status, "Choose one of the states." {
        /// It is in use.
        Active = "active", "Active";
        /// An operator has suspended it.
        Suspended = "suspended", "Suspended";
        /// Its holder or owner has deleted it. What is left of an account is listed; a deleted
        /// organization is not.
        Deleted = "deleted", "Deleted";
    }
}

impl Status {
    /// The statuses of what is not deleted.
    pub const LIVING: &[Self] = &[Self::Active, Self::Suspended];
}
