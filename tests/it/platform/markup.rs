//! What a validator asks of the markup of every page.

use tenantry::core::operators::{self, OperatorCommand};
use tenantry::platform::web::route::Access;
use tenantry::router;

use crate::support::world::World;
use crate::support::{Answer, Browser, TestApp, email_of};

/// Fails the test unless the page has one main heading, and no markup that validators refuse.
fn check(page: &Answer) {
    let path = &page.path;
    assert_eq!(page.texts("h1").len(), 1, "{path}: {:?}", page.texts("h1"));
    assert_eq!(page.count("input[type=hidden][autocomplete]"), 0, "{path}");
    for moment in page.attributes("time", "datetime") {
        let digits = moment.split_once('.').map_or(0, |(_, fraction)| fraction.len() - 1);
        assert!(digits <= 3, "{path}: {moment} has more than milliseconds");
    }
    let all = page.count("section");
    let named = "section:has(h1, h2, h3), section[aria-label]";
    assert_eq!(page.count(named), all, "{path}: a section without a heading is a div");
    let mut ids = page.attributes("[id]", "id");
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "{path}: an id twice");
}

/// Whether the answer is a whole page, which it then checks.
async fn is_page(browser: &Browser, path: &str) -> bool {
    let answer = browser.get(path).await;
    let is_page = answer.status == 200 && answer.body.trim_start().starts_with("<!doctype html>");
    if is_page {
        check(&answer);
    }
    is_page
}

#[tokio::test]
async fn every_page_has_one_main_heading_and_is_valid() {
    let world = World::new().await;
    let house = &world.acme;
    let grant = OperatorCommand::Grant { email: email_of("Acme Owner") };
    operators::run(&world.app.app, &grant).await.unwrap();
    let mut pages = 0;
    for call in world.calls(house).iter().filter(|call| call.method == "GET") {
        // What owners can do is shown to others as what they cannot.
        for person in [&house.owner, &house.viewer] {
            pages += usize::from(is_page(person, &call.path).await);
        }
    }
    assert!(pages >= 35, "{pages} pages of an organization");
    let nobody = world.app.browser();
    let mut pages = 0;
    for route in router::routes(&world.app.app) {
        let is_elsewhere = match route.access {
            Access::Anyone | Access::SignedIn | Access::Operator => true,
            Access::Member(_) | Access::Object { .. } => false,
        };
        if is_elsewhere && route.method == "GET" && !route.path.contains('{') {
            for person in [&nobody, &house.owner] {
                pages += usize::from(is_page(person, route.path).await);
            }
        }
    }
    assert!(pages >= 15, "{pages} pages outside organizations");
}

#[tokio::test]
async fn a_form_has_the_main_heading_on_its_page_and_another_above_a_list() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let path = "/orgs/acme/clients";
    let page = ada.get(&format!("{path}/new")).await.expect(200);
    assert_eq!((page.text("h1"), page.count("h2")), ("New client".to_owned(), 0));
    let part = ada.htmx_get(&format!("{path}/new")).await.expect(200);
    assert_eq!((part.text("h2"), part.count("h1")), ("New client".to_owned(), 0));
    // Sent again with an error, the form alone is replaced, and its heading stays where it is.
    let refused = ada.htmx_post(path, &[("name", "")]).await.expect(422);
    assert_eq!((refused.count("form"), refused.count("h1, h2")), (1, 0), "{}", refused.body);
    let refused = ada.post(path, &[("name", "")]).await.expect(422);
    assert_eq!((refused.text("h1"), refused.count("h2")), ("New client".to_owned(), 0));
}
