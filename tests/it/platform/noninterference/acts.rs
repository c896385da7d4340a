//! What people do: randomly drawn pages to open and forms to send.

use super::things::{ROUTES, Things};
use crate::support::chance::Dice;

/// A request. `{clients:3}` stands for the fourth client, and so on.
#[derive(Clone, Debug)]
pub struct Act {
    pub path: String,
    pub fields: Vec<(&'static str, String)>,
    pub is_htmx: bool,
    is_post: bool,
}

impl Act {
    pub fn method(&self) -> &'static str {
        if self.is_post { "POST" } else { "GET" }
    }
}

/// Pages of the core, and searches.
const LISTS: &[&str] = &[
    "/orgs/acme",
    "/orgs/acme/activity",
    "/orgs/acme/clients?sort=changed",
    "/orgs/acme/clients?state=all&q=a",
    "/orgs/acme/projects?sort=changed",
    "/orgs/acme/projects?sort=due&mine=1",
    "/orgs/acme/projects?state=deleted",
    "/orgs/acme/projects?q=acme",
    "/orgs/acme/tasks?assignee=me",
    "/orgs/acme/tasks?sort=changed&state=all",
    "/orgs/acme/tasks?q=task&sort=priority",
    "/orgs/acme/members",
    "/orgs/acme/members?q=a&sort=joined",
    "/orgs/acme/members/{members:0}",
    "/orgs/acme/settings",
    "/orgs/acme/audit",
    "/orgs/acme/audit?kind=project",
    "/orgs/acme/invitations",
    "/orgs",
    "/orgs/switcher?q=acme",
    "/orgs/acme/search?q=a&kind=",
    "/orgs/acme/search?q=task",
    "/orgs/acme/search/menu?q=ac",
    "/account",
    "/orgs/acme/nowhere",
];

/// Names that the neighbour uses, too.
const NAMES: &[&str] = &["Acme client", "Harbour", "Website", "Zoë & Söhne", "100%", "<b>Bold</b>"];

/// Draws one step.
pub fn draw(dice: &mut Dice, scenario: u64, things: &Things) -> Act {
    let thing = dice.below(1000);
    let with = |text: &str| text.replace(":N}", &format!(":{thing}}}"));
    let name = format!("{} {scenario}", dice.pick(NAMES));
    let is_htmx = dice.below(4) == 0;
    let get = |path: &str| Act { path: with(path), fields: Vec::new(), is_htmx, is_post: false };
    let post = |path: &str, fields: &[(&'static str, &str)]| Act {
        path: with(path),
        fields: fields.iter().map(|(name, value)| (*name, with(value))).collect(),
        is_htmx,
        is_post: true,
    };
    // Long lists take time, and other tests page through them.
    let is_full = things.count("projects") > 60 || things.count("clients") > 60;
    match dice.below(18) {
        0..6 => get(dice.pick(LISTS)),
        6..10 => get(&ROUTES.pages[dice.below(ROUTES.pages.len())]),
        10 => post(&ROUTES.steps[dice.below(ROUTES.steps.len())], &[]),
        16..18 if !is_full => {
            let (path, fields) = &ROUTES.forms[dice.below(ROUTES.forms.len())];
            let is_name = |field: &str| ["name", "title", "body"].contains(&field);
            let fields = fields.iter();
            let fields: Vec<_> = fields
                .map(|(field, value)| (*field, if is_name(field) { &name } else { value }.as_str()))
                .collect();
            post(path, &fields)
        }
        11 if !is_full => {
            let restricted = if dice.below(3) == 0 { "yes" } else { "" };
            let code = ["", "ONE", "HAR"][dice.below(3)];
            let fields = [
                ("name", &*name),
                ("code", code),
                ("client", "{clients:N}"),
                ("restricted", restricted),
            ];
            let fields: Vec<_> =
                fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            post("/orgs/acme/projects", &fields)
        }
        12 if !is_full => post("/orgs/acme/clients", &[("name", &name)]),
        13 => post("/orgs/acme/projects/{projects:N}/tasks", &[("title", &name)]),
        14 => {
            let body = ["@Acme Owner look", "Nothing new", "@Ina Insider and @Acme Member", ""];
            post("/orgs/acme/projects/{projects/tasks:N}/comments", &[("body", dice.pick(&body))])
        }
        15 => {
            let status = ["todo", "doing", "done"][dice.below(3)];
            post("/orgs/acme/projects/{projects/tasks:N}/properties", &[("status", status)])
        }
        _ => get("/orgs/acme/activity"),
    }
}
