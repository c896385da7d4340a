//! Actions that need a proof first: of the user's address before emails go out in their name, and
//! of the user's identity before somebody is made an owner; and how many emails one user can cause.
//! Names contain the requirement of ASVS 5.0 that they cover.

use time::Duration;

use crate::support::{TestApp, email_of};

const ADA: &str = "Ada Lovelace";
const INVITATIONS: &str = "/orgs/acme/invitations";

#[tokio::test]
async fn asvs_2_3_1_nobody_invites_before_their_address_is_proved() {
    let app = TestApp::spawn().await;
    let ada = app.unproved_founder(ADA, "Acme").await;
    let form = ada.get(INVITATIONS).await.expect(200);
    assert!(form.text(".notice").contains("Confirm your email address to send invitations"));
    let fields = [("email", "bo@example.test"), ("role", "member"), ("message", "Join us")];
    let refused = ada.post(INVITATIONS, &fields).await.expect(422);
    assert!(refused.text(".form-error").contains("Confirm your email address first"));
    assert_eq!(refused.text("#email"), "bo@example.test", "nothing typed is lost");
    assert_eq!(refused.text("#message"), "Join us");
    app.work().await;
    assert!(app.mail.delivered_to("bo@example.test").is_empty());
    ada.post("/account/verify", &[]).await.expect(303);
    let link = app.last_mail(&email_of(ADA)).await.link("/verify/");
    ada.post(&link, &[]).await.expect(303);
    app.trust(ADA).await;
    ada.post(INVITATIONS, &fields).await.expect(303);
    app.last_mail("bo@example.test").await.link("/invitations/");
}

#[tokio::test]
async fn asvs_2_3_1_what_somebody_else_has_sent_is_not_sent_again_by_the_unproved() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.invite(&ada, "acme", "bo@example.test", "member").await;
    let id = app.row_id(&ada, "acme", "bo@example.test").await;
    app.database.execute("update users set email_verified_at = null").await.unwrap();
    let refused = ada.post(&format!("{INVITATIONS}/{id}/resend"), &[]).await.expect(403);
    assert!(refused.text("h1").contains("Confirm your email address first"));
    app.work().await;
    assert_eq!(app.mail.delivered_to("bo@example.test").len(), 1);
}

#[tokio::test]
async fn asvs_2_3_5_who_makes_somebody_an_owner_shows_again_who_they_are() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.member(&ada, "acme", "Bo Both", "admin").await;
    let id = app.membership_id(&ada, "acme", "Bo Both").await;
    app.advance(Duration::minutes(11));
    let role = format!("/orgs/acme/members/{id}/role");
    ada.post(&role, &[("role", "owner")]).await.expect_step_up();
    let fields = [("email", "cy@example.test"), ("role", "owner")];
    let refused = ada.post(INVITATIONS, &fields).await.expect(422);
    assert!(refused.text("#role-error").contains("confirm it's you first"));
    let confirm = refused.attribute(".notice a", "href");
    assert_eq!(ada.get(&confirm).await.expect(200).count("input[type=password]"), 1);
    let owners = "select count(*) from memberships where role = 'owner'";
    assert_eq!(app.database.number(owners).await, 1);
    // Any lower role needs no confirmation.
    ada.post(&role, &[("role", "member")]).await.expect(303);
    let fields = [("current_password", crate::support::PASSWORD), ("next", "/orgs/acme/members")];
    let form = ada.get("/account/confirm").await.expect(200);
    let name = form.attribute("input[type=password]", "name");
    let fields = fields.map(|(field, value)| match field {
        "current_password" => (name.as_str(), value),
        _ => (field, value),
    });
    ada.post("/account/confirm", &fields).await.expect_redirect("/orgs/acme/members");
    ada.post(&role, &[("role", "owner")]).await.expect_redirect("/orgs/acme/members");
    assert_eq!(app.database.number(owners).await, 2);
    app.work().await;
}

#[tokio::test]
async fn asvs_2_4_1_an_address_gets_five_links_an_hour_and_an_invitation_ten_a_day() {
    let app = TestApp::spawn().await;
    let ada = app.unproved_founder(ADA, "Acme").await;
    // The first email came with the sign-up.
    for _ in 0..4 {
        ada.post("/account/verify", &[]).await.expect(303);
    }
    let refused = ada.post("/account/verify", &[]).await.expect(429);
    assert_eq!(refused.header("retry-after"), "3600");
    app.work().await;
    assert_eq!(app.mail.delivered_to(&email_of(ADA)).len(), 5);
    app.advance(Duration::hours(1));
    ada.post("/account/verify", &[]).await.expect(303);
    let link = app.last_mail(&email_of(ADA)).await.link("/verify/");
    ada.post(&link, &[]).await.expect(303);
    // Someone who asks too often for a forgotten password is not told so.
    for _ in 0..8 {
        let asked = app.browser().post("/password/forgot", &[("email", &email_of(ADA))]).await;
        asked.expect_redirect("/login");
    }
    app.work().await;
    let mails = app.mail.delivered_to(&email_of(ADA));
    let resets = mails.iter().filter(|mail| mail.text.contains("/password/reset/"));
    assert_eq!(resets.count(), 5);

    app.invite(&ada, "acme", "bo@example.test", "member").await;
    let id = app.row_id(&ada, "acme", "bo@example.test").await;
    for _ in 0..9 {
        ada.post(&format!("{INVITATIONS}/{id}/resend"), &[]).await.expect(303);
        // A newer link would replace an email that is still waiting.
        app.work().await;
    }
    ada.post(&format!("{INVITATIONS}/{id}/resend"), &[]).await.expect(429);
    app.work().await;
    assert_eq!(app.mail.delivered_to("bo@example.test").len(), 10);
}

#[tokio::test]
async fn asvs_2_4_1_one_person_starts_two_hundred_organizations_a_day() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    for number in 1..200 {
        let name = format!("Organization {number}");
        ada.post("/orgs", &[("name", &name), ("slug", "")]).await.expect(303);
    }
    let one_more = [("name", "One more"), ("slug", "")];
    ada.post("/orgs", &one_more).await.expect(429);
    assert_eq!(app.database.number("select count(*) from organizations").await, 200);
    app.work().await;
}

#[tokio::test]
async fn asvs_7_4_3_a_new_password_ends_a_change_of_the_address_that_somebody_else_asked_for() {
    let app = TestApp::spawn().await;
    app.founder(ADA, "Acme").await;
    let email = email_of(ADA);
    // Somebody who knows the password asks to change the address to their own.
    let stranger = app.sign_in(ADA).await;
    let asked = stranger.post("/account/email", &[("email", "eve@example.test")]).await;
    asked.expect_redirect("/account#email");
    let change = app.last_mail("eve@example.test").await.link("/email/");
    let owner = app.browser();
    owner.post("/password/forgot", &[("email", &email)]).await.expect(303);
    let reset = app.last_mail(&email).await.link("/password/reset/");
    owner.get(&reset).await.expect(303);
    let new = [("password", "another staple altogether")];
    owner.post("/password/reset", &new).await.expect_redirect("/login");
    app.browser().get(&change).await.expect(410);
    app.browser().post(&change, &[]).await.expect(410);
    let theirs = "select count(*) from users where email = 'eve@example.test'";
    assert_eq!(app.database.number(theirs).await, 0);
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_4_nobody_leaves_a_factor_in_an_account_whose_address_they_have_not_proved() {
    let app = TestApp::spawn().await;
    let eve = app.unproved_founder(ADA, "Acme").await;
    let refused = eve.post("/account/security/totp", &[]).await.expect(403);
    assert!(refused.text("h1").contains("Confirm your email address first"));
    assert_eq!(app.database.number("select count(*) from totp_factors").await, 0);
    eve.post("/account/verify", &[]).await.expect(303);
    let link = app.last_mail(&email_of(ADA)).await.link("/verify/");
    eve.post(&link, &[]).await.expect(303);
    eve.post("/account/security/totp", &[]).await.expect(303);
}
