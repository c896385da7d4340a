//! Whether an account or an organization is in use.

use crate::platform::words::words;

words! {
    /// Whether an account or an organization is in use.
    pub enum Status, "Choose one of the states." {
        /// It is.
        Active = "active", "Active";
        /// An operator has suspended it.
        Suspended = "suspended", "Suspended";
        /// Its holder has deleted it. What an account has left behind is listed; an organization is not.
        Deleted = "deleted", "Deleted";
    }
}

impl Status {
    /// Those of what is not deleted.
    pub const LIVING: &[Self] = &[Self::Active, Self::Suspended];
}
