//! What each part of the product declares in one value: its sections of the navigation, its routes,
//! and its panel on an organization's first page.

use std::pin::Pin;
use std::sync::LazyLock;

use super::error::Result;
use super::tenant::current_org::Context;
use super::tenant::permission::Permission;
use super::tenant::{OrgTx, Role};
use super::web::route::Route;

/// A part of the product: the core, which is always there, or a module, which is a group of related
/// features.
pub struct Module {
    /// Its key in the database and in code: `work`.
    pub key: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Its sections of the navigation.
    pub sections: &'static [Section],
    /// What people can begin on any page.
    pub acts: &'static [Act],
    /// Its routes, in parts.
    pub routes: &'static [fn() -> Vec<Route>],
    /// Its panel on an organization's first page.
    pub overview: Option<LoadPanel>,
}

inventory::collect!(Module);

/// All modules, ordered by key.
pub fn all() -> &'static [&'static Module] {
    static ALL: LazyLock<Vec<&Module>> = LazyLock::new(|| {
        let mut modules: Vec<_> = inventory::iter::<Module>.into_iter().collect();
        modules.sort_by_key(|module| module.key);
        modules
    });
    &ALL
}

/// A section of an organization's pages, as listed in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its path below `/orgs/{slug}`.
    pub path: &'static str,
    /// Its label in the navigation.
    pub label: &'static str,
    /// Its icon in `static/icons.svg`.
    pub icon: &'static str,
    /// Its position in the navigation, from 0 at the top.
    pub place: u8,
    /// The permission that a role must include to open it.
    pub needs: Option<Permission>,
}

/// Something that people can begin on any page, such as adding a task.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    /// What it is called: `New task`.
    pub label: &'static str,
    /// Its icon in `static/icons.svg`.
    pub icon: &'static str,
    /// The path of the page on which it is done, below `/orgs/{slug}`.
    pub path: &'static str,
    /// Its position in the menu, from 0 at the top.
    pub place: u8,
    /// The permission that a role must include.
    pub needs: Option<Permission>,
}

impl Act {
    /// All of them, in the order of the menu.
    fn all() -> &'static [&'static Self] {
        static ALL: LazyLock<Vec<&Act>> = LazyLock::new(|| {
            let mut acts: Vec<_> = all().iter().flat_map(|module| module.acts).collect();
            acts.sort_by_key(|act| act.place);
            acts
        });
        &ALL
    }

    /// Those that a role can begin, in the order of the menu.
    pub fn open_to(role: &Role) -> impl Iterator<Item = &'static Self> {
        let open = |act: &&Self| act.needs.is_none_or(|needs| role.can(needs));
        Self::all().iter().copied().filter(open)
    }
}

impl Section {
    /// Its word in addresses and forms: `clients`.
    pub fn word(&self) -> &'static str {
        self.path.trim_start_matches('/')
    }

    /// The first page of an organization.
    pub const OVERVIEW: Self =
        Self { path: "", label: "Overview", icon: "home", place: 0, needs: None };

    /// The settings of an organization, and each member's own settings in it.
    pub const SETTINGS: Self =
        Self { path: "/settings", label: "Settings", icon: "settings", place: 230, needs: None };

    /// All sections, in the order of the navigation.
    pub fn all() -> &'static [&'static Self] {
        static ALL: LazyLock<Vec<&Section>> = LazyLock::new(|| {
            let mut sections: Vec<_> = all().iter().flat_map(|module| module.sections).collect();
            sections.sort_by_key(|section| section.place);
            sections
        });
        &ALL
    }

    /// Those that a role can open, in the order of the navigation.
    pub fn open_to(role: &Role) -> impl Iterator<Item = &'static Self> {
        let open = |section: &&Self| section.needs.is_none_or(|needs| role.can(needs));
        Self::all().iter().copied().filter(open)
    }

    /// No section: a page that is in none of them.
    pub const NONE: Self = Self { path: "", label: "", icon: "", place: u8::MAX, needs: None };

    /// The section that an address in an organization, `/orgs/{slug}/…`, belongs to.
    pub fn around(path: &str) -> Self {
        let below = path.splitn(4, '/').nth(3).unwrap_or_default();
        let word = below.split('/').next().unwrap_or_default();
        Self::all().iter().find(|section| section.word() == word).map_or(Self::NONE, |s| **s)
    }

    /// The section with this path, or the first page if there is none.
    pub fn from_path(path: &str) -> Self {
        Self::all().iter().find(|section| section.path == path).map_or(Self::OVERVIEW, |s| **s)
    }
}

/// A function that loads a module's panel for an organization's first page.
pub type LoadPanel = for<'a> fn(&'a mut OrgTx, &'a Context) -> Loading<'a>;

/// A panel that is being loaded.
pub type Loading<'a> = Pin<Box<dyn Future<Output = Result<Panel>> + Send + 'a>>;

/// A module's panel on an organization's first page.
#[derive(Debug, Default)]
pub struct Panel {
    /// Its figures.
    pub figures: Vec<Figure>,
    /// What the person has to do next.
    pub agenda: Option<Agenda>,
    /// What the person takes part in, with its progress.
    pub board: Option<Board>,
    /// What is left to do in a new organization, in order.
    pub steps: Vec<Step>,
}

/// A number that links to the list of what it counts.
#[derive(Debug)]
pub struct Figure {
    /// The number.
    pub value: i64,
    /// The name of one of them.
    pub label: &'static str,
    /// The path of the list.
    pub path: String,
}

/// A short list of things to do.
#[derive(Debug)]
pub struct Agenda {
    /// The heading.
    pub title: &'static str,
    /// The path of the full list.
    pub path: String,
    /// The first items.
    pub items: Vec<AgendaItem>,
    /// What is said where there are none.
    pub nothing: &'static str,
}

/// An item to do.
#[derive(Debug)]
pub struct AgendaItem {
    /// The path of its page.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Where it belongs, and its status.
    pub context: String,
    /// The day it is due, in words.
    pub due: Option<String>,
    /// Whether that day has passed.
    pub is_overdue: bool,
}

/// A short list of things with their progress.
#[derive(Debug)]
pub struct Board {
    /// The heading.
    pub title: &'static str,
    /// The path of the full list.
    pub path: String,
    /// The first items.
    pub items: Vec<BoardItem>,
}

/// A thing with its progress.
#[derive(Debug)]
pub struct BoardItem {
    /// The path of its page.
    pub path: String,
    /// Its name.
    pub name: String,
    /// How much of it is done.
    pub done: i64,
    /// How much there is in all.
    pub total: i64,
    /// The day it is due, in words.
    pub due: Option<String>,
    /// Whether that day has passed.
    pub is_overdue: bool,
}

/// A first step in a new organization.
#[derive(Debug)]
pub struct Step {
    /// What to do.
    pub label: &'static str,
    /// Why, in a sentence.
    pub hint: &'static str,
    /// Whether it is done.
    pub is_done: bool,
    /// The path of the page on which it is done.
    pub path: String,
    /// The link to it.
    pub action: &'static str,
}
