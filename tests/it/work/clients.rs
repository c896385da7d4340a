//! Clients: the list, the form, the archive, and two people at the same time.

use crate::support::world::Fixture;
use crate::support::{Browser, TestApp};

inventory::submit!(Fixture {
    place: 10,
    in_project: false,
    make: |house| {
        Box::pin(async {
            let name = format!("{} client", house.word);
            house.make("clients", "/clients", &[("name", &name)]).await;
        })
    },
    forms: &[
        ("/orgs/{slug}/clients", &[("name", "Another client")]),
        ("/orgs/{slug}/clients/{id}/edit", &[("name", "Changed client"), ("version", "1")]),
    ],
    lives: &["/orgs/{slug}/clients/{id}"],
});

/// Acme with an owner, a member and a viewer.
async fn acme() -> (TestApp, Browser, Browser, Browser) {
    let app = TestApp::spawn().await;
    let owner = app.founder("Olga Owner", "Acme").await;
    let member = app.member(&owner, "acme", "Mia Member", "member").await;
    let viewer = app.member(&owner, "acme", "Vera Viewer", "viewer").await;
    (app, owner, member, viewer)
}

/// Creates a client, and returns its path.
async fn create(browser: &Browser, name: &str) -> String {
    let answer = browser.post("/orgs/acme/clients", &[("name", name)]).await.expect(303);
    answer.location().unwrap()
}

#[tokio::test]
async fn a_client_is_created_shown_and_changed() {
    let (_app, owner, member, viewer) = acme().await;
    let page = owner.get("/orgs/acme/clients").await.expect(200);
    assert_eq!(page.text(".empty h2"), "No clients yet");
    let fields = [
        ("name", "Harbour & Sons"),
        ("contact", "Nora Quay"),
        ("email", "Nora@Harbour.example"),
        ("phone", "+49 40 1234"),
        ("notes", "Calls on <b>Fridays</b>\r\nonly, see www.example.com"),
    ];
    let page = member.submit("/orgs/acme/clients", &fields).await.expect(200);
    assert_eq!(page.text("h1"), "Harbour & Sons");
    assert!(page.body.contains("Calls on &lt;b&gt;Fridays&lt;/b&gt;<br>"), "{}", page.body);
    assert_eq!(page.attributes(".written a", "href"), ["http://www.example.com"]);
    assert!(page.text(".facts").contains("nora@harbour.example"));
    let page = viewer.get("/orgs/acme/clients?q=QUAY").await.expect(200);
    assert_eq!(page.texts("tbody th a"), ["Harbour & Sons"]);
    let path =
        format!("/orgs/acme/clients/{}", page.attribute("tbody tr", "id").replace("client-", ""));
    let form = owner.get(&format!("{path}/edit")).await.expect(200);
    assert_eq!(form.attribute("input[name=contact]", "value"), "Nora Quay");
    let version = form.attribute("input[name=version]", "value");
    let fields = [("name", "Harbour"), ("version", version.as_str())];
    let page = owner.submit(&format!("{path}/edit"), &fields).await.expect(200);
    assert_eq!(
        (page.text("h1"), page.text(".toast p")),
        ("Harbour".into(), "Client saved.".into())
    );
}

#[tokio::test]
async fn errors_are_shown_at_their_field_and_nothing_typed_is_lost() {
    let (_app, owner, ..) = acme().await;
    create(&owner, "Harbour").await;
    let fields = [("name", " "), ("email", "not an address"), ("notes", "keep me")];
    let page = owner.post("/orgs/acme/clients", &fields).await.expect(422);
    assert!(page.text("#name-error").contains("Enter the client's name."));
    assert!(!page.text("#email-error").is_empty());
    assert_eq!(page.text("textarea[name=notes]"), "keep me");
    // The name is unique in the organization, regardless of case.
    let page = owner.post("/orgs/acme/clients", &[("name", "HARBOUR")]).await.expect(422);
    assert_eq!(page.text("#name-error"), "Another client has this name.");
    let part = owner.htmx_post("/orgs/acme/clients", &[("name", "")]).await.expect(422);
    assert!(part.body.trim_start().starts_with("<form"), "{}", part.body);
    owner.post("/orgs/acme/clients", &[("name", "x"), ("colour", "red")]).await.expect(400);
}

#[tokio::test]
async fn pages_of_clients_follow_each_other_and_filters_are_kept() {
    let (app, owner, ..) = acme().await;
    for number in 0..55 {
        create(&owner, &format!("Client {number:02}")).await;
        app.advance(time::Duration::seconds(1));
    }
    for sort in ["name", "changed"] {
        let first =
            owner.get(&format!("/orgs/acme/clients?sort={sort}&q=client")).await.expect(200);
        assert_eq!(first.text(".pager-text"), "1–50 of 55");
        let next = first.attribute("a[rel=next]", "href");
        assert!(next.contains("q=client"), "{next}");
        let second = owner.get(&next).await.expect(200);
        assert_eq!(second.text(".pager-text"), "51–55 of 55");
        let back = owner.get(&second.attribute("a[rel=prev]", "href")).await.expect(200);
        assert_eq!(back.text(".pager-text"), "1–50 of 55");
        assert_eq!(back.texts("tbody th a"), first.texts("tbody th a"), "{sort}");
    }
    owner.get("/orgs/acme/clients?after=nonsense").await.expect(400);
}

#[tokio::test]
async fn a_filter_is_saved_for_its_person_alone() {
    let (_app, owner, member, _) = acme().await;
    let fields = [("list", "clients"), ("name", "Old ones"), ("query", "?state=archived&after=x")];
    owner
        .post("/orgs/acme/filters", &fields)
        .await
        .expect_redirect("/orgs/acme/clients?state=archived");
    let page = owner.get("/orgs/acme/clients").await.expect(200);
    assert_eq!(page.attribute(".chip a", "href"), "/orgs/acme/clients?state=archived");
    let delete = page.attribute(".chip form", "action");
    assert_eq!(member.get("/orgs/acme/clients").await.count(".chip"), 0);
    member.post(&delete, &[]).await.expect(404);
    owner.post("/orgs/acme/filters", &fields).await.expect(409);
    owner.post("/orgs/acme/filters", &[("list", "moons"), ("name", "x")]).await.expect(422);
    owner.post("/orgs/acme/filters", &[("list", "clients")]).await.expect(422);
    owner.post(&delete, &[]).await.expect(303);
    assert_eq!(owner.get("/orgs/acme/clients").await.count(".chip"), 0);
}
