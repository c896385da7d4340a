//! Where a person wanted to go who has to add a factor first: it is carried from page to page until
//! they have one.

use serde::Deserialize;

use crate::platform::error::way_on;
use crate::platform::web::form::Fields;
use crate::platform::web::page::local_path;

/// The requested page, in the query of a page or in a form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Next {
    next: String,
}

impl Fields for Next {}

impl Next {
    /// Wraps the value from a form or query.
    pub(super) fn new(next: String) -> Self {
        Self { next }
    }

    /// The page, as a path on this host; empty if there is none.
    pub(super) fn path(&self) -> String {
        local_path(&self.next, "")
    }

    /// `path`, with the page in its query.
    pub(super) fn after(&self, path: &str) -> String {
        match self.path() {
            next if next.is_empty() => path.to_owned(),
            next => way_on(path, &next),
        }
    }
}
