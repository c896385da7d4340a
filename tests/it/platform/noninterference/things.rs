//! What exists in a scenario, and how the paths of routes name it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tenantry::platform::module;
use tenantry::platform::web::route::Route;

use super::acts::Act;
use crate::support::Answer;
use crate::support::world::{House, fields_of};

/// The things that exist, by the noun that precedes their id in a path, in the order in which they
/// were made, which is the same in both applications. What belongs to a project has the noun
/// `projects/tasks` and stands with its project: `PROJECT/tasks/TASK`.
#[derive(Debug)]
pub struct Things(BTreeMap<String, Vec<String>>);

/// A form, with places for things.
pub type Filled = (String, Vec<(&'static str, String)>);

/// The routes of the modules, with places for things: `/orgs/acme/clients/{clients:N}`.
pub struct Routes {
    /// Their pages.
    pub pages: Vec<String>,
    /// What is sent without a field: steps in the life of a row.
    pub steps: Vec<String>,
    /// What is sent with fields.
    pub forms: Vec<Filled>,
}

/// All routes of the modules. Those of the core end memberships and sign-ins, which scenarios need.
pub static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
    let mut routes = Routes { pages: Vec::new(), steps: Vec::new(), forms: Vec::new() };
    for route in of_modules() {
        let pattern = pattern(route.path);
        if route.method == "GET" {
            routes.pages.push(pattern);
            continue;
        }
        let fields = fields_of(route.path).expect("a form");
        if fields.is_empty() {
            routes.steps.push(pattern);
        } else {
            let fields = fields.iter().map(|(name, value)| (*name, placed(value)));
            routes.forms.push((pattern, fields.collect()));
        }
    }
    routes
});

fn of_modules() -> Vec<Route> {
    let modules = module::all().iter().filter(|module| module.key != "core");
    modules.flat_map(|module| module.routes).flat_map(|part| part()).collect()
}

/// The noun of the thing that a path names, if it names one: `clients`, `projects/tasks`.
fn noun(path: &str) -> Option<String> {
    let inside = path.split_once("/projects/{project}/").map(|(_, rest)| rest);
    match (inside.and_then(|rest| rest.split_once("/{id}")), path.split_once("/{id}")) {
        (Some((noun, _)), _) => Some(format!("projects/{noun}")),
        (None, Some((before, _))) => before.rsplit('/').next().map(str::to_owned),
        (None, None) => path.contains("{project}").then(|| "projects".to_owned()),
    }
}

/// A route's path with a place for the thing that it names.
fn pattern(path: &str) -> String {
    let here = path.replace("{slug}", "acme");
    let Some(noun) = noun(path) else { return here };
    let place = format!("{{{noun}:N}}");
    match noun.strip_prefix("projects/") {
        Some(inner) => here.replace(&format!("{{project}}/{inner}/{{id}}"), &place),
        None => here.replace("{project}", &place).replace("{id}", &place),
    }
}

/// A form's value with places for things.
fn placed(value: &str) -> String {
    match value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some("slug") => "acme".to_owned(),
        Some(noun) => format!("{{{noun}:N}}"),
        None => value.replace("{slug}", "acme"),
    }
}

impl Things {
    /// What the house has.
    pub fn of(house: &House) -> Self {
        let mut things = Self(BTreeMap::new());
        for noun in of_modules().iter().filter_map(|route| noun(route.path)) {
            let thing = match noun.strip_prefix("projects/") {
                Some(inner) => {
                    let (project, id) = (house.id("projects", &noun), house.id(inner, &noun));
                    format!("{project}/{inner}/{id}")
                }
                None => house.id(&noun, &noun),
            };
            things.0.insert(noun, vec![thing]);
        }
        things.0.insert("members".to_owned(), vec![house.id("members", "a form")]);
        things
    }

    /// How many there are of a noun.
    pub fn count(&self, noun: &str) -> usize {
        self.0.get(noun).map_or(0, Vec::len)
    }

    /// A text with things in their places: `{clients:3}` stands for the fourth client.
    pub fn path(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
        let (name, after) = rest.split_once('}').expect("an end");
        let (noun, number) = name.split_once(':').expect("a number");
        let all = self.0.get(noun).unwrap_or_else(|| panic!("no {noun}"));
        let thing = &all[number.parse::<usize>().unwrap() % all.len()];
        format!("{before}{thing}{}", self.path(after))
    }

    /// Remembers what an act has made, to which the answer redirects: `/orgs/acme/clients/ID`, or
    /// `…#task-ID` on the page of a project.
    pub fn note(&mut self, path: &str, act: &Act, answer: &Answer) {
        let Some(location) = answer.location().filter(|_| act.method() == "POST") else { return };
        let Some(made) = path.rsplit('/').next() else { return };
        let end = location.rsplit(['/', '#']).next().unwrap_or_default();
        let Some(id) = end.get(end.len().saturating_sub(36)..) else { return };
        if uuid::Uuid::parse_str(id).is_err() {
            return;
        }
        let inside = path.split_once("/projects/").and_then(|(_, rest)| rest.split_once('/'));
        let (noun, thing) = match inside {
            Some((project, _)) => (format!("projects/{made}"), format!("{project}/{made}/{id}")),
            None => (made.to_owned(), id.to_owned()),
        };
        if let Some(things) = self.0.get_mut(&noun).filter(|things| !things.contains(&thing)) {
            things.push(thing);
        }
    }
}
