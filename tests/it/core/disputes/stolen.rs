//! What somebody gets who has stolen one thing and no other.

use time::Duration;

use super::{
    ADA, NEW, add_passkey, half_way, later, not_me, opens_with_passkey, settled, sign_in, soon,
    take_back,
};
use crate::core::factors::set_up;
use crate::support::{PASSWORD, email_of};

#[tokio::test]
async fn the_mailbox_alone_gets_nobody_past_a_factor_that_was_there_before() {
    let (app, ada) = settled().await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    later(&app).await;
    let email = email_of(ADA);
    // The owner changes the password, and somebody else finds the email.
    let browser = half_way(&app, &email, PASSWORD).await;
    browser.post("/login/factor", &[("code", &phone.next(&app))]).await.expect_redirect("/");
    let fields = [("current_password", PASSWORD), ("password", NEW)];
    browser.post("/account/password", &fields).await.expect_redirect("/account/password");
    let link = not_me(&app, &email).await;
    let (_, answer) = take_back(&app, &link, &[("forgotten", "1")]).await;
    answer.expect_redirect("/login");
    app.set_password_by_mail(&email, "another password of a thief").await;
    let (thief, to) = sign_in(&app, &email, "another password of a thief").await;
    assert_eq!(to, "/login/factor");
    thief.get("/account").await.expect(303);
    let page = thief.get("/account/security").await.expect(303);
    assert!(page.location().unwrap().starts_with("/login"));
    // The owner's factor is unchanged.
    thief.post("/login/factor", &[("code", &phone.next(&app))]).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn the_mailbox_alone_gets_nobody_past_a_factor_of_today_and_its_intruder_neither() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    let mut passkey = add_passkey(&ada).await;
    let link = not_me(&app, &email).await;
    soon(&app);
    // The finder of the link does not know the password, and says so or guesses.
    for _ in 0..10 {
        let (_, answer) = take_back(&app, &link, &[("password", "a guess of a stranger")]).await;
        let page = answer.expect(422);
        assert!(page.text("#password-error").contains("isn't the password"), "{}", page.body);
        assert!(!page.body.contains("a guess of"), "it comes back");
    }
    take_back(&app, &link, &[("password", PASSWORD)]).await.1.expect(429);
    let (_, answer) = take_back(&app, &link, &[("forgotten", "1")]).await;
    answer.expect_redirect("/login");
    ada.get("/account").await.expect(303);
    assert!(!opens_with_passkey(&app, &mut passkey).await, "it opens while it is disputed");
    app.set_password_by_mail(&email, NEW).await;
    let (browser, to) = sign_in(&app, &email, NEW).await;
    assert_eq!(to, "/login/factor");
    assert!(!browser.get("/login/factor").await.body.contains("data-options"), "nothing to show");
    // Only together with the previous password does it work.
    app.advance(Duration::minutes(30));
    let (owner, answer) = take_back(&app, &link, &[("password", PASSWORD)]).await;
    answer.expect_redirect("/password/reset");
    let third = "a third password, of the owner";
    owner.post("/password/reset", &[("password", third)]).await.expect_redirect("/login");
    assert_eq!(sign_in(&app, &email, third).await.1, "/");
    assert!(!opens_with_passkey(&app, &mut passkey).await);
}

#[tokio::test]
async fn a_link_that_was_copied_ends_things_and_opens_none() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    let fields = [("current_password", PASSWORD), ("password", NEW)];
    ada.post("/account/password", &fields).await.expect_redirect("/account/password");
    let link = not_me(&app, &email).await;
    let (thief, answer) = take_back(&app, &link, &[]).await;
    answer.expect_redirect("/login");
    thief.get("/password/reset").await.expect(410);
    ada.get("/account").await.expect(303);
    for password in [PASSWORD, NEW] {
        assert_eq!(sign_in(&app, &email, password).await.1, "", "{password}");
    }
    let mails = app.mail.delivered_to(&email);
    let mail = mails.iter().find(|mail| mail.subject.contains("recovered")).expect("a mail");
    assert!(mail.text.contains("127.0.0.1"), "{mail:?}");
    app.set_password_by_mail(&email, NEW).await;
    assert_eq!(sign_in(&app, &email, NEW).await.1, "/");
}

#[tokio::test]
async fn a_stolen_session_that_did_not_show_again_who_it_is_adds_no_way_in() {
    let (app, ada) = settled().await;
    app.advance(Duration::minutes(11));
    for path in ["/account/security/totp", "/account/security/recovery-codes", "/account/email"] {
        let to = ada.post(path, &[]).await.expect(303).location().unwrap();
        assert!(to.starts_with("/account/confirm"), "{path}: {to}");
    }
    let to = ada.get("/account/security/passkeys/new").await.expect(303).location().unwrap();
    assert!(to.starts_with("/account/confirm"), "{to}");
    // Even with a new app, somebody who does not know the password cannot change it.
    let ada = app.sign_in(ADA).await;
    let fields = [("current_password", "a guess of a stranger"), ("password", NEW)];
    ada.post("/account/password", &fields).await.expect(422);
    app.work().await;
}

#[tokio::test]
async fn an_authenticator_recovery_codes_or_a_known_browser_open_nothing_alone() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    // The browser is known and signed out; it has neither password nor session.
    ada.post("/logout", &[]).await.expect_redirect("/login");
    for code in [&phone.next(&app), &codes[0]] {
        ada.post("/login/factor", &[("code", code)]).await.expect_redirect("/login");
        ada.post("/login", &[("email", &email), ("password", code)]).await.expect(422);
    }
    ada.get("/account").await.expect(303);
    // The password alone does not open it either.
    assert_eq!(sign_in(&app, &email, PASSWORD).await.1, "/login/factor");
    app.work().await;
}
