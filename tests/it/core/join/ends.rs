//! How a link ends, and what people read who open it then or cannot use it.

use tenantry::core::operators::{self, OperatorCommand};
use time::Duration;

use super::{PAGE, acme, make, turn_off};
use crate::support::{Browser, TestApp, email_of};

/// The heading of the link's page for somebody who is signed out, after checking whom it says to ask.
async fn heading(app: &TestApp, link: &str, ask: &str) -> String {
    let page = app.browser().get(link).await.expect(410);
    assert!(page.text(".lead").contains(ask), "{ask}: {}", page.text(".lead"));
    assert_eq!(page.count("main form"), 0);
    page.text("h1")
}

#[tokio::test]
async fn each_way_a_link_ends_has_its_own_sentence() {
    let (app, ada) = acme().await;
    let bo = app.founder("Bo Both", "Other").await;
    let first = make(&ada, &[]).await;
    let second = make(&ada, &[("lifetime", "1")]).await;
    assert_eq!(heading(&app, &first, "Ask Ada Lovelace").await, "There's a newer link");
    assert_eq!(app.browser().get(&second).await.expect(200).text("h1"), "Join Acme");
    turn_off(&ada).await;
    assert_eq!(heading(&app, &second, "Ask Ada Lovelace").await, "This link was turned off");
    bo.post(&second, &[]).await.expect(410);

    let third = make(&ada, &[("lifetime", "1"), ("max_uses", "1")]).await;
    let page = bo.get(&third).await.expect(200).path;
    app.founder("Cy", "Cyan").await.post(&third, &[]).await.expect_redirect("/orgs/acme");
    assert_eq!(heading(&app, &third, "Ask Ada Lovelace").await, "This link has been used up");
    assert_eq!(bo.post(&page, &[]).await.expect(410).text("h1"), "This link has been used up");
    assert!(ada.get(PAGE).await.text("#ended").contains("used 1 time, which was its limit"));

    let fourth = make(&ada, &[("lifetime", "1")]).await;
    app.advance(Duration::hours(23));
    app.browser().get(&fourth).await.expect(200);
    app.advance(Duration::hours(1));
    assert_eq!(heading(&app, &fourth, "Ask Ada Lovelace").await, "This link has expired");
    let ada = app.sign_in("Ada Lovelace").await;
    assert!(ada.get(PAGE).await.text("#ended").contains("The last link expired on"));

    let fifth = make(&ada, &[]).await;
    let suspend = "update organizations set suspended_at = created_at where slug = 'acme'";
    app.database.execute(suspend).await.unwrap();
    assert_eq!(heading(&app, &fifth, "ask Ada Lovelace").await, "Acme is suspended");
    app.database.execute("update organizations set suspended_at = null").await.unwrap();
    app.browser().get(&fifth).await.expect(200);

    let unknown = "/join/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let page = app.browser().get(unknown).await.expect(404);
    assert!(!page.body.contains("Ada") && !page.body.contains("Acme"));
    app.browser().get("/join/x").await.expect(404);
    app.work().await;
}

#[tokio::test]
async fn an_organization_that_is_deleted_takes_its_link_along() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[]).await;
    let page = ada.get("/account/delete").await.expect(200);
    let named = page.attribute("input[name=organizations]", "value");
    let email = email_of("Ada Lovelace");
    let fields = [("email", email.as_str()), ("organizations", &named)];
    ada.post("/account/delete", &fields).await.expect_redirect("/account/deleted");
    app.work().await;
    assert_eq!(
        heading(&app, &link, "has been deleted").await,
        "This organization no longer exists"
    );
}

#[tokio::test]
async fn a_link_ends_with_its_makers_right_to_invite_and_does_not_come_back() {
    for end in ["role", "suspend", "remove", "leave"] {
        let (app, ada) = acme().await;
        let bo = app.member(&ada, "acme", "Bo Admin", "admin").await;
        let id = app.membership_id(&ada, "acme", "Bo Admin").await;
        let link = make(&bo, &[]).await;
        let asked = ada.get(&format!("/orgs/acme/members/{id}/remove")).await.expect(200);
        assert!(asked.text(".consequences").contains("The join link that Bo Admin created"));
        let act = format!("/orgs/acme/members/{id}/{end}");
        match end {
            "role" => ada.post(&act, &[("role", "member")]).await.expect(303),
            "leave" => bo.post("/orgs/acme/leave", &[]).await.expect(303),
            _ => ada.post(&act, &[]).await.expect(303),
        };
        let words = heading(&app, &link, "Ask Ada Lovelace").await;
        assert_eq!(words, "This link no longer works", "{end}");
        let cy = app.founder("Cy", "Cyan").await;
        cy.post(&link, &[]).await.expect(410);
        let why = ada.get(PAGE).await.text("#ended");
        assert!(why.contains("because Bo Admin can't invite people"), "{end}: {why}");
        // Back as an admin, Bo makes another one.
        match end {
            "role" => ada.post(&act, &[("role", "admin")]).await.expect(303),
            "suspend" => {
                let act = format!("/orgs/acme/members/{id}/reactivate");
                ada.post(&act, &[]).await.expect(303)
            }
            _ => continue,
        };
        assert_eq!(heading(&app, &link, "Ask Bo Admin").await, "This link no longer works");
        app.work().await;
    }
}

#[tokio::test]
async fn a_link_is_checked_against_what_its_maker_may_grant_now() {
    let (app, ada) = acme().await;
    let bo = app.member(&ada, "acme", "Bo Admin", "admin").await;
    let link = make(&bo, &[]).await;
    let cy = app.founder("Cy", "Cyan").await;
    let page = cy.get(&link).await.expect(200).path;
    let email = email_of("Bo Admin");
    // Directly in the database, because the application would have ended it.
    for (break_it, mend_it) in [
        (
            "update memberships set role = 'member' where role = 'admin'",
            "update memberships set role = 'admin' where role = 'member'",
        ),
        (
            &*format!("update users set suspended_at = created_at where email = '{email}'"),
            "update users set suspended_at = null",
        ),
        // A role that has become more than a member's since.
        ("update join_links set role = 'admin'", "update join_links set role = 'member'"),
    ] {
        app.database.execute(break_it).await.unwrap();
        assert_eq!(heading(&app, &link, "Ask ").await, "This link no longer works");
        let over = cy.post(&page, &[]).await.expect(410);
        assert_eq!(over.text("h1"), "This link no longer works");
        assert!(ada.get(PAGE).await.text("#ended").contains("because Bo Admin can't"));
        ada.get(&format!("{PAGE}/qr")).await.expect(404);
        app.database.execute(mend_it).await.unwrap();
    }
    cy.post(&page, &[]).await.expect_redirect("/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn an_address_at_another_domain_is_told_which_ones_can_join() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[("domains", "one.test, *.two.test")]).await;
    let bo = app.founder("Bo Both", "Other").await;
    let page = bo.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "This link is for other addresses");
    let lead = page.text(".lead");
    assert!(lead.contains("at one.test or *.two.test can join Acme"), "{lead}");
    assert!(lead.contains("bo.both@example.test") && lead.contains("ask Ada Lovelace"), "{lead}");
    bo.post(&link, &[]).await.expect(403);
    // "Use a different account" signs out, and comes back after signing in.
    let next = page.attribute("input[name=next]", "value");
    let page = bo.submit("/logout", &[("next", &next)]).await.expect(200);
    assert_eq!((page.path.clone(), page.text("h1")), (next, "Join Acme".to_owned()));
}

#[tokio::test]
async fn a_suspended_member_is_told_whom_to_ask_and_is_no_member_twice() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[]).await;
    let bo = app.member(&ada, "acme", "Bo Member", "member").await;
    let id = app.membership_id(&ada, "acme", "Bo Member").await;
    ada.post(&format!("/orgs/acme/members/{id}/suspend"), &[]).await.expect(303);
    let page = bo.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "Your membership is suspended");
    assert!(page.text(".lead").contains("Ask Ada Lovelace"), "{}", page.body);
    bo.post(&link, &[]).await.expect(403);
    assert_eq!(app.database.number("select count(*) from memberships").await, 2);
}

#[tokio::test]
async fn an_operator_on_a_visit_makes_no_link() {
    let (app, ada) = acme().await;
    let link = make(&ada, &[]).await;
    let operator: Browser = app.founder("Otto Operator", "Tools").await;
    let grant = OperatorCommand::Grant { email: email_of("Otto Operator") };
    operators::run(&app.app, &grant).await.unwrap();
    let page = operator.get("/operator/organizations?q=acme").await.expect(200);
    let id = page.attribute("tbody tr", "id").replace("organization-", "");
    let fields =
        [("reason", "Ticket 42: nothing is found"), ("minutes", "15"), ("may_write", "yes")];
    operator.post(&format!("/operator/organizations/{id}/enter"), &fields).await.expect(303);
    operator.get(PAGE).await.expect(403);
    operator.post(PAGE, &[("role", "viewer"), ("lifetime", "1")]).await.expect(403);
    // Whoever visits is not a member, and can become one.
    assert_eq!(operator.get(&link).await.expect(200).text("h1"), "Join Acme");
    app.work().await;
}
