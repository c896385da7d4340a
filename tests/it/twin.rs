//! What an organization's people see does not depend on who else is here: the same pages, byte for
//! byte, alone and beside a neighbour who has the same names and codes and invites the same people.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::support::world::{House, calls};
use crate::support::{Browser, TestApp};

/// The most pages that are visited from links, for each person.
const MOST: usize = 150;

#[tokio::test]
async fn a_neighbour_changes_nothing_that_an_organization_sees() {
    let alone = TestApp::spawn().await;
    let acme = House::build(&alone, "Acme", "acme").await;
    let beside = TestApp::spawn().await;
    let same = House::build(&beside, "Acme", "acme").await;
    neighbour(&beside).await;
    let (one, other) = (seen(&alone, &acme).await, seen(&beside, &same).await);
    assert!(one.len() >= 100, "{} pages", one.len());
    println!("{} pages are the same with a neighbour and without", one.len());
    for (path, page) in &one {
        let twin = other.get(path).unwrap_or_else(|| panic!("{path} is not there beside others"));
        assert_eq!(page, twin, "{path}");
    }
    assert_eq!(one.len(), other.len(), "pages that are there only beside others");
}

/// Another Acme, with people, clients, projects and codes of the same names, that invites the same
/// addresses.
async fn neighbour(app: &TestApp) {
    let mallory = app.founder("Mallory", "Acme").await;
    let path = mallory.visit("/").await.path;
    assert_eq!(path, "/orgs/acme-2", "the second of its name");
    let fields = [("email", "acme.guest@example.test"), ("role", "owner")];
    mallory.post(&format!("{path}/invitations"), &fields).await.expect(303);
    for name in ["Acme Owner", "Acme Admin"] {
        let email = crate::support::email_of(&format!("{name} 2"));
        let link = app.invite(&mallory, "acme-2", &email, "owner").await;
        let fields = [("name", name), ("password", crate::support::PASSWORD)];
        app.browser().post(&format!("{link}/accept"), &fields).await.expect(303);
    }
    for name in ["Acme client", "Acme client 2"] {
        let client = mallory.post(&format!("{path}/clients"), &[("name", name)]).await.expect(303);
        let client = client.location().unwrap().rsplit('/').next().unwrap().to_owned();
        let code = if name.ends_with('2') { "TWO" } else { "ONE" };
        let fields = [("name", "Acme project"), ("code", code), ("client", client.as_str())];
        mallory.post(&format!("{path}/projects"), &fields).await.expect(303);
    }
    let fields = [("list", "projects"), ("name", "Acme filter"), ("query", "?mine=1")];
    mallory.post(&format!("{path}/filters"), &fields).await.expect(303);
    app.work().await;
}

/// Every page of the organization, whole and as a fragment, as its owner and its viewer see it:
/// those of the route table, searches, and wherever their links lead.
async fn seen(app: &TestApp, house: &House) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for (who, browser) in [("owner", &house.owner), ("viewer", &house.viewer)] {
        let mut names = Names::default();
        let routes = calls(app, house).into_iter().filter(|call| call.method == "GET");
        let mut paths: VecDeque<String> = routes.map(|call| call.path).collect();
        for list in ["members", "clients", "projects"] {
            paths.extend(["q=acme", "q=nobody", "q=%25"].map(|q| format!("/orgs/acme/{list}?{q}")));
        }
        paths.extend(["/orgs", "/orgs/switcher?q=acme", "/account"].map(str::to_owned));
        let mut known: BTreeSet<String> = paths.iter().cloned().collect();
        while let Some(path) = paths.pop_front() {
            let (page, links) = look(browser, &path, false).await;
            let (part, _) = look(browser, &path, true).await;
            let name = names.without_chance(&path, &browser.origin);
            pages.insert(format!("{who} {name}"), names.without_chance(&page, &browser.origin));
            let part = names.without_chance(&part, &browser.origin);
            pages.insert(format!("{who} htmx {name}"), part);
            for link in links {
                if link.starts_with("/orgs/acme")
                    && known.len() < MOST
                    && known.insert(link.clone())
                {
                    paths.push_back(link);
                }
            }
        }
    }
    pages
}

/// A page with its status, and where its links lead.
async fn look(browser: &Browser, path: &str, htmx: bool) -> (String, Vec<String>) {
    let answer = if htmx { browser.htmx_get(path).await } else { browser.get(path).await };
    let links = if htmx { Vec::new() } else { answer.attributes("a[href]", "href") };
    let mut page = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        if name != "date" && name != "content-length" {
            page.push_str(&format!("{name}: {}\n", value.to_str().unwrap_or_default()));
        }
    }
    let nonce = answer.attribute("script[nonce]", "nonce");
    let page = if nonce.is_empty() { page } else { page.replace(&nonce, "") };
    (page + &answer.lasting(), links)
}

/// What is chance in a page, named by the order in which it appears.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    /// The text with every id, token, cursor and digest replaced by its name, and without the
    /// port that the system chose.
    fn without_chance(&mut self, text: &str, origin: &str) -> String {
        let text = text.replace(origin, "").replace(origin.trim_start_matches("http://"), "");
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut named = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(start) = rest.find(is_word) {
            named.push_str(&rest[..start]);
            let length = rest[start..].find(|c| !is_word(c)).unwrap_or(rest.len() - start);
            let word = &rest[start..start + length];
            named.push_str(&self.name(word));
            rest = &rest[start + length..];
        }
        named.push_str(rest);
        named
    }

    fn name(&mut self, word: &str) -> String {
        // Ids inside longer words (`person-…`), tokens, cursors; no word of ours has a digit and
        // is as long.
        if let Some(at) = (0..word.len().saturating_sub(35)).find(|at| is_id(&word[*at..at + 36])) {
            let (before, id, after) = (&word[..at], &word[at..at + 36], &word[at + 36..]);
            let number = self.0.len();
            let name = self.0.entry(id.to_owned()).or_insert_with(|| format!("#{number}"));
            return format!("{before}{name}{after}");
        }
        let is_token = word.len() >= 40 && word.contains(|c: char| c.is_ascii_digit());
        if !is_token {
            return word.to_owned();
        }
        let number = self.0.len();
        self.0.entry(word.to_owned()).or_insert_with(|| format!("#{number}")).clone()
    }
}

fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|id| id.to_string() == text)
}
