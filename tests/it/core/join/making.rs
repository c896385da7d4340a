//! Who makes a link, what it may allow, and what its page shows.

use time::Duration;

use super::{PAGE, acme, make, path_on, turn_off};
use crate::support::TestApp;

#[tokio::test]
async fn there_is_no_link_until_somebody_makes_one() {
    let (app, ada) = acme().await;
    let members = ada.get("/orgs/acme/members").await.expect(200);
    assert_eq!(members.text(".page-actions a[href$='/join-link']"), "Join link");
    let page = ada.get(PAGE).await.expect(200);
    assert_eq!((page.text("h1"), page.count("#current")), ("Join link".to_owned(), 0));
    assert_eq!(page.attributes("input[name=role]", "value"), ["member", "viewer"]);
    assert_eq!(page.attribute("input[name=role][checked]", "value"), "member");
    assert_eq!(page.text("#lifetime option[selected]"), "7 days");
    ada.get(&format!("{PAGE}/qr")).await.expect(404);
    assert_eq!(app.database.number("select count(*) from join_links").await, 0);

    let path = make(&ada, &[("max_uses", "10"), ("domains", "Example.test; @b.test")]).await;
    let page = ada.get(PAGE).await.expect(200);
    let facts = page.texts("#current dd");
    assert_eq!(facts[..4], ["Member", "example.test, b.test", "0 of 10, 10 left", "Ada Lovelace"]);
    assert_eq!(page.count("button[data-copy='#link']"), 1);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(path_on(&page), path, "it is shown again");
    // What is made next begins with what this one allows.
    assert_eq!(page.attribute("#domains", "value"), "example.test, b.test");
    let picture = ada.get(&page.attribute("img.qr", "src")).await.expect(200);
    assert_eq!(picture.header("content-type"), "image/svg+xml; charset=utf-8");
    assert_eq!(picture.header("cache-control"), "no-store");
    let log = ada.get("/orgs/acme/audit?kind=join_link").await.expect(200);
    let entry = log.text("tbody tr");
    assert!(entry.contains("created a join link for the role Member"), "{entry}");
    assert!(entry.contains("example.test, b.test"), "{entry}");
    turn_off(&ada).await;
    let entry = ada.get("/orgs/acme/audit?action=join_link.turned_off").await.text("tbody tr");
    assert!(entry.contains("turned off the join link for the role Member"), "{entry}");
}

#[tokio::test]
async fn what_is_typed_wrong_comes_back_with_a_word_at_its_field() {
    let (app, ada) = acme().await;
    for (field, value) in [
        ("domains", "somewhere"),
        ("domains", "ada@example.test"),
        ("domains", ","),
        ("max_uses", "0"),
        ("max_uses", "10001"),
        ("max_uses", "a few"),
        ("lifetime", "2"),
        ("lifetime", ""),
        ("role", "admin"),
        ("role", "owner"),
        ("role", "king"),
        ("role", ""),
    ] {
        let mut fields =
            vec![("role", "member"), ("domains", ""), ("max_uses", ""), ("lifetime", "1")];
        fields.retain(|(known, _)| *known != field);
        fields.push((field, value));
        let page = ada.post(PAGE, &fields).await.expect(422);
        assert!(!page.text(&format!("#{field}-error")).is_empty(), "{field} {value}");
        if ["domains", "max_uses"].contains(&field) {
            assert_eq!(page.attribute(&format!("#{field}"), "value"), value);
        }
    }
    assert_eq!(app.database.number("select count(*) from join_links").await, 0);
}

#[tokio::test]
async fn only_those_who_may_invite_see_and_make_a_link() {
    let (app, ada) = acme().await;
    make(&ada, &[]).await;
    let bo = app.member(&ada, "acme", "Bo Member", "member").await;
    for path in [PAGE, "/orgs/acme/join-link/qr"] {
        bo.get(path).await.expect(403);
    }
    assert_eq!(bo.get("/orgs/acme/members").await.count("a[href$='/join-link']"), 0);
    bo.post(PAGE, &[("role", "viewer"), ("lifetime", "7")]).await.expect(403);
    let cy = app.member(&ada, "acme", "Cy Admin", "admin").await;
    assert_eq!(cy.get(PAGE).await.expect(200).texts("#current dd")[3], "Ada Lovelace");
    turn_off(&cy).await;
    assert_eq!(ada.get(PAGE).await.count("#current, #ended"), 0);
}

#[tokio::test]
async fn who_has_not_confirmed_their_address_makes_none() {
    let app = TestApp::spawn().await;
    let una = app.unproved_founder("Una", "Acme").await;
    let page = una.get(PAGE).await.expect(200);
    assert!(page.text(".notice").contains("Confirm your email address"));
    let page = una.post(PAGE, &[("role", "member"), ("lifetime", "7")]).await.expect(422);
    assert!(page.text(".form-error").contains("Confirm your email address"));
}

#[tokio::test]
async fn somebody_below_the_role_of_a_link_neither_sees_nor_ends_it() {
    let (app, ada) = acme().await;
    make(&ada, &[]).await;
    // A role of the organization's own, that may invite people to roles below a member's.
    let role = "insert into roles (organization_id, key, name, description, rank, permissions)
        select organization_id, 'host', 'Host', '', 15, 'members.view members.invite' from roles
        where key = 'viewer'";
    app.database.execute(role).await.unwrap();
    let host = app.member(&ada, "acme", "Hal Host", "host").await;
    let page = host.get(PAGE).await.expect(200);
    assert_eq!(page.count("#link, img.qr"), 0);
    assert!(page.text("#current").contains("This role is above yours."), "{}", page.body);
    host.get(&format!("{PAGE}/qr")).await.expect(404);
    assert_eq!(page.attributes("input[name=role]", "value"), ["viewer"]);
    let action = page.attribute("#current form", "action");
    host.post(&action, &[]).await.expect(403);
    host.post(PAGE, &[("role", "viewer"), ("lifetime", "1")]).await.expect(403);
    host.post(PAGE, &[("role", "member"), ("lifetime", "1")]).await.expect(422);
    turn_off(&ada).await;
    make(&host, &[("role", "viewer")]).await;
}

#[tokio::test]
async fn an_organization_makes_at_most_fifty_links_a_day() {
    let (app, ada) = acme().await;
    for _ in 0..50 {
        ada.post(PAGE, &[("role", "viewer"), ("lifetime", "1")]).await.expect(303);
    }
    ada.post(PAGE, &[("role", "viewer"), ("lifetime", "1")]).await.expect(429);
    let open = "select count(*) from join_links where ended_at is null";
    assert_eq!(app.database.number(open).await, 1);
    app.advance(Duration::hours(25));
    let ada = app.sign_in("Ada Lovelace").await;
    make(&ada, &[]).await;
}
