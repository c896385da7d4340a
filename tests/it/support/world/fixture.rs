//! What features say for tests that cover all routes and tables.

use std::pin::Pin;
use std::sync::LazyLock;

use super::House;
use super::forms::{FIRST, LAST};

/// The fields that a form sends: name and value. `{slug}` is the organization's, and `{noun}` the id
/// that follows the noun in a path.
pub type Fields = &'static [(&'static str, &'static str)];

/// The form of a route, given by the route's path.
pub type RouteForm = (&'static str, Fields);

/// The work of making one of something.
pub type Making<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One of the rows of a feature, and the forms of its routes. The feature's tests submit it to
/// `inventory`.
pub struct Fixture {
    /// Its place among fixtures: what it needs is made before.
    pub place: u8,
    /// Whether it belongs to a project.
    pub in_project: bool,
    /// Makes one, with texts that contain the house's word, and [keeps](House::keep) its id.
    pub make: for<'a> fn(&'a mut House) -> Making<'a>,
    /// The forms, in an order in which an organization's owner can send them all, one after the
    /// other; in the end, what was there before is there again.
    pub forms: &'static [RouteForm],
    /// The paths of rows that are then archived, unarchived, deleted and restored.
    pub lives: &'static [&'static str],
}

impl Fixture {
    fn all_forms(&self) -> impl Iterator<Item = RouteForm> {
        let steps = self.lives.iter().flat_map(|row| {
            ["archive", "unarchive", "delete", "restore"]
                .map(|step| -> RouteForm { (format!("{row}/{step}").leak(), &[]) })
        });
        self.forms.iter().copied().chain(steps)
    }
}

inventory::collect!(Fixture);

/// All fixtures, in their order.
pub(super) fn all() -> &'static [&'static Fixture] {
    static ALL: LazyLock<Vec<&Fixture>> = LazyLock::new(|| {
        let mut all: Vec<_> = inventory::iter::<Fixture>.into_iter().collect();
        all.sort_by_key(|fixture| fixture.place);
        all
    });
    &ALL
}

/// What the form of the route with this path sends.
pub fn fields_of(route: &str) -> Option<Fields> {
    forms().iter().find(|(path, _)| *path == route).map(|(_, fields)| *fields)
}

/// The forms of all routes, in an order in which an organization's owner can send them all.
pub fn forms() -> &'static [RouteForm] {
    static ALL: LazyLock<Vec<RouteForm>> = LazyLock::new(|| {
        let features = all().iter().flat_map(|fixture| fixture.all_forms());
        FIRST.iter().copied().chain(features).chain(LAST.iter().copied()).collect()
    });
    &ALL
}
