//! Joining: with an account, as somebody new, with an invitation besides, and many at once.

use futures_util::future::join_all;
use tenantry::platform::config::SignUp;

use super::{PAGE, acme, make};
use crate::support::{PASSWORD, TestApp, email_of};

#[tokio::test]
async fn somebody_with_an_account_joins_with_one_press_and_the_maker_is_told() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[("role", "viewer"), ("max_uses", "2")]).await;
    let bo = app.founder("Bo Both", "Other").await;
    for _ in 0..3 {
        let page = bo.get(&link).await.expect(200);
        assert_eq!(page.text("h1"), "Join Acme");
        let lead = page.text(".lead");
        assert!(lead.contains("Ada Lovelace invites you to join as a viewer"), "{lead}");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.texts("main form button"), ["Join"]);
    }
    assert_eq!(app.database.number("select uses from join_links").await, 0);
    let page = bo.submit(&link, &[]).await.expect(200);
    assert_eq!(page.path, "/orgs/acme");
    assert!(page.text(".toast").contains("Welcome to Acme. Your role is Viewer."));
    let mail = app.last_mail(&email_of("Ada Lovelace")).await;
    assert_eq!(mail.subject, "Bo Both joined Acme");
    assert!(mail.text.contains("used your join link"), "{}", mail.text);
    assert_eq!(ada.get(PAGE).await.texts("#current dd")[2], "1 of 2, 1 left");
    let entry = ada.get("/orgs/acme/audit?action=join_link.used").await.text("tbody tr");
    assert!(entry.contains("Bo Both"), "{entry}");
    assert!(entry.contains("joined with the join link for the role Viewer"), "{entry}");
    // Again is no second time.
    let page = bo.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "You're already a member");
    assert_eq!(page.attribute("main a.btn", "href"), "/orgs/acme");
    bo.post(&link, &[]).await.expect_redirect("/orgs/acme");
    assert_eq!(app.database.number("select uses from join_links").await, 1);
}

#[tokio::test]
async fn somebody_who_is_signed_out_signs_in_and_comes_back() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[]).await;
    app.founder("Bo Both", "Other").await;
    let browser = app.browser();
    let page = browser.get(&link).await.expect(200);
    let (login, here) = (page.attribute("a.btn-primary", "href"), page.path.clone());
    assert_eq!(page.text("a.btn-primary"), "Sign in");
    assert!(browser.post(&link, &[]).await.location().unwrap().starts_with("/login"));
    let form = browser.get(&login).await.expect(200);
    let next = form.attribute("input[name=next]", "value");
    assert_eq!(next, here);
    let email = email_of("Bo Both");
    let fields = [("email", email.as_str()), ("password", PASSWORD), ("next", &next)];
    let page = browser.submit("/login", &fields).await.expect(200);
    assert_eq!(
        (page.path.clone(), page.texts("main form button")),
        (here.clone(), vec!["Join".to_owned()])
    );
    browser.post(&here, &[]).await.expect_redirect("/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn somebody_new_signs_up_confirms_their_address_and_comes_back() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[("domains", "example.test")]).await;
    let browser = app.browser();
    let page = browser.get(&link).await.expect(200);
    assert!(page.text(".lead").contains("an email address at example.test"), "{}", page.body);
    // From the page to sign in, too.
    let login = browser.get(&page.attribute("a.btn-primary", "href")).await.expect(200);
    let signup = login.attribute(".auth-foot a[href^='/signup']", "href");
    assert_eq!(signup, page.attribute("a.btn[href^='/signup']", "href"));
    let form = browser.get(&signup).await.expect(200);
    assert_eq!(form.count("#organization"), 0, "nobody founds anything to join another");
    assert_eq!(form.attribute(".auth-foot a", "href"), page.attribute("a.btn-primary", "href"));
    let next = form.attribute("input[name=next]", "value");
    assert_eq!(next, page.path);
    let email = email_of("Nia New");
    let mut fields =
        vec![("name", "Nia New"), ("email", &email), ("password", "short"), ("next", &next)];
    let refused = browser.post("/signup", &fields).await.expect(422);
    assert_eq!(refused.attribute("input[name=next]", "value"), next);
    fields[2] = ("password", PASSWORD);
    let page = browser.submit("/signup", &fields).await.expect(200);
    assert_eq!(
        (page.path.as_str(), page.text("h1").as_str()),
        (&*next, "Confirm your email address first")
    );
    browser.post(&link, &[]).await.expect(403);
    assert_eq!(app.database.number("select uses from join_links").await, 0);
    assert_eq!(page.attribute("main form", "action"), "/account/verify");
    browser.post("/account/verify", &[]).await.expect(303);
    let verify = app.last_mail(&email).await.link("/verify/");
    let page = browser.submit(&verify, &[]).await.expect(200);
    assert_eq!((page.path.as_str(), page.text("h1").as_str()), (&*next, "Join Acme"));
    browser.post(&link, &[]).await.expect_redirect("/orgs/acme");
    app.work().await;
    assert_eq!(app.database.number("select count(*) from organizations").await, 1);
}

#[tokio::test]
async fn where_addresses_are_confirmed_first_the_way_leads_back_too() {
    let app = TestApp::spawn_with(|config| config.with_sign_up(SignUp::Confirm)).await;
    let ada = app.browser();
    let email = email_of("Ada Lovelace");
    let fields = [("name", "Ada Lovelace"), ("email", &*email), ("organization", "Acme")];
    ada.post("/signup", &fields).await.expect(303);
    let finish = app.last_mail(&email).await.link("/signup/");
    ada.post(&finish, &[("password", PASSWORD)]).await.expect_redirect("/orgs/acme");
    let link = make(&ada, &[]).await;
    let browser = app.browser();
    let page = browser.get(&link).await.expect(200);
    let form = browser.get(&page.attribute("a.btn[href^='/signup']", "href")).await.expect(200);
    let next = form.attribute("input[name=next]", "value");
    let email = email_of("Nia New");
    let fields = [("name", "Nia New"), ("email", &*email), ("next", &next)];
    browser.post("/signup", &fields).await.expect_redirect("/login");
    let finish = app.last_mail(&email).await.link("/signup/");
    browser.post(&finish, &[("password", PASSWORD)]).await.expect_redirect(&page.path);
    browser.post(&page.path, &[]).await.expect_redirect("/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn only_the_page_of_a_link_is_gone_on_with_after_signing_up() {
    let (app, _ada) = acme().await;
    for next in ["//evil.test/join/link/ab", "/orgs/acme", "/join/link/", "/join/link/../../logout"]
    {
        let page = app.browser().get(&format!("/signup?next={next}")).await.expect(200);
        assert_eq!((page.count("input[name=next]"), page.count("#organization")), (0, 1), "{next}");
    }
    let fields = [
        ("name", "Nia New"),
        ("email", "nia@example.test"),
        ("password", PASSWORD),
        ("organization", "Nia"),
        ("next", "/account"),
    ];
    app.browser().post("/signup", &fields).await.expect_redirect("/orgs/nia");
    app.work().await;
}

#[tokio::test]
async fn an_invitation_for_the_same_address_is_closed_and_a_higher_role_counts() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[("role", "viewer")]).await;
    for (name, invited, given) in
        [("Bo Both", "admin", "Admin"), ("Cy Both", "viewer", "Viewer"), ("Di Both", "", "Viewer")]
    {
        let person = app.founder(name, name).await;
        if !invited.is_empty() {
            app.invite(&ada, "acme", &email_of(name), invited).await;
        }
        let page = person.submit(&link, &[]).await.expect(200);
        assert!(page.text(".toast").contains(&format!("Your role is {given}.")), "{}", page.body);
        app.work().await;
    }
    let statuses = app.database.texts("select distinct status from invitations").await;
    assert_eq!(statuses, ["accepted"]);
    let accepted = ada.get("/orgs/acme/audit?action=member.joined").await.texts("tbody tr");
    assert_eq!(accepted.len(), 2, "{accepted:?}");
    assert_eq!(app.database.number("select uses from join_links").await, 3);
}

#[tokio::test]
async fn who_has_to_add_two_factor_authentication_is_led_there_after_joining() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[]).await;
    let required = "update organizations set requires_factor = true where slug = 'acme'";
    let bo = app.founder("Bo Both", "Other").await;
    app.database.execute(required).await.unwrap();
    let page = bo.submit(&link, &[]).await.expect(200);
    assert!(page.path.starts_with("/account/security"), "{}", page.path);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_people_at_once_as_many_join_as_the_link_allows() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[("max_uses", "7")]).await;
    for name in ["One First", "Two First"] {
        app.founder(name, name).await.post(&link, &[]).await.expect_redirect("/orgs/acme");
    }
    let mut people = Vec::new();
    for number in 0..20 {
        let person = app.founder(&format!("Pat {number}"), &format!("Pat {number}")).await;
        let page = person.get(&link).await.expect(200).path;
        people.push((person, page));
    }
    let answers = join_all(people.iter().map(|(person, page)| person.post(page, &[]))).await;
    let joined = answers.iter().filter(|answer| answer.status == 303).count();
    let late = answers.iter().filter(|answer| answer.status == 410).count();
    assert_eq!((joined, late), (5, 15));
    let over = answers.iter().find(|answer| answer.status == 410).unwrap();
    assert_eq!(over.text("h1"), "This link has been used up");
    let members =
        "select count(*) from memberships m join organizations o on o.id = m.organization_id
        where o.slug = 'acme'";
    assert_eq!(app.database.number(members).await, 8);
    assert_eq!(app.database.number("select uses from join_links").await, 7);
    app.work().await;
    let mails = app.mail.delivered_to(&email_of("Ada Lovelace"));
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("joined Acme")).count(), 7);
    let page = ada.get(PAGE).await.expect(200);
    assert!(page.text("#ended").contains("used 7 times"), "{}", page.body);
}
