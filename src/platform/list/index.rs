//! The page of a list in an organization; `platform/_index.html` draws it.

use super::saved::{self, Bar, SavedFilter};
use super::{List, Request, View};
use crate::platform::clock::Timestamp;
use crate::platform::db::Runs;
use crate::platform::error::Result;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{OrgTx, Organization};
use crate::platform::web::Section;

/// The contents of the page of a list, whatever it lists. `R` is the type of its rows, if the page
/// shows them in another form.
pub struct Index<L: List, R = <L as List>::Row> {
    /// The organization.
    pub organization: Organization,
    /// The heading: `Clients`.
    pub title: &'static str,
    /// The section's icon.
    pub icon: &'static str,
    /// The page of the list.
    pub list: View<L, R>,
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
        let saved = saved::of_member(tx, org.membership.id, section.word()).await?;
        Ok(Self::new(org, section, list, saved, can_add))
    }
}

impl<L: List, R> Index<L, R> {
    /// The page that shows `list`, the list of `section`, below the filters `saved`.
    pub fn new(
        org: &Context,
        section: Section,
        list: View<L, R>,
        saved: Vec<SavedFilter>,
        can_add: bool,
    ) -> Self {
        let bar = Bar::new(org, section.word(), list.query(), saved);
        let (title, icon) = (section.label, section.icon);
        let (organization, now) = (org.organization.clone(), org.now);
        Self { organization, title, icon, list, bar, can_add, now }
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
