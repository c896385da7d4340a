//! What is sent twice is done once.

use futures_util::future::join_all;
use time::Duration;

use super::{fields, filled, in_order, post, with_token};
use crate::support::world::World;
use crate::support::{PASSWORD, TestApp, email_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_form_sent_again_and_again_does_what_it_does_once() {
    let world = World::new().await;
    let owner = &world.acme.owner;
    let count = "select count(*) from audit_log";
    let routes = world.routes();
    let mut done = 0;
    for call in in_order(&world) {
        let is_once =
            routes.iter().any(|r| r.method == "POST" && r.path == call.route && r.is_once);
        let form: Vec<(&str, &str)> = call.form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let sent = with_token(owner, &[&form[..], &[("once", "0123456789abcdef")]].concat()).await;
        if !is_once {
            post(owner, &call.path, &sent).await;
            continue;
        }
        world.app.work().await;
        let before = world.app.database.number(count).await;
        let answers = join_all((0..4).map(|_| post(owner, &call.path, &sent))).await;
        let again = post(owner, &call.path, &sent).await.expect(303).location();
        for answer in answers {
            let to = answer.expect(303).location();
            let same = |path: &Option<String>| {
                path.as_deref().map(|p| p.split('#').next().unwrap().to_owned())
            };
            assert_eq!(same(&to), same(&again), "{}", call.route);
        }
        world.app.work().await;
        let after = world.app.database.number(count).await;
        assert_eq!(after - before, 1, "{}", call.route);
        done += 1;
    }
    assert!(done >= 10, "{done} routes");
    world.app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_organization_is_started_once_and_another_name_in_the_same_form_starts_another() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let page = ada.get("/orgs/new").await.expect(200);
    let count = "select count(*) from organizations";
    for (name, expected) in [("Second", 2), ("Third", 3)] {
        let form = filled(fields(&page, "/orgs"), &[("name", name)]);
        let answers = join_all((0..4).map(|_| post(&ada, "/orgs", &form))).await;
        for answer in answers {
            answer.expect_redirect(&format!("/orgs/{}", name.to_lowercase()));
        }
        assert_eq!(app.database.number(count).await, expected);
    }
    app.work().await;
    app.advance(Duration::days(3));
    tenantry::workers::tidy(&app.app).await;
    assert_eq!(app.database.number("select count(*) from sent_forms").await, 0);
}

#[tokio::test]
async fn a_sign_up_that_is_sent_twice_makes_one_account_and_both_browsers_are_in() {
    let app = TestApp::spawn().await;
    let browser = app.browser();
    let page = browser.get("/signup").await.expect(200);
    let values = [
        ("name", "Ada Lovelace"),
        ("email", &*email_of("Ada Lovelace")),
        ("password", PASSWORD),
        ("organization", "Acme"),
    ];
    let form = filled(fields(&page, "/signup"), &values);
    assert!(form.iter().any(|(name, _)| name == "once"), "{form:?}");
    let send = || post(&browser, "/signup", &form);
    for answer in join_all([send(), send()]).await {
        answer.expect_redirect("/orgs/acme");
        browser.get("/orgs/acme").await.expect(200);
    }
    app.work().await;
    assert_eq!(app.database.number("select count(*) from users").await, 1);
    assert_eq!(app.database.number("select count(*) from organizations").await, 1);
    let mails = app.mail.delivered_to(&email_of("Ada Lovelace"));
    assert!(mails.iter().all(|mail| !mail.subject.contains("already")), "{mails:?}");
}
