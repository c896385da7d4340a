//! How pages look to a person: with the account, in every browser, on every page.

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

const PATH: &str = "/account/preferences";

/// How a page looks: its theme, its density, and what the browser is told before the styles come.
fn look(page: &Answer) -> (String, String, String, usize) {
    (
        page.attribute("html", "data-theme"),
        page.attribute("html", "data-density"),
        page.attribute("meta[name=color-scheme]", "content"),
        page.count("meta[name=theme-color]"),
    )
}

fn usual() -> (String, String, String, usize) {
    ("system".into(), "comfortable".into(), "light dark".into(), 2)
}

fn dark() -> (String, String, String, usize) {
    ("dark".into(), "compact".into(), "dark".into(), 1)
}

async fn choose(browser: &Browser, theme: &str, density: &str) {
    let fields = [("theme", theme), ("density", density)];
    browser.post(PATH, &fields).await.expect_redirect(PATH);
}

#[tokio::test]
async fn what_is_chosen_is_saved_with_the_account_and_found_in_every_browser() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let page = ada.get(PATH).await.expect(200);
    assert_eq!(look(&page), usual());
    assert_eq!(page.text(".tab[aria-current]"), "Preferences");
    assert_eq!(page.attribute("[name=theme][checked]", "value"), "system");
    assert_eq!(page.attribute("[name=density][checked]", "value"), "comfortable");
    choose(&ada, "dark", "compact").await;
    let other = app.sign_in("Ada Lovelace").await;
    for browser in [&ada, &other] {
        for path in [PATH, "/account", "/orgs", "/orgs/acme", "/orgs/acme/members", "/orgs/new"] {
            let page = browser.get(path).await.expect(200);
            assert_eq!(look(&page), dark(), "{path}");
            assert_eq!(page.text(".menu-choice [aria-pressed=true]"), "Dark", "{path}");
        }
    }
    let page = other.get(PATH).await.expect(200);
    assert_eq!(page.attribute("[name=theme][checked]", "value"), "dark");
    assert_eq!(page.attribute("[name=density][checked]", "value"), "compact");
    assert_eq!(page.attribute("meta[name=theme-color]", "content"), "#0e1011");
    choose(&other, "light", "comfortable").await;
    let page = ada.get("/orgs/acme").await.expect(200);
    assert_eq!(page.attribute("html", "data-theme"), "light");
    assert_eq!(page.attribute("meta[name=theme-color]", "content"), "#f1efeb");
    for (theme, density, field) in
        [("night", "compact", "theme"), ("dark", "dense", "density"), ("", "", "theme")]
    {
        let fields = [("theme", theme), ("density", density)];
        let page = ada.post(PATH, &fields).await.expect(422);
        assert!(page.count(&format!("#{field}-error")) == 1, "{theme} {density}");
        assert_eq!(page.attribute("[name=theme][checked]", "value"), "light");
    }
}

#[tokio::test]
async fn pages_for_nobody_look_as_in_the_browser_that_was_signed_in_last() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.founder("Bo Both", "Other").await;
    choose(&ada, "dark", "compact").await;
    // Errors, too, inside the frame and without it.
    for (path, status) in [("/orgs/other", 404), ("/nowhere", 404), ("/password/reset", 410)] {
        assert_eq!(look(&ada.get(path).await.expect(status)), dark(), "{path}");
    }
    ada.post("/account", &[("name", "a"), ("surprise", "1")]).await.expect(400);
    let page = ada.submit("/logout", &[]).await.expect(200);
    assert_eq!((page.path.as_str(), look(&page)), ("/login", dark()));
    let refused = ada.post("/login", &[("email", "x@example.test"), ("password", "wrong")]).await;
    assert_eq!(look(&refused.expect(422)), dark());
    for (path, status) in [("/signup", 200), ("/password/forgot", 200), ("/nowhere", 404)] {
        assert_eq!(look(&ada.get(path).await.expect(status)), dark(), "{path}");
    }
    assert_eq!(look(&app.browser().get("/login").await.expect(200)), usual());
    assert_eq!(look(&bo.get("/orgs/other").await.expect(200)), usual());
    // Whoever signs in next sees their own, and leaves that behind.
    let email = email_of("Bo Both");
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    let page = ada.submit("/login", &fields).await.expect(200);
    assert_eq!(look(&page), usual());
    let page = ada.submit("/logout", &[]).await.expect(200);
    assert_eq!(look(&page), usual());
    app.work().await;
}

#[tokio::test]
async fn the_menu_of_every_page_changes_the_theme_and_leads_back_to_the_page() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    choose(&ada, "system", "compact").await;
    let switch = format!("{PATH}/theme");
    let members = format!("{}/orgs/acme/members?q=ada", app.origin);
    let send = async |referer: &str, theme: &str| {
        let request = ada.request("POST", &switch).form(&[("theme", theme)]);
        let request = match referer {
            "" => request,
            referer => request.header("referer", referer),
        };
        ada.send(request).await
    };
    send(&members, "dark").await.expect_redirect("/orgs/acme/members?q=ada");
    assert_eq!(look(&ada.get("/orgs/acme").await), dark(), "the density stays");
    send("", "light").await.expect_redirect(PATH);
    send("https://evil.test/orgs/acme", "light").await.expect_redirect(PATH);
    // What only takes forms is no page to lead back to.
    send(&format!("{}/orgs/acme/owners", app.origin), "light").await.expect_redirect("/");
    assert_eq!(ada.get("/orgs").await.attribute("html", "data-theme"), "light");
    send(&members, "night").await.expect(422);
    app.browser().post(&switch, &[("theme", "dark")]).await.expect(403);
}

#[tokio::test]
async fn a_look_costs_no_statement_and_a_cookie_of_nonsense_is_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    ada.get("/orgs/acme/settings").await.expect(200);
    app.work().await;
    let (before, _) = app.statements(ada.get("/orgs/acme/settings")).await;
    choose(&ada, "dark", "compact").await;
    app.work().await;
    let (after, page) = app.statements(ada.get("/orgs/acme/settings")).await;
    assert_eq!((before, look(&page)), (after, dark()));
    let name = app.cookie("look");
    let mut set = page.headers.get_all("set-cookie").iter();
    assert!(set.all(|set| !set.to_str().unwrap().starts_with(&name)), "the browser knows it");
    for nonsense in ["dark", "dark.compact", "\"><script>.compact.on", "dark.compact.x"] {
        let browser = app.browser();
        let request =
            browser.request("GET", "/login").header("cookie", format!("{name}{nonsense}"));
        assert_eq!(look(&browser.send(request).await.expect(200)), usual(), "{nonsense}");
    }
    let browser = app.browser();
    let request =
        browser.request("GET", "/login").header("cookie", format!("{name}dark.compact.on"));
    assert_eq!(look(&browser.send(request).await.expect(200)), dark());
}
