//! Two organizations, each with one of everything, for tests that prove their isolation.
//!
//! If a route has a parameter or a form without a value, all these tests fail with a message that
//! says where to add it: the tests of a feature say so in a [`Fixture`].

pub mod fixture;
mod forms;

use std::collections::BTreeMap;

use tenantry::platform::list::saved::Saved;
use tenantry::platform::web::route::{Access, Route};
use tenantry::router;

use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::browser::Browser;
pub use fixture::{Fixture, fields_of};

/// An application with two organizations.
pub struct World {
    pub app: TestApp,
    pub acme: House,
    pub globex: House,
}

/// An organization with one of everything.
#[derive(Clone)]
pub struct House {
    pub slug: String,
    pub name: String,
    pub owner: Browser,
    pub admin: Browser,
    pub member: Browser,
    pub viewer: Browser,
    /// The word that all texts of its things contain.
    pub word: String,
    /// Ids, by the noun that precedes them in a path.
    ids: BTreeMap<&'static str, String>,
}

/// A request with all its parameters filled in.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub access: Access,
    /// The form; empty for a page.
    pub form: Vec<(&'static str, String)>,
    /// The route's pattern in the table.
    pub route: &'static str,
}

impl World {
    /// Acme and Globex.
    pub async fn new() -> Self {
        let app = TestApp::spawn().await;
        let acme = House::build(&app, "Acme", "acme").await;
        let globex = House::build(&app, "Globex", "globex").await;
        Self { app, acme, globex }
    }

    /// All routes inside an organization.
    pub fn routes(&self) -> Vec<Route> {
        routes(&self.app)
    }

    /// Calls of all routes inside an organization, at `house` and with its ids.
    pub fn calls(&self, house: &House) -> Vec<Call> {
        calls(&self.app, house)
    }
}

/// All routes inside an organization.
fn routes(app: &TestApp) -> Vec<Route> {
    let is_inside = |route: &Route| match route.access {
        Access::Anyone | Access::SignedIn | Access::Operator => false,
        Access::Member(_) | Access::Object { .. } => true,
    };
    router::routes(&app.app).into_iter().filter(is_inside).collect()
}

/// The names of the lists whose filters can be saved, which are all that are searched: `clients`.
pub fn lists() -> Vec<&'static str> {
    let lists: Vec<_> = Saved::lists().collect();
    assert!(lists.len() >= 4, "{lists:?}");
    lists
}

/// Calls of all routes inside an organization, at `house` and with its ids.
pub fn calls(app: &TestApp, house: &House) -> Vec<Call> {
    routes(app).iter().map(|route| call(route, &house.slug, &|_| house)).collect()
}

/// A call of `route` at `slug`; `whose` gives, by the parameter's position in the path, the house
/// whose id it has.
pub fn call<'h>(route: &Route, slug: &str, whose: &dyn Fn(usize) -> &'h House) -> Call {
    let mut place = 0;
    let path: Vec<String> = segments(route.path)
        .map(|(noun, segment)| match segment {
            "{slug}" => slug.to_owned(),
            parameter if parameter.starts_with('{') => {
                let id = whose(place).id(noun, route.path);
                place += 1;
                id
            }
            literal => literal.to_owned(),
        })
        .collect();
    Call {
        method: route.method.to_string(),
        path: format!("/{}", path.join("/")),
        access: route.access,
        form: form(route, whose(0)),
        route: route.path,
    }
}

/// The number of ids in a route's path, besides the organization.
pub fn parameters(route: &Route) -> usize {
    segments(route.path).filter(|(_, s)| s.starts_with('{') && *s != "{slug}").count()
}

/// The segments of a path, each with the last segment before it that is not a parameter.
fn segments(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut noun = "";
    path.split('/').skip(1).map(move |segment| {
        let before = noun;
        if !segment.starts_with('{') {
            noun = segment;
        }
        (before, segment)
    })
}

/// The form for `route`, with the ids of `house`.
pub fn form(route: &Route, house: &House) -> Vec<(&'static str, String)> {
    if route.method != "POST" {
        return Vec::new();
    }
    let fields = fields_of(route.path).unwrap_or_else(|| {
        panic!(
            "POST {} has no form: add what its page sends to the Fixture of its feature's tests",
            route.path
        )
    });
    fields.iter().map(|(name, text)| (*name, house.filled_in(text))).collect()
}

/// The position of a route among the forms, for sending them in an order that works.
pub fn place(route: &str) -> usize {
    fixture::forms().iter().position(|(path, _)| *path == route).unwrap_or_default()
}

/// The fields of a route's form that contain the id of something.
pub fn references(route: &Route) -> Vec<&'static str> {
    let fields = fields_of(route.path).filter(|_| route.method == "POST").unwrap_or_default();
    let holds_id = |text: &str| text.starts_with('{') && text.ends_with('}') && text != "{slug}";
    fields.iter().filter(|(_, text)| holds_id(text)).map(|(name, _)| *name).collect()
}

/// Sends a call with its form, as a page or as htmx would.
pub async fn send(browser: &Browser, call: &Call, htmx: bool) -> Answer {
    let mut request = browser.request(&call.method, &call.path);
    if htmx {
        request = request.header("hx-request", "true").header("hx-request-type", "partial");
    }
    if call.method == "POST" {
        request = request.form(&call.form);
    }
    browser.send(request).await
}

impl House {
    /// An organization with people of every role, created through the pages.
    pub async fn build(app: &TestApp, name: &str, slug: &str) -> Self {
        let owner = app.founder(&format!("{name} Owner"), name).await;
        Self::furnish(app, owner, name, slug).await
    }

    /// Adds one of everything to an organization that only has its owner.
    pub async fn furnish(app: &TestApp, owner: Browser, name: &str, slug: &str) -> Self {
        let person = |role: &str| format!("{name} {role}");
        let admin = app.member(&owner, slug, &person("Admin"), "admin").await;
        let member = app.member(&owner, slug, &person("Member"), "member").await;
        let viewer = app.member(&owner, slug, &person("Viewer"), "viewer").await;
        let mut house = Self::of([owner, admin, member, viewer], name, slug);
        let id = app.membership_id(&house.owner, slug, &person("Member")).await;
        house.ids.insert("members", id);
        house.invite(app).await;
        house.make_everything().await;
        house.join_link().await;
        house.save_filter().await;
        house.notification().await;
        house.picture().await;
        house.fill(app).await;
        app.work().await;
        house
    }

    /// An organization with an owner, an admin, a member, who is called `Acme Member`, and a viewer.
    pub fn of(people: [Browser; 4], name: &str, slug: &str) -> Self {
        let [owner, admin, member, viewer] = people;
        let (slug, name, word) = (slug.to_owned(), name.to_owned(), name.to_owned());
        Self { slug, name, owner, admin, member, viewer, word, ids: BTreeMap::new() }
    }

    /// Makes one of everything that features have a [`Fixture`] for.
    pub async fn make_everything(&mut self) {
        for fixture in fixture::all() {
            (fixture.make)(self).await;
        }
    }

    /// An open invitation, which somebody has asked to have for another address.
    async fn invite(&mut self, app: &TestApp) {
        let (slug, guest) = (&self.slug, format!("{}.guest@example.test", self.slug));
        app.invite(&self.owner, slug, &guest, "viewer").await;
        let id = app.row_id(&self.owner, slug, &guest).await;
        self.ids.insert("invitations", id);
        app.database
            .execute(&format!(
                "update invitations set requested_email = '{slug}.other@example.test'
                 where email = '{guest}'"
            ))
            .await
            .unwrap();
    }

    /// A join link.
    async fn join_link(&mut self) {
        let fields = [("role", "viewer"), ("lifetime", "30")];
        let path = self.post("/join-link", &fields).await;
        let page = self.owner.get(&path).await;
        let action = page.attribute("#current form", "action");
        let id = action.split('/').nth(4).expect("a link has its form").to_owned();
        self.keep("join-link", id);
    }

    /// A saved filter, and the owner's choice of emails.
    async fn save_filter(&mut self) {
        let name = format!("{} filter", self.name);
        let fields = [("list", "projects"), ("name", name.as_str()), ("query", "?mine=1")];
        self.post("/filters", &fields).await;
        let page = self.owner.get(&format!("/orgs/{}/projects", self.slug)).await;
        let filter = page.attribute(".chip form", "action");
        let filter = filter.split('/').nth(4).expect("a filter has its form").to_owned();
        self.keep("filters", filter);
        self.post("/notices", &[("mentions", "email"), ("assignments", "page")]).await;
    }

    /// A notification: somebody has accepted an invitation of the owner's.
    async fn notification(&mut self) {
        let page = self.owner.get(&format!("/orgs/{}/inbox", self.slug)).await;
        let action = page.attribute("form[action$='/open']", "action");
        let id = action.split('/').nth(4).expect("a notification has its form").to_owned();
        self.keep("inbox", id);
    }

    /// The picture of the owner.
    async fn picture(&mut self) {
        let mut file = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(8, 8).write_to(&mut file, image::ImageFormat::Png).unwrap();
        let answer = self.owner.upload("/account/picture", file.get_ref()).await;
        answer.expect_redirect("/account");
        let page = self.owner.get("/account").await;
        self.ids.insert("pictures", last_segment(&page.attribute("img.picture", "src")));
    }

    /// Things that no page can create yet, and a role that the other organization lacks.
    async fn fill(&mut self, app: &TestApp) {
        let here = format!("(select id from organizations where slug = '{}')", self.slug);
        for statement in [
            "insert into roles (organization_id, key, name, description, rank, permissions)
             select organization_id, '{slug}-only', '{slug} only', '', 5, 'members.view' from roles
             where organization_id = {here} and key = 'viewer'",
            "insert into operator_visits (organization_id, id, user_id, reason, may_write,
                started_at, ends_at, ended_at)
             select organization_id, id, user_id, '{slug} visit', false, created_at, created_at,
                created_at
             from memberships where organization_id = {here} and role = 'owner'",
        ] {
            let statement = statement.replace("{here}", &here).replace("{slug}", &self.slug);
            app.database.execute(&statement).await.unwrap();
        }
    }

    /// Sends one of the owner's forms, and returns where it redirects.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.owner.post(&format!("/orgs/{}{path}", self.slug), fields).await;
        answer.expect(303).location().unwrap()
    }

    /// Makes one of something with one of the owner's forms, and keeps its id, which follows `noun`
    /// in paths.
    pub async fn make(&mut self, noun: &'static str, path: &str, fields: &[(&str, &str)]) {
        let id = last_id(&self.post(path, fields).await);
        self.keep(noun, id);
    }

    /// Keeps the id that follows `noun` in paths.
    pub fn keep(&mut self, noun: &'static str, id: String) {
        self.ids.insert(noun, id);
    }

    /// A form's text with the organization's own slug and ids.
    pub fn filled_in(&self, text: &str) -> String {
        let text = text.replace("{slug}", &self.slug);
        self.ids.iter().fold(text, |text, (noun, id)| text.replace(&format!("{{{noun}}}"), id))
    }

    /// The id that follows `noun` in a path.
    pub fn id(&self, noun: &str, route: &str) -> String {
        self.ids.get(noun).cloned().unwrap_or_else(|| {
            panic!(
                "nothing stands for what follows /{noun}/ in {route}: \
                 make one in the Fixture of its feature's tests, and keep its id"
            )
        })
    }

    /// This organization with the ids of a restricted project that only its owner can see, with one
    /// of everything in it. All its texts contain `word`.
    pub async fn with_hidden_project(&self, app: &TestApp, word: &str) -> Self {
        let mut hidden = Self { word: word.to_owned(), ..self.clone() };
        let client = self.id("clients", "a hidden project");
        let fields = [
            ("name", format!("{word} project")),
            ("code", word.to_uppercase()),
            ("description", format!("{word} description")),
            ("client", client),
            ("restricted", "yes".to_owned()),
        ];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        hidden.make("projects", "/projects", &fields).await;
        for fixture in fixture::all().iter().filter(|fixture| fixture.in_project) {
            (fixture.make)(&mut hidden).await;
        }
        let owner =
            app.membership_id(&self.owner, &self.slug, &format!("{} Owner", self.name)).await;
        hidden.keep("members", owner);
        app.work().await;
        hidden
    }

    /// The ids that `other` does not have, but those of members.
    pub fn ids_unlike(&self, other: &Self) -> Vec<String> {
        let own = self.ids.iter().filter(|(noun, id)| {
            **noun != "members" && other.ids.get(*noun).is_some_and(|known| known != *id)
        });
        own.map(|(_, id)| id.clone()).collect()
    }

    /// This organization with ids of things that do not exist.
    pub fn absent(&self) -> Self {
        let ids = self.ids.keys().map(|noun| (*noun, uuid::Uuid::new_v4().to_string())).collect();
        Self { ids, ..self.clone() }
    }

    /// People with their role's key, the lowest first.
    pub fn people(&self) -> [(&'static str, &Browser); 4] {
        [
            ("viewer", &self.viewer),
            ("member", &self.member),
            ("admin", &self.admin),
            ("owner", &self.owner),
        ]
    }
}

/// The id at the end of a path, or in its anchor: `…/clients/ID`, `…#task-ID`.
fn last_id(path: &str) -> String {
    match path.split_once("#").and_then(|(_, anchor)| anchor.split_once('-')) {
        Some((_, id)) => id.to_owned(),
        None => last_segment(path),
    }
}

fn last_segment(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}
