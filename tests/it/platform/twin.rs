//! What members of an organization see does not depend on who else is here: the pages are the same,
//! byte for byte, alone and next to a neighbour with the same names and codes that invites the same
//! people.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::support::chance::{Names, told};
use crate::support::world::{House, calls, lists};
use crate::support::{Browser, TestApp};

/// The most pages that are visited through links, for each person.
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

/// Adds another Acme, with people, clients, projects and codes of the same names, which invites the
/// same addresses.
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

/// Returns every page of the organization, as a whole and as a fragment, as its owner and its
/// viewer see it: those of the route table, searches, and everything their links lead to.
async fn seen(app: &TestApp, house: &House) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for (who, browser) in [("owner", &house.owner), ("viewer", &house.viewer)] {
        let mut names = Names::default();
        let routes = calls(app, house).into_iter().filter(|call| call.method == "GET");
        // A picture of a link is as random as the link.
        let routes = routes.filter(|call| !call.path.ends_with("/qr"));
        let mut paths: VecDeque<String> = routes.map(|call| call.path).collect();
        for list in lists() {
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

/// Returns a page with its status, and the targets of its links.
async fn look(browser: &Browser, path: &str, htmx: bool) -> (String, Vec<String>) {
    let answer = if htmx { browser.htmx_get(path).await } else { browser.get(path).await };
    let links = if htmx { Vec::new() } else { answer.attributes("a[href]", "href") };
    (told(&answer), links)
}
