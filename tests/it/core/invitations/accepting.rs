//! Accepting: as somebody new, with an account, from the switcher, and with which role.

use super::{NEW, acme};
use crate::support::{PASSWORD, email_of};

#[tokio::test]
async fn a_new_person_types_only_name_and_password_and_lands_in_the_organization() {
    let (app, ada) = acme().await;
    let link = app.invite(&ada, "acme", "nia.new@example.test", "member").await;
    let browser = app.browser();
    let page = browser.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "Join Acme");
    assert_eq!(page.attribute("#email", "value"), "nia.new@example.test");
    assert_eq!(page.count("#email[readonly]"), 1);
    assert_eq!(
        page.count("input[name]:not([type=hidden])"),
        2,
        "name and password are all that is asked"
    );
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let page =
        browser.post(&format!("{link}/accept"), &[("name", "Nia"), ("password", "short")]).await;
    let page = page.expect(422);
    assert!(page.text("#password-error").contains("at least 12"));
    assert_eq!(page.attribute("#name", "value"), "Nia");
    let page = browser.submit(&format!("{link}/accept"), &NEW).await.expect(200);
    assert_eq!(page.path, "/orgs/acme");
    assert!(page.text(".toast").contains("Your role is Member."));
    let mail = app.last_mail(&email_of("Ada Lovelace")).await;
    assert!(mail.text.contains("Nia New") && mail.text.contains("Acme"), "{}", mail.text);
    // The token confirmed the address.
    assert!(browser.get("/account").await.text(".badge").contains("Confirmed"));
    let page = ada.get("/orgs/acme/members").await;
    assert_eq!(page.count("tbody tr"), 2);
    assert!(!page.body.contains("Email sent"));
}

#[tokio::test]
async fn somebody_with_an_account_signs_in_first_and_comes_back() {
    let (app, ada) = acme().await;
    app.founder("Bo Both", "Other").await;
    let link = app.invite(&ada, "acme", "bo.both@example.test", "viewer").await;
    let browser = app.browser();
    let page = browser.get(&link).await.expect(200);
    assert!(page.text(".lead").contains("Sign in to your account"));
    let login = page.attribute("a.btn-primary", "href");
    let form = browser.get(&login).await.expect(200);
    assert_eq!(form.attribute("#email", "value"), "bo.both@example.test");
    let next = form.attribute("input[name=next]", "value");
    assert!(next.starts_with("/invitations/link/"), "{next}");
    let fields = [("email", "bo.both@example.test"), ("password", PASSWORD), ("next", &next)];
    let page = browser.submit("/login", &fields).await.expect(200);
    assert!(page.text(".lead").contains("You're signed in as bo.both@example.test"));
    let page = browser.submit(&format!("{link}/accept"), &[]).await.expect(200);
    assert_eq!(page.path, "/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn accepting_never_lowers_a_role() {
    let (app, ada) = acme().await;
    app.founder("Bo Both", "Other").await;
    let link = app.invite(&ada, "acme", "bo.both@example.test", "viewer").await;
    // Meanwhile Bo has become an admin in another way.
    let insert = "insert into memberships (organization_id, id, user_id, role, created_at)
        select o.id, u.id, u.id, 'admin', o.created_at from organizations o, users u
        where o.slug = 'acme' and u.email = 'bo.both@example.test'";
    app.database.execute(insert).await.unwrap();
    let bo = app.sign_in("Bo Both").await;
    bo.post(&format!("{link}/accept"), &[]).await.expect_redirect("/orgs/acme");
    let roles = app.database.texts("select role from memberships where role = 'viewer'").await;
    assert!(roles.is_empty());
    app.database.execute("update invitations set status = 'revoked'").await.unwrap();
}

#[tokio::test]
async fn an_invitation_is_checked_again_against_what_its_sender_may_grant_now() {
    let (app, ada) = acme().await;
    let bo = app.member(&ada, "acme", "Bo Admin", "admin").await;
    let link = app.invite(&bo, "acme", "n@example.test", "admin").await;
    let lower = app.invite(&bo, "acme", "l@example.test", "viewer").await;
    // Directly in the database, because the application would have revoked them. A member may
    // invite nobody, not even to a role below their own.
    app.database
        .execute("update memberships set role = 'member' where role = 'admin'")
        .await
        .unwrap();
    for link in [&link, &lower] {
        app.browser().post(&format!("{link}/accept"), &NEW).await.expect(410);
    }
    assert_eq!(app.database.number("select count(*) from users").await, 2, "nothing half done");
    app.database
        .execute("update memberships set role = 'admin' where role = 'member'")
        .await
        .unwrap();
    app.browser().post(&format!("{link}/accept"), &NEW).await.expect(303);
    app.work().await;
}

#[tokio::test]
async fn a_waiting_invitation_is_joined_from_the_switcher_once_the_address_is_proved() {
    let (app, ada) = acme().await;
    let bo = app.unproved_founder("Bo Both", "Other").await;
    app.invite(&ada, "acme", "bo.both@example.test", "viewer").await;
    let id = app.row_id(&ada, "acme", "bo.both@example.test").await;
    let join = format!("/invitations/waiting/{id}");
    // Anybody can sign up with any address; that alone opens nothing and reveals nothing.
    let page = bo.get("/orgs/other").await.expect(200);
    assert_eq!(page.count(".switcher .dot"), 1);
    assert!(page.text(".switcher-panel").contains("You have an invitation."));
    for path in ["/orgs/other", "/orgs", join.as_str()] {
        assert!(!bo.visit(path).await.body.contains("Acme"), "{path}");
    }
    bo.post(&join, &[]).await.expect_redirect("/account");
    bo.get("/orgs/acme").await.expect(404);
    bo.post("/account/verify", &[]).await.expect(303);
    let verify = app.last_mail("bo.both@example.test").await.link("/verify/");
    bo.post(&verify, &[]).await.expect_redirect("/");
    let page = bo.get("/orgs/other").await.expect(200);
    assert_eq!(page.text(".switcher-panel li form button"), "Join");
    assert_eq!(page.attribute(".switcher-panel li form", "action"), join);
    bo.get(&join).await.expect(200);
    ada.post(&join, &[]).await.expect(404);
    bo.post(&join, &[]).await.expect_redirect("/orgs/acme");
    app.work().await;
    assert_eq!(bo.get("/orgs/other").await.count(".switcher .dot"), 0);
    bo.post(&join, &[]).await.expect_redirect("/orgs/acme");
}
