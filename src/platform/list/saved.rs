//! Saved filters: named addresses of a list that a person wants to come back to.

use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::ids::{FilterId, MembershipId};
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;
use crate::platform::web::Section;

/// The section of a list whose filters can be saved, declared beside the list.
#[derive(Debug)]
pub struct Saved(pub Section);

inventory::collect!(Saved);

impl Saved {
    /// The names of all these lists, such as `clients`.
    pub fn lists() -> impl Iterator<Item = &'static str> {
        inventory::iter::<Self>().map(|list| list.0.word())
    }
}

/// A saved filter.
#[derive(Clone, Debug, FromRow)]
pub struct SavedFilter {
    /// Its identifier.
    pub id: FilterId,
    /// Its name.
    pub name: String,
    /// The query string of the list, with its question mark; empty for the unfiltered list.
    pub query: String,
}

/// The bar of saved filters above a list.
pub struct Bar {
    /// The list's address.
    pub path: String,
    /// The path where filters are saved.
    pub save_path: String,
    /// The list: `projects`.
    pub list: &'static str,
    /// The query string of the page shown.
    pub query: String,
    /// The member's filters for this list.
    pub saved: Vec<SavedFilter>,
    /// Whether the viewer is a member, who can save filters.
    pub can_save: bool,
}

impl Bar {
    /// The bar above `list` with the filters `saved`; `query` is the query string of the page shown.
    pub fn new(org: &Context, list: &'static str, query: String, saved: Vec<SavedFilter>) -> Self {
        Self {
            path: org.organization.path(&format!("/{list}")),
            save_path: org.organization.path("/filters"),
            list,
            can_save: org.membership.id != MembershipId::NONE,
            query,
            saved,
        }
    }

    /// Whether the page shown can be saved as a new filter.
    pub fn is_new(&self) -> bool {
        let is_known = self.saved.iter().any(|saved| saved.query == self.query);
        self.can_save && !self.query.is_empty() && !is_known
    }

    /// Whether `saved` is the page shown.
    pub fn is_shown(&self, saved: &SavedFilter) -> bool {
        saved.query == self.query
    }
}

/// The filters that a member has saved for a list, ordered by name.
pub async fn of_member(
    tx: &mut OrgTx,
    member: MembershipId,
    list: &str,
) -> Result<Vec<SavedFilter>, sqlx::Error> {
    tx.query(sql!(
        "select id, name, query from saved_filters
         where organization_id = $1 and membership_id = $2 and list = $3
         order by name
         limit 50"
    ))
    .bind(member)
    .bind(list)
    .all()
    .await
}
