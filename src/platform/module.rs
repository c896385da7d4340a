//! What the parts of the product say of themselves, each in one value: their sections of the
//! navigation, their routes, what they show on an organization's first page.

use std::pin::Pin;
use std::sync::LazyLock;

use super::error::Result;
use super::tenant::OrgTx;
use super::tenant::current_org::Context;
use super::tenant::permission::Permission;
use super::web::route::Route;

/// A part of the product: the core, which is always there, or a module, a few features that belong
/// together.
pub struct Module {
    /// Its key in the database and in code: `work`.
    pub key: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Its sections of the navigation.
    pub sections: &'static [Section],
    /// Its routes.
    pub routes: fn() -> Vec<Route>,
    /// What it shows on an organization's first page.
    pub overview: Option<LoadPanel>,
}

inventory::collect!(Module);

/// All modules, by their keys.
pub fn all() -> &'static [&'static Module] {
    static ALL: LazyLock<Vec<&Module>> = LazyLock::new(|| {
        let mut modules: Vec<_> = inventory::iter::<Module>.into_iter().collect();
        modules.sort_by_key(|module| module.key);
        modules
    });
    &ALL
}

/// A part of an organization's pages, as the navigation names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its path behind `/orgs/{slug}`.
    pub path: &'static str,
    /// What the navigation calls it.
    pub label: &'static str,
    /// Its icon in `static/icons.svg`.
    pub icon: &'static str,
    /// Its place in the navigation, from 0 at the top.
    pub place: u8,
    /// What a role must include to open it.
    pub needs: Option<Permission>,
}

impl Section {
    /// The first page of an organization.
    pub const OVERVIEW: Self =
        Self { path: "", label: "Overview", icon: "home", place: 0, needs: None };

    /// What an organization decides about itself, and a member about their part in it.
    pub const SETTINGS: Self =
        Self { path: "/settings", label: "Settings", icon: "settings", place: 230, needs: None };

    /// All of them, in the order of the navigation.
    pub fn all() -> &'static [&'static Self] {
        static ALL: LazyLock<Vec<&Section>> = LazyLock::new(|| {
            let mut sections: Vec<_> = all().iter().flat_map(|module| module.sections).collect();
            sections.sort_by_key(|section| section.place);
            sections
        });
        &ALL
    }

    /// The section with this path; the first page for any other.
    pub fn from_path(path: &str) -> Self {
        Self::all().iter().find(|section| section.path == path).map_or(Self::OVERVIEW, |s| **s)
    }
}

/// Loads what a module shows on an organization's first page.
pub type LoadPanel = for<'a> fn(&'a mut OrgTx, &'a Context) -> Loading<'a>;

/// A panel that is being loaded.
pub type Loading<'a> = Pin<Box<dyn Future<Output = Result<Panel>> + Send + 'a>>;

/// What a module shows on an organization's first page.
#[derive(Debug, Default)]
pub struct Panel {
    /// Its figures.
    pub figures: Vec<Figure>,
    /// What the person is to do next.
    pub agenda: Option<Agenda>,
}

/// A number that leads to what it counts.
#[derive(Debug)]
pub struct Figure {
    /// How many.
    pub value: i64,
    /// What one of them is called.
    pub label: &'static str,
    /// The list of them.
    pub path: String,
}

/// A few things to do.
#[derive(Debug)]
pub struct Agenda {
    /// The heading.
    pub title: &'static str,
    /// The list of all of them.
    pub path: String,
    /// The first ones.
    pub items: Vec<AgendaItem>,
}

/// Something to do.
#[derive(Debug)]
pub struct AgendaItem {
    /// Its page.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Where it belongs, and how far it is.
    pub context: String,
    /// The day it is due, in words.
    pub due: Option<String>,
    /// Whether that day is over.
    pub is_overdue: bool,
}
