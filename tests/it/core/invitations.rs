//! Inviting, the link's page in every state, accepting, declining, changing the address.

use time::Duration;

use crate::support::{Browser, Mood, PASSWORD, TestApp, email_of};

const NEW: [(&str, &str); 2] = [("name", "Nia New"), ("password", PASSWORD)];

async fn acme() -> (TestApp, Browser) {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    (app, ada)
}

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
    assert!(results[0].starts_with("new@example.test") && results[0].contains("Invited."));
    assert!(results[1].contains("Already invited."));
    assert!(results[2].contains("nonsense") && results[2].contains("does not look like"));
    assert!(results[3].contains("Already a member."));
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
    assert!(page.text("#email-error").contains("at most 1000 invitations a day"));
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
    assert_eq!(page.texts(".results li"), ["a@example.test Invited.", "b@example.test Invited."]);
    app.work().await;
    assert_eq!(app.mail.delivered_to("b@example.test").len(), 1);
}

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
    assert!(!page.body.contains("Mail sent"));
}

#[tokio::test]
async fn somebody_with_an_account_signs_in_first_and_comes_back() {
    let (app, ada) = acme().await;
    app.founder("Bo Both", "Other").await;
    let link = app.invite(&ada, "acme", "bo.both@example.test", "viewer").await;
    let browser = app.browser();
    let page = browser.get(&link).await.expect(200);
    assert!(page.text(".lead").contains("You have an account"));
    let login = page.attribute("a.btn-primary", "href");
    let form = browser.get(&login).await.expect(200);
    assert_eq!(form.attribute("#email", "value"), "bo.both@example.test");
    let next = form.attribute("input[name=next]", "value");
    assert!(next.starts_with("/invitations/link/"), "{next}");
    let fields = [("email", "bo.both@example.test"), ("password", PASSWORD), ("next", &next)];
    let page = browser.submit("/login", &fields).await.expect(200);
    assert!(page.text(".lead").contains("You are signed in as bo.both@example.test"));
    let page = browser.submit(&format!("{link}/accept"), &[]).await.expect(200);
    assert_eq!(page.path, "/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn an_invitation_for_somebody_else_names_both_and_spends_nothing() {
    let (app, ada) = acme().await;
    let bo = app.founder("Bo Other", "Other").await;
    let link = app.invite(&ada, "acme", "nia.new@example.test", "member").await;
    let page = bo.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "This invitation is for someone else");
    assert!(page.text(".lead").contains("n•••@e•••.test"), "{}", page.text(".lead"));
    assert!(page.text(".lead").contains("bo.other@example.test"));
    assert_eq!(page.texts("form button").len(), 2);
    assert_eq!(page.text("a.btn"), "Not me");
    bo.post(&format!("{link}/accept"), &NEW).await.expect(403);
    bo.get("/orgs/acme").await.expect(404);

    // "Use the account …" signs out, and returns after signing in.
    let next = page.attribute("input[name=next]", "value");
    let page = bo.submit("/logout", &[("next", &next)]).await.expect(200);
    assert_eq!(page.path, next);
    assert_eq!(page.attribute("#email", "value"), "nia.new@example.test");
    let nia = app.browser();
    nia.post(&format!("{link}/accept"), &NEW).await.expect_redirect("/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn the_inviter_changes_the_address_with_one_click() {
    let (app, ada) = acme().await;
    let bo = app.founder("Bo Other", "Other").await;
    let link = app.invite(&ada, "acme", "bo.work@example.test", "member").await;
    let page = bo.submit(&format!("{link}/ask"), &[]).await.expect(200);
    assert!(page.text(".notice").contains("Ada Lovelace was asked"), "{}", page.body);
    bo.post(&format!("{link}/ask"), &[]).await.expect(303);
    app.work().await;
    let mails = app.mail.delivered_to(&email_of("Ada Lovelace"));
    assert_eq!(
        mails.iter().filter(|mail| mail.text.contains("bo.other@")).count(),
        1,
        "asked once"
    );
    let page = ada.get("/orgs/acme/members").await;
    assert!(page.text("tbody .notice").contains("Asks to be invited as bo.other@example.test"));
    let change = page.attribute("tbody .notice form", "action");
    // The click agrees to the address that was shown, and to no other.
    ada.post(&change, &[("email", "bo.elsewhere@example.test")]).await.expect(409);
    let cy = app.founder("Cy Third", "Third").await;
    cy.post(&format!("{link}/ask"), &[]).await.expect(409);
    let shown = page.attribute("tbody .notice input[name=email]", "value");
    let fields = [("email", shown.as_str())];
    let row = ada.htmx_post(&change, &fields).await.expect(200);
    assert!(row.body.contains("The invitation is now for bo.other@example.test."), "{}", row.body);
    let new = app.last_mail("bo.other@example.test").await.link("/invitations/");
    app.browser().get(&link).await.expect(410);
    bo.post(&format!("{new}/accept"), &[]).await.expect_redirect("/orgs/acme");
    app.work().await;
    ada.post(&change, &fields).await.expect(409);
}

#[tokio::test]
async fn each_way_an_invitation_ends_has_its_own_sentence() {
    let (app, ada) = acme().await;
    let heading =
        async |link: &str, status: u16| app.browser().get(link).await.expect(status).text("h1");

    let replaced = app.invite(&ada, "acme", "r@example.test", "member").await;
    let id = app.row_id(&ada, "acme", "r@example.test").await;
    ada.post(&format!("/orgs/acme/invitations/{id}/resend"), &[]).await.expect(303);
    let newest = app.last_mail("r@example.test").await.link("/invitations/");
    assert_ne!(replaced, newest);
    assert_eq!(heading(&replaced, 410).await, "There is a newer link");
    assert_eq!(heading(&newest, 200).await, "Join Acme");

    ada.post(&format!("/orgs/acme/invitations/{id}/revoke"), &[]).await.expect(303);
    assert_eq!(heading(&newest, 410).await, "This invitation was revoked");
    ada.post(&format!("/orgs/acme/invitations/{id}/resend"), &[]).await.expect(409);

    let declined = app.invite(&ada, "acme", "d@example.test", "member").await;
    let page = app.browser().post(&format!("{declined}/decline"), &[]).await.expect(200);
    assert_eq!(page.text("h1"), "This invitation was declined");
    let told = app.last_mail(&email_of("Ada Lovelace")).await;
    assert_eq!(told.subject, "d@example.test declined your invitation to Acme");
    assert!(told.text.contains("/orgs/acme/members"), "{}", told.text);
    app.browser().post(&format!("{declined}/decline"), &[]).await.expect(200);
    app.work().await;
    let mails = app.mail.delivered_to(&email_of("Ada Lovelace"));
    let told = mails.iter().filter(|mail| mail.subject.contains("declined"));
    assert_eq!(told.count(), 1, "whoever sent it is told once");
    assert_eq!(heading(&declined, 410).await, "This invitation was declined");
    app.browser().post(&format!("{declined}/accept"), &NEW).await.expect(410);

    let accepted = app.invite(&ada, "acme", "a@example.test", "member").await;
    let member = app.browser();
    member.post(&format!("{accepted}/accept"), &NEW).await.expect(303);
    assert_eq!(heading(&accepted, 410).await, "This invitation was accepted");
    let page = member.get(&accepted).await.expect(200);
    assert_eq!(page.text("h1"), "You are already a member");
    member.post(&format!("{accepted}/accept"), &[]).await.expect_redirect("/orgs/acme");

    let expired = app.invite(&ada, "acme", "e@example.test", "member").await;
    app.advance(Duration::days(7));
    assert_eq!(heading(&expired, 410).await, "This invitation has expired");
    app.browser().post(&format!("{expired}/accept"), &NEW).await.expect(410);

    let ada = app.sign_in("Ada Lovelace").await;
    let gone = app.invite(&ada, "acme", "g@example.test", "member").await;
    app.database.execute("update organizations set deleted_at = created_at").await.unwrap();
    assert_eq!(heading(&gone, 410).await, "This organization is gone");
    ada.get("/orgs/acme").await.expect(404);
    for rest in [
        "delete from memberships",
        "update invitations set status = 'revoked' where status = 'pending'",
    ] {
        app.database.execute(rest).await.unwrap();
    }
    app.browser().get("/invitations/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await.expect(404);
    app.work().await;
}

#[tokio::test]
async fn inviting_an_expired_address_again_renews_its_invitation() {
    let (app, ada) = acme().await;
    let old = app.invite(&ada, "acme", "e@example.test", "admin").await;
    app.advance(Duration::days(8));
    let ada = app.sign_in("Ada Lovelace").await;
    assert!(ada.get("/orgs/acme/members").await.body.contains("Invitation expired"));
    let new = app.invite(&ada, "acme", "e@example.test", "viewer").await;
    assert_ne!(old, new);
    let page = app.browser().get(&new).await.expect(200);
    assert!(page.text(".lead").contains("as Viewer"));
    assert_eq!(app.database.number("select count(*) from invitations").await, 1);
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
    let join = format!("/join/{id}");
    // Anybody can sign up with any address; that alone opens nothing and reveals nothing.
    let page = bo.get("/orgs/other").await.expect(200);
    assert_eq!(page.count(".switcher .dot"), 1);
    assert!(page.text(".switcher-panel").contains("An invitation is waiting for you."));
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

#[tokio::test]
async fn the_row_shows_the_state_of_the_mail_with_the_servers_words() {
    let (app, ada) = acme().await;
    app.mail.set_mood(Mood::Refusing("550 5.1.1 no such mailbox here"));
    let fields = [("email", "gone@example.test"), ("role", "viewer")];
    ada.post("/orgs/acme/invitations", &fields).await.expect(303);
    let page = ada.get("/orgs/acme/members?q=gone").await;
    assert!(page.text("tbody tr").contains("Mail queued"));
    app.work().await;
    let page = ada.get("/orgs/acme/members?q=gone").await;
    let row = page.text("tbody tr");
    assert!(row.contains("Mail failed") && row.contains("no such mailbox here"), "{row}");
    app.mail.set_mood(Mood::Friendly);
    let id = app.row_id(&ada, "acme", "gone").await;
    let row = ada.htmx_post(&format!("/orgs/acme/invitations/{id}/resend"), &[]).await.expect(200);
    assert!(row.body.contains("Mail queued"));
    app.work().await;
    assert!(ada.get("/orgs/acme/members?q=gone").await.text("tbody tr").contains("Mail sent"));
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
    puppet.post(&format!("/join/{id}"), &[]).await.expect_redirect("/account");
    puppet.get("/orgs/acme").await.expect(404);
    let proved = "select count(*) from users
        where email like 'victim%' and email_verified_at is not null";
    assert_eq!(app.database.number(proved).await, 0);
}

#[tokio::test]
async fn a_member_who_opens_the_invitation_of_another_is_told_whose_it_is() {
    let (app, ada) = acme().await;
    let link = app.invite(&ada, "acme", "nia.new@example.test", "member").await;
    let page = ada.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "This invitation is for someone else");
    let page =
        ada.submit("/logout", &[("next", &page.attribute("input[name=next]", "value"))]).await;
    assert_eq!(page.text("h1"), "Join Acme", "an address without an account is asked to make one");
}

#[tokio::test]
async fn who_wants_no_mail_about_answers_gets_none_when_somebody_declines() {
    let (app, ada) = acme().await;
    let wanted = [("mentions", "yes"), ("assignments", "yes")];
    ada.post("/orgs/acme/notices", &wanted).await.expect(303);
    let link = app.invite(&ada, "acme", "d@example.test", "member").await;
    app.browser().post(&format!("{link}/decline"), &[]).await.expect(200);
    app.work().await;
    let mails = app.mail.delivered_to(&email_of("Ada Lovelace"));
    assert!(mails.iter().all(|mail| !mail.subject.contains("declined")));
}

#[tokio::test]
async fn somebody_who_is_invited_already_is_one_link_away() {
    let (app, ada) = acme().await;
    app.invite(&ada, "acme", "d@example.test", "member").await;
    let fields = [("email", "d@example.test"), ("role", "member")];
    let page = ada.post("/orgs/acme/invitations", &fields).await.expect(422);
    assert_eq!(page.text(".results .badge"), "Already invited.");
    let page = ada.get(&page.attribute(".results a", "href")).await.expect(200);
    assert_eq!(page.count("tbody tr"), 1);
    assert!(page.text("tbody tr").contains("d@example.test"), "{}", page.body);
}
