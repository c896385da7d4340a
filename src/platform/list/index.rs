//! The page of a list in an organization; `platform/_index.html` draws it.

use super::saved::Bar;
use super::{List, Request, View};
use crate::platform::clock::Timestamp;
use crate::platform::db::Runs;
use crate::platform::error::Result;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{OrgTx, Organization};
use crate::platform::web::Section;

/// The contents of the page of a list, whatever it lists.
pub struct Index<L: List> {
    /// The organization.
    pub organization: Organization,
    /// The heading: `Clients`.
    pub title: &'static str,
    /// The page of the list.
    pub list: View<L>,
    /// The viewer's saved filters.
    pub bar: Bar,
    /// Whether the viewer can add a row.
    pub can_add: bool,
    /// When the page was made.
    pub now: Timestamp,
}

impl<L: List> Index<L> {
    /// Loads the list of `section`.
    ///
    /// # Errors
    /// Those of [`Request::load`].
    pub async fn load(
        tx: &mut OrgTx,
        org: &Context,
        section: Section,
        request: Request<L>,
        scope: &L::Scope,
        can_add: bool,
    ) -> Result<Self>
    where
        OrgTx: Runs<L::Sql>,
    {
        let list = request.load(tx, scope).await?;
        let bar = Bar::load(tx, org, section.word(), list.query()).await?;
        let (organization, title, now) = (org.organization.clone(), section.label, org.now);
        Ok(Self { organization, title, list, bar, can_add, now })
    }

    /// The path of the list.
    pub fn path(&self) -> &str {
        &self.list.path
    }

    /// The rows in a sentence: `clients`.
    pub fn noun(&self) -> String {
        self.title.to_lowercase()
    }
}
