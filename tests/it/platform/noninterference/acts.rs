//! What people do: randomly drawn pages to open and forms to send.

use crate::support::Answer;
use crate::support::chance::Dice;
use crate::support::world::House;

/// A request. `{client}`, `{project}`, `{task}` and so on stand for existing items.
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

/// The items that exist, in the order in which they were made, which is the same in both
/// applications.
#[derive(Debug)]
pub struct Things {
    clients: Vec<String>,
    projects: Vec<String>,
    /// Each with its project: `PROJECT/tasks/TASK`.
    tasks: Vec<String>,
    comments: Vec<String>,
    member: String,
}

impl Things {
    pub fn of(house: &House) -> Self {
        let id = |noun: &str| house.id(noun, "a scenario");
        let project = id("projects");
        Self {
            clients: vec![id("clients")],
            tasks: vec![format!("{project}/tasks/{}", id("tasks"))],
            comments: vec![format!("{project}/comments/{}", id("comments"))],
            projects: vec![project],
            member: id("members"),
        }
    }

    /// Fills the items into a text: `{client:3}` stands for the fourth client.
    pub fn path(&self, text: &str) -> String {
        let text = text.replace("{member}", &self.member);
        let Some((before, rest)) = text.split_once('{') else { return text };
        let (name, after) = rest.split_once('}').expect("an end");
        let (kind, number) = name.split_once(':').expect("a number");
        let all = match kind {
            "client" => &self.clients,
            "project" => &self.projects,
            "task" => &self.tasks,
            "comment" => &self.comments,
            other => panic!("{other}"),
        };
        let thing = &all[number.parse::<usize>().unwrap() % all.len()];
        format!("{before}{thing}{}", self.path(after))
    }

    /// Remembers the item to which an answer redirects.
    pub fn note(&mut self, act: &Act, answer: &Answer) {
        let Some(location) = answer.location().filter(|_| act.is_post) else { return };
        let Some(rest) = location.strip_prefix("/orgs/acme/") else { return };
        let mut words = rest.split(['/', '#']);
        let (kind, id) = (words.next(), words.next().unwrap_or_default().to_owned());
        if let Some(task) = words.next().and_then(|anchor| anchor.strip_prefix("task-"))
            && act.path.ends_with("/tasks")
        {
            self.tasks.push(format!("{id}/tasks/{task}"));
        }
        let made = match kind {
            Some("clients") if act.path.ends_with("/clients") => &mut self.clients,
            Some("projects") if act.path.ends_with("/projects") => &mut self.projects,
            _ => return,
        };
        if id.len() == 36 && !made.contains(&id) {
            made.push(id);
        }
    }
}

const LISTS: &[&str] = &[
    "/orgs/acme",
    "/orgs/acme/activity",
    "/orgs/acme/clients",
    "/orgs/acme/clients?sort=changed",
    "/orgs/acme/clients?state=all&q=a",
    "/orgs/acme/projects",
    "/orgs/acme/projects?sort=changed",
    "/orgs/acme/projects?sort=due&mine=1",
    "/orgs/acme/projects?state=deleted",
    "/orgs/acme/projects?q=acme",
    "/orgs/acme/projects/new",
    "/orgs/acme/tasks",
    "/orgs/acme/tasks?assignee=me",
    "/orgs/acme/tasks?sort=changed&state=all",
    "/orgs/acme/tasks?q=task&sort=priority",
    "/orgs/acme/members",
    "/orgs/acme/members?q=a&sort=joined",
    "/orgs/acme/members/{member}",
    "/orgs/acme/settings",
    "/orgs/acme/audit",
    "/orgs/acme/audit?kind=project",
    "/orgs/acme/invitations",
    "/orgs",
    "/orgs/switcher?q=acme",
    "/account",
    "/orgs/acme/nowhere",
];

const PAGES: &[&str] = &[
    "/orgs/acme/clients/{client:N}",
    "/orgs/acme/clients/{client:N}/edit",
    "/orgs/acme/projects/{project:N}",
    "/orgs/acme/projects/{project:N}/edit",
    "/orgs/acme/projects/{project:N}/activity",
    "/orgs/acme/projects/{project:N}/members",
    "/orgs/acme/projects/{task:N}",
    "/orgs/acme/projects/{task:N}/edit",
    "/orgs/acme/projects/{comment:N}/edit",
    "/orgs/acme/tasks?project={project:N}",
];

const SWITCHES: &[&str] = &[
    "/orgs/acme/clients/{client:N}/archive",
    "/orgs/acme/clients/{client:N}/unarchive",
    "/orgs/acme/clients/{client:N}/delete",
    "/orgs/acme/clients/{client:N}/restore",
    "/orgs/acme/projects/{project:N}/archive",
    "/orgs/acme/projects/{project:N}/unarchive",
    "/orgs/acme/projects/{project:N}/delete",
    "/orgs/acme/projects/{project:N}/restore",
    "/orgs/acme/projects/{project:N}/members/{member}/remove",
    "/orgs/acme/projects/{task:N}/archive",
    "/orgs/acme/projects/{task:N}/unarchive",
    "/orgs/acme/projects/{task:N}/delete",
    "/orgs/acme/projects/{task:N}/restore",
    "/orgs/acme/projects/{comment:N}/delete",
    "/orgs/acme/projects/{comment:N}/restore",
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
    let is_full = things.projects.len() > 60;
    match dice.below(16) {
        0..6 => get(dice.pick(LISTS)),
        6..10 => get(dice.pick(PAGES)),
        10 => post(dice.pick(SWITCHES), &[]),
        11 if !is_full => {
            let restricted = if dice.below(3) == 0 { "yes" } else { "" };
            let code = ["", "ONE", "HAR"][dice.below(3)];
            let fields = [
                ("name", &*name),
                ("code", code),
                ("client", "{client:N}"),
                ("restricted", restricted),
            ];
            let fields: Vec<_> =
                fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            post("/orgs/acme/projects", &fields)
        }
        12 if !is_full => post("/orgs/acme/clients", &[("name", &name)]),
        13 => post("/orgs/acme/projects/{project:N}/tasks", &[("title", &name)]),
        14 => {
            let body = ["@Acme Owner look", "Nothing new", "@Ina Insider and @Acme Member", ""];
            post("/orgs/acme/projects/{task:N}/comments", &[("body", dice.pick(&body))])
        }
        15 => {
            let status = ["todo", "doing", "done"][dice.below(3)];
            post("/orgs/acme/projects/{task:N}/status", &[("status", status)])
        }
        _ => get("/orgs/acme/activity"),
    }
}
