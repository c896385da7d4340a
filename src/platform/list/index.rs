//! The page of a list in an organization; `platform/_index.html` draws it.

use super::saved::{self, Bar, SavedFilter};
use super::{List, Request, View};
use crate::platform::clock::Timestamp;
use crate::platform::db::Runs;
use crate::platform::error::Result;
use crate::platform::noun::place::Above;
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
    /// The page of what the rows belong to, unless that is the organization.
    pub above: Option<Above>,
    /// The viewer's saved filters, where a list has them.
    pub bar: Option<Bar>,
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
        Self {
            organization: org.organization.clone(),
            title: section.label,
            icon: section.icon,
            list,
            above: None,
            bar: Some(bar),
            can_add,
            now: org.now,
        }
    }

    /// The page with this title that shows `list`, whose rows belong to what is `above` it; it is in
    /// `section`.
    pub fn below(
        above: Above,
        org: &Context,
        section: Section,
        title: &'static str,
        list: View<L, R>,
        can_add: bool,
    ) -> Self {
        Self {
            organization: org.organization.clone(),
            title,
            icon: section.icon,
            list,
            above: Some(above),
            bar: None,
            can_add,
            now: org.now,
        }
    }

    /// The name of what the rows belong to.
    pub fn owner(&self) -> &str {
        self.above.as_ref().map_or(&self.organization.name, |above| &above.name)
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
