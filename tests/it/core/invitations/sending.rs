//! Sending invitations: what becomes of each address, of its mail, and of the link to copy.

use time::Duration;

use super::{NEW, acme};
use crate::support::Mood;

#[tokio::test]
async fn every_address_gets_a_result_of_its_own() {
    let (app, ada) = acme().await;
    app.trust("Ada Lovelace").await;
    app.invite(&ada, "acme", "old@example.test", "member").await;
    let typed = "new@example.test, Old@Example.test\nnonsense; Ada <ada.lovelace@example.test>";
    let fields = [("email", typed), ("role", "viewer"), ("message", "Come and see.")];
    let page = ada.post("/orgs/acme/invitations", &fields).await.expect(200);
    let results = page.texts(".results li");
    assert_eq!(results.len(), 4, "{results:?}");
    assert!(results[0].starts_with("new@example.test") && results[0].contains("Invited"));
    assert!(results[1].contains("Already invited"));
    assert!(results[2].contains("nonsense") && results[2].contains("isn't a valid"));
    assert!(results[3].contains("Already a member"));
    let left = page.text("#email");
    assert!(
        !left.contains("new@") && left.contains("nonsense"),
        "what is left to mend stays: {left}"
    );
    let mail = app.last_mail("new@example.test").await;
    assert!(mail.text.contains("Come and see.") && mail.text.contains("Ada Lovelace"));
    assert_eq!(app.mail.delivered_to("old@example.test").len(), 1);

    let none = [("email", "nonsense"), ("role", "viewer")];
    ada.post("/orgs/acme/invitations", &none).await.expect(422);
    let page =
        ada.post("/orgs/acme/invitations", &[("email", ""), ("role", "viewer")]).await.expect(422);
    assert!(page.text("#email-error").contains("at least one"));
    let page = ada
        .post("/orgs/acme/invitations", &[("email", "x@y.test"), ("role", "")])
        .await
        .expect(422);
    assert!(page.text("#role-error").contains("Choose a role"));
    let many = (0..101).map(|n| format!("p{n}@example.test")).collect::<Vec<_>>().join(",");
    ada.post("/orgs/acme/invitations", &[("email", &many), ("role", "viewer")]).await.expect(422);
}

#[tokio::test]
async fn an_organization_sends_at_most_a_thousand_invitations_a_day() {
    let (app, ada) = acme().await;
    app.trust("Ada Lovelace").await;
    let fields = |batch: usize| {
        let addresses = (0..100).map(|n| format!("p{batch}x{n}@example.test")).collect::<Vec<_>>();
        [("email", addresses.join("\n")), ("role", "viewer".to_owned())]
    };
    let post = async |batch: usize| {
        let fields = fields(batch);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        ada.post("/orgs/acme/invitations", &fields).await
    };
    for batch in 0..10 {
        post(batch).await.expect(200);
    }
    let page = post(10).await.expect(429);
    assert_eq!(page.header("retry-after"), "3600");
    assert!(page.text("#email-error").contains("up to 1000 invitations a day"));
    assert_eq!(app.database.number("select count(*) from invitations").await, 1000);
    app.advance(Duration::hours(25));
    let ada = app.sign_in("Ada Lovelace").await;
    ada.post("/orgs/acme/invitations", &[("email", "n@example.test"), ("role", "viewer")])
        .await
        .expect(303);
    app.work().await;
}

#[tokio::test]
async fn addresses_may_come_in_fields_of_their_own() {
    let (app, ada) = acme().await;
    let fields = [("email", "a@example.test"), ("email", "b@example.test"), ("role", "viewer")];
    let page = ada.post("/orgs/acme/invitations", &fields).await.expect(200);
    assert_eq!(page.texts(".results li"), ["a@example.test Invited", "b@example.test Invited"]);
    app.work().await;
    assert_eq!(app.mail.delivered_to("b@example.test").len(), 1);
}

#[tokio::test]
async fn inviting_an_expired_address_again_renews_its_invitation() {
    let (app, ada) = acme().await;
    let old = app.invite(&ada, "acme", "e@example.test", "admin").await;
    app.advance(Duration::days(8));
    let ada = app.sign_in("Ada Lovelace").await;
    assert!(ada.get("/orgs/acme/members?show=invited").await.body.contains("Invitation expired"));
    let new = app.invite(&ada, "acme", "e@example.test", "viewer").await;
    assert_ne!(old, new);
    let page = app.browser().get(&new).await.expect(200);
    assert!(page.text(".lead").contains("as a viewer"));
    assert_eq!(app.database.number("select count(*) from invitations").await, 1);
}

#[tokio::test]
async fn the_row_shows_the_state_of_the_mail_with_the_servers_words() {
    let (app, ada) = acme().await;
    app.mail.set_mood(Mood::Refusing("550 5.1.1 no such mailbox here"));
    let fields = [("email", "gone@example.test"), ("role", "viewer")];
    ada.post("/orgs/acme/invitations", &fields).await.expect(303);
    let page = ada.get("/orgs/acme/members?q=gone").await;
    assert!(page.text("tbody tr").contains("Email queued"));
    app.work().await;
    let page = ada.get("/orgs/acme/members?q=gone").await;
    let row = page.text("tbody tr");
    assert!(row.contains("Email failed") && row.contains("no such mailbox here"), "{row}");
    app.mail.set_mood(Mood::Friendly);
    let id = app.row_id(&ada, "acme", "gone").await;
    let row = ada.htmx_post(&format!("/orgs/acme/invitations/{id}/resend"), &[]).await.expect(200);
    assert!(row.body.contains("Email queued"));
    app.work().await;
    assert!(ada.get("/orgs/acme/members?q=gone").await.text("tbody tr").contains("Email sent"));
}

#[tokio::test]
async fn somebody_who_is_invited_already_is_one_link_away() {
    let (app, ada) = acme().await;
    app.invite(&ada, "acme", "d@example.test", "member").await;
    let fields = [("email", "d@example.test"), ("role", "member")];
    let page = ada.post("/orgs/acme/invitations", &fields).await.expect(422);
    assert_eq!(page.text(".results .badge"), "Already invited");
    let page = ada.get(&page.attribute(".results a", "href")).await.expect(200);
    assert_eq!(page.count("tbody tr"), 1);
    assert!(page.text("tbody tr").contains("d@example.test"), "{}", page.body);
}

#[tokio::test]
async fn the_link_can_be_copied_and_works() {
    let (app, ada) = acme().await;
    let mailed = app.invite(&ada, "acme", "n@example.test", "viewer").await;
    let id = app.row_id(&ada, "acme", "n@example.test").await;
    let page = ada.get(&format!("/orgs/acme/invitations/{id}/link")).await.expect(200);
    let url = page.attribute("#link", "value");
    assert!(url.starts_with(&format!("{}/invitations/", app.origin)));
    assert_ne!(url, format!("{}{mailed}", app.origin), "it proves less than the one in the mail");
    assert_eq!(page.header("cache-control"), "no-store");
    let row = ada.htmx_get(&format!("/orgs/acme/invitations/{id}/link")).await.expect(200);
    assert!(row.body.trim_start().starts_with("<tr") && row.body.contains(&url));
    let viewer = app.member(&ada, "acme", "Vera Viewer", "viewer").await;
    viewer.get(&format!("/orgs/acme/invitations/{id}/link")).await.expect(403);
}

#[tokio::test]
async fn a_copied_link_proves_no_address() {
    let (app, ada) = acme().await;
    app.invite(&ada, "acme", "victim@example.test", "admin").await;
    // Mallory invites the same address, and reads the link that she may copy.
    let mallory = app.founder("Mallory", "Trap").await;
    app.invite(&mallory, "trap", "victim@example.test", "viewer").await;
    let id = app.row_id(&mallory, "trap", "victim").await;
    let page = mallory.get(&format!("/orgs/trap/invitations/{id}/link")).await.expect(200);
    let link = url::Url::parse(&page.attribute("#link", "value")).unwrap().path().to_owned();
    let puppet = app.browser();
    puppet.post(&format!("{link}/accept"), &NEW).await.expect_redirect("/orgs/trap");
    app.work().await;
    assert!(puppet.get("/account").await.text(".badge").contains("Not confirmed"));
    let id = app.row_id(&ada, "acme", "victim").await;
    puppet.post(&format!("/invitations/waiting/{id}"), &[]).await.expect_redirect("/account");
    puppet.get("/orgs/acme").await.expect(404);
    let proved = "select count(*) from users
        where email like 'victim%' and email_verified_at is not null";
    assert_eq!(app.database.number(proved).await, 0);
}
