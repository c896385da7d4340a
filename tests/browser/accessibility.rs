//! Every page, as axe judges it: in both themes, on a desk and on a phone.
//!
//! A walk through the demonstration follows the links of its pages to one page of each route, so a new route is
//! judged as soon as a page leads there.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};
use tenantry::router;

use crate::support::{PASSWORD, Profile, World, link_in};

const AXE: &str = include_str!("../vendor/axe.min.js");

/// Who can sign in to the demonstration, and how.
const VISITOR: (&str, &str) = ("demo@tenantry.example", "demonstration only");

/// Routes that the walk does not open, or that are no pages, and why.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "no page",
        &[
            "/healthz",
            "/readyz",
            "/static/{*path}",
            "/favicon.ico",
            "/apple-touch-icon.png",
            "/manifest.webmanifest",
            "/robots.txt",
            "/.well-known/security.txt",
            "/.well-known/change-password",
            "/orgs/switcher",
            "/orgs/{slug}/members/{id}/row",
            "/account/pictures/{id}",
            "/orgs/{slug}/pictures/{id}",
            "/account/security/totp/{id}/qr",
            "/orgs/{slug}/join-link/qr",
            "/orgs/{slug}/projects/{project}/people",
            "/orgs/{slug}/search/menu",
        ],
    ),
    (
        "in emails that the walk does not bring about",
        &[
            "/signup/{token}",
            "/signup/link/{link}",
            "/first/{token}",
            "/first/link/{link}",
            "/email/{token}",
            "/email/link/{link}",
            "/email/undo/{token}",
            "/not-me/{token}",
            "/not-me/link/{link}",
            "/help/{token}",
            "/help/link/{link}",
            "/unsubscribe/{text}",
        ],
    ),
    ("leads on, as long as the sign-in is fresh", &["/account/confirm"]),
    ("the page of a passkey is the same", &["/account/security/totp/{id}/remove"]),
    ("only for people with a second factor", &["/operator/people/{id}/help"]),
];

/// The addresses that a page names.
const LINKS: &str = "
    return [...document.querySelectorAll('a[href], form[action], [hx-get]')]
        .map((el) => el.href || el.action || new URL(el.getAttribute('hx-get'), location).href)";

/// Changes colours at once: on their way from one theme to the other they are those of neither.
const STILL: &str = "
    const still = new CSSStyleSheet();
    still.replaceSync('*, ::before, ::after { transition: none !important }');
    document.adoptedStyleSheets.push(still)";

/// Has axe judge the page by the rules in the first argument, once it has been drawn.
const JUDGE: &str = "
    const [runOnly, done] = arguments;
    const words = ({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`);
    const judge = () => axe.run(document, { runOnly, resultTypes: ['violations'], preload: false })
        .then(({ violations }) => done(violations.flatMap(words)), (error) => done([`${error}`]));
    requestAnimationFrame(() => requestAnimationFrame(judge))";

/// The page as the program has sent it.
const SOURCE: &str = "
    fetch(location.href).then((answer) => answer.text()).then(arguments[1])";

/// The variable with the folder for the pages, if they are to be kept: `bin/validate` sets it.
const KEPT: &str = "TENANTRY_TEST_PAGES";

/// A walk from page to page.
struct Walk {
    /// The patterns of all routes that answer GET.
    table: Vec<&'static str>,
    seen: BTreeSet<&'static str>,
    pages: usize,
    /// What axe has found.
    found: Vec<String>,
}

impl Walk {
    /// Judges some pages in a theme that the person has chosen against the system's, with as little
    /// room as there can be.
    async fn judge_chosen(&mut self, person: &Profile, theme: &str, pages: &[&str]) {
        person.open("/account/preferences").await;
        for choice in [&format!("[name=theme][value={theme}]"), "[name=density][value=compact]"] {
            person.see(choice).await.click().await.unwrap();
        }
        person.press("Save").await;
        person.see(&format!("html[data-theme={theme}][data-density=compact]")).await;
        for page in pages {
            person.open(page).await;
            self.judge(person).await;
        }
    }

    fn new() -> Self {
        let routes = router::table().into_iter().filter(|route| route.method == "GET");
        let table = routes.map(|route| route.path).collect();
        Self { table, seen: BTreeSet::new(), pages: 0, found: Vec::new() }
    }

    /// The route of a path: among several, the one with the most of it in its pattern.
    fn route(&self, path: &str) -> Option<&'static str> {
        let literal =
            |route: &&&str| route.split('/').filter(|part| !part.starts_with('{')).count();
        let fitting = self.table.iter().filter(|route| fits(route, path));
        fitting.max_by_key(literal).copied()
    }

    /// Opens `starts`, and whatever links from there lead to: one page of each route.
    async fn follow(&mut self, person: &Profile, starts: &[&str]) {
        let mut ahead: VecDeque<_> = starts.iter().map(|&path| (path.to_owned(), true)).collect();
        while let Some((path, is_start)) = ahead.pop_front() {
            let route = self.route(&path);
            let is_new = route.is_some_and(|route| !is_left_out(route) && self.seen.insert(route));
            if !is_new && !is_start {
                continue;
            }
            person.open(&path).await;
            let arrived = path_of(&person.address().await);
            if arrived == "/login" && path != arrived {
                // The page is for whoever is signed in.
                self.seen.remove(route.unwrap_or_default());
                continue;
            }
            // A link with a token leads to a page without it.
            let arrived = self.route(&arrived).filter(|arrived| Some(*arrived) != route);
            if arrived.is_some_and(|arrived| !self.seen.insert(arrived)) {
                continue;
            }
            for link in person.script(LINKS).await.as_array().unwrap() {
                let link = link.as_str().unwrap_or_default();
                ahead.extend(link.strip_prefix(&person.origin).map(|path| (path_of(path), false)));
            }
            self.judge(person).await;
        }
    }

    /// Has axe judge the page that `person` sees, if it is a whole one.
    async fn judge(&mut self, person: &Profile) {
        if person.script("return document.querySelector('#main')").await.is_null() {
            return;
        }
        self.pages += 1;
        if let Ok(folder) = std::env::var(KEPT) {
            let source = person.script_to_end(SOURCE, Value::Null).await;
            let file = format!("{folder}/{:03}.html", self.pages);
            std::fs::write(file, source.as_str().unwrap_or_default()).unwrap();
        }
        person.script(AXE).await;
        person.script(STILL).await;
        for theme in ["light", "dark"] {
            person.prefer(theme).await;
            for size in ["a desk", "a phone"] {
                match size {
                    "a phone" => person.hold_as_phone(390, 844).await,
                    _ => person.put_on_desk(1280, 900).await,
                }
                let violations = person.script_to_end(JUDGE, rules(theme)).await;
                let violations = violations.as_array().unwrap().iter().map(Value::to_string);
                let place = format!("{}, {theme}, on {size}", person.address().await);
                self.found.extend(violations.map(|words| format!("{place}: {words}")));
            }
        }
    }
}

/// The rules to judge by: a theme changes colours, and nothing else.
fn rules(theme: &str) -> Value {
    match theme {
        "dark" => json!({ "type": "rule", "values": ["color-contrast"] }),
        _ => json!({ "type": "tag", "values": [
            "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
        ] }),
    }
}

fn is_left_out(route: &str) -> bool {
    LEFT_OUT.iter().any(|(_, routes)| routes.contains(&route))
}

fn path_of(address: &str) -> String {
    address.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Whether a path fits the pattern of a route.
fn fits(route: &str, path: &str) -> bool {
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    let mut pairs = route.iter().zip(&path);
    route.len() == path.len()
        && pairs.all(|(part, seen)| part == seen || part.starts_with('{') && !seen.is_empty())
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page() {
    let world = World::start_demo();
    let mut walk = Walk::new();

    // Ada leaves emails with links behind.
    let nobody = world.profile().await;
    nobody.open("/signup").await;
    nobody.fill("Your name", "Ada Lovelace").await;
    nobody.fill("Email", "ada@example.test").await;
    nobody.fill("Password", PASSWORD).await;
    nobody.fill("Organization", "Analytical Engines").await;
    nobody.press("Create account").await;
    nobody.reads_in("h1", "Analytical Engines").await;
    walk.judge(&nobody).await;
    nobody.sign_out().await;
    nobody.open("/password/forgot").await;
    nobody.fill("Email", "ada@example.test").await;
    nobody.press("Send link").await;
    let reset = link_in(&nobody.read_mail("Set a new password").await, "/password/reset/");
    let verify = link_in(&nobody.read_mail("Confirm your email address").await, "/verify/");
    let invitation = link_in(&nobody.read_mail("invited you to").await, "/invitations/");
    walk.judge(&nobody).await;
    let links = [reset, verify, invitation];
    let links = links.each_ref().map(|link| link.strip_prefix(&nobody.origin).unwrap());
    let at_the_door = ["/nowhere", "/login", "/login/passkey", "/account/deleted", "/dev/mailbox"];
    walk.follow(&nobody, &[&links[..], &at_the_door].concat()).await;

    nobody.plug_in_authenticator().await;
    let visitor = nobody;
    let sign_in = async || {
        visitor.open("/login").await;
        visitor.fill("Email", VISITOR.0).await;
        visitor.fill("Password", VISITOR.1).await;
        visitor.press_in("form", "Sign in").await;
    };
    sign_in().await;
    visitor.see(".user-button").await;
    visitor.open("/account/security").await;
    visitor.press("Add passkey").await;
    visitor.fill("Name", "Laptop").await;
    visitor.press("Create passkey").await;
    visitor.reads_in(".card-row h3", "Laptop").await;
    visitor.press("Add app").await;
    visitor.reads_in("h2", "Add authenticator app").await;
    let app = visitor.address().await;
    visitor.open("/orgs/harbour-works/members?show=invited").await;
    let invited = visitor.attribute(".who a", "href").await.unwrap();
    visitor.open("/orgs/harbour-works/members").await;
    let member = visitor.attribute("[aria-label*='role of']", "href").await.unwrap();
    visitor.open("/orgs/harbour-works/join-link").await;
    visitor.press("Create link").await;
    visitor.reads_in("h2", "Current link").await;
    let join = visitor.attribute("#link", "value").await.unwrap();
    let inside = [
        app.as_str(),
        "/orgs/harbour-works/join-link",
        join.strip_prefix(&visitor.origin).unwrap(),
        &invited,
        &member,
        "/orgs/harbour-works",
        "/orgs/quay-street-bakery/members",
        "/orgs/harbour-works/nowhere",
        // Where the visitor may do less.
        "/orgs/museum-of-tides/members",
        "/orgs/museum-of-tides/invitations",
        "/account/delete",
        "/operator/organizations",
    ];
    walk.follow(&visitor, &inside).await;
    let pages = ["/orgs/harbour-works", "/orgs/harbour-works/members", "/orgs/harbour-works/tasks"];
    walk.judge_chosen(&visitor, "dark", &pages).await;
    visitor.open("/account").await;
    visitor.sign_out().await;
    sign_in().await;
    visitor.reads_in("h1", "Two-factor authentication").await;
    walk.follow(&visitor, &["/login/factor"]).await;

    let left: Vec<_> = walk.table.iter().filter(|route| !is_left_out(route)).collect();
    let left: Vec<_> = left.into_iter().filter(|route| !walk.seen.contains(**route)).collect();
    assert!(walk.found.is_empty(), "{}", walk.found.join("\n"));
    assert!(left.is_empty(), "no link leads to {left:?}");
    assert!(walk.pages >= 55, "{} pages", walk.pages);
}
