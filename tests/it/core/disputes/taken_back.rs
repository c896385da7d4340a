//! What the owner of an account gets back, and an intruder loses.

use time::Duration;

use super::{
    ADA, EVE, NEW, add_passkey, change_address, half_way, later, not_me, opens_with_passkey,
    settled, sign_in, soon, take_back,
};
use crate::core::factors::set_up;
use crate::support::{PASSWORD, email_of};

#[tokio::test]
async fn someone_who_takes_an_account_back_has_it_alone() {
    let (app, ada) = settled().await;
    let intruder = app.sign_in(ADA).await;
    soon(&app);
    let mut passkey = add_passkey(&intruder).await;
    let first = not_me(&app, &email_of(ADA)).await;
    ada.get("/account").await.expect(303);
    soon(&app);
    let (phone, codes) = set_up(&app, &intruder, "Burner").await;
    soon(&app);
    change_address(&app, &intruder, EVE).await;
    intruder.post("/account/email", &[("email", "eve2@example.test")]).await.expect(303);
    let open = app.last_mail("eve2@example.test").await.link("/email/");
    intruder.post("/account/security/recovery-codes", &[]).await.expect(200);
    let eves = not_me(&app, EVE).await;
    let known = app.database.number("select count(*) from devices").await;
    assert!(known > 0);

    // The email about the address names the time of its change, and the page also lists the acts
    // before it.
    let mails = app.mail.delivered_to(&email_of(ADA));
    let about_address = mails.iter().find(|mail| mail.text.contains(EVE)).unwrap();
    let link = about_address.link("/not-me/");
    let page = app.browser().get(&link).await.expect(200);
    let text = page.text("main");
    for told in ["“Skeleton key” was added", "“Burner” was added", "Firefox on Linux, 127.0.0.1"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(page.text("#ways-in").contains("Passkey “Skeleton key”"), "{}", page.body);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let moments = page.attributes("input[name=moment]", "value");
    assert!(moments.len() >= 3, "{moments:?}");
    let fields = [("moment", moments[0].as_str()), ("password", PASSWORD)];
    let (owner, answer) = take_back(&app, &link, &fields).await;
    answer.expect_redirect("/password/reset");
    owner.post("/password/reset", &[("password", NEW)]).await.expect_redirect("/login");
    let fields = [("email", &*email_of(ADA)), ("password", NEW)];
    owner.post("/login", &fields).await.expect_redirect("/");
    let page = owner.get("/account/security").await.expect(200);
    assert!(!page.body.contains("Skeleton key") && !page.body.contains("Burner"), "{}", page.body);
    app.work().await;

    intruder.get("/account").await.expect(303);
    assert!(!opens_with_passkey(&app, &mut passkey).await, "the intruder's passkey");
    for (email, password) in [(EVE, PASSWORD), (&email_of(ADA), PASSWORD)] {
        assert_eq!(sign_in(&app, email, password).await.1, "", "{email}");
    }
    for dead in [&first, &link, &eves, &open] {
        app.browser().post(dead, &[]).await.expect(410);
    }
    drop((phone, codes));
    for table in ["totp_factors", "passkeys", "recovery_codes"] {
        assert_eq!(app.database.number(&format!("select count(*) from {table}")).await, 0);
    }
    assert_eq!(app.database.number("select count(*) from devices").await, 1, "the owner's");
    assert!(app.dump().await.contains("account.taken_back"));
    // The intruder's address learns that it is over, but not where the owner is.
    let mail = app.last_mail(EVE).await;
    assert!(mail.text.contains("recovered") || mail.subject.contains("recovered"));
    assert!(!mail.text.contains("127.0.0.1"), "{}", mail.text);
}

#[tokio::test]
async fn what_an_intruder_removed_or_replaced_comes_back() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    let (phone, codes) = set_up(&app, &ada, "Phone").await;
    later(&app).await;
    let intruder = half_way(&app, &email, PASSWORD).await;
    intruder.post("/login/factor", &[("code", &phone.next(&app))]).await.expect_redirect("/");
    soon(&app);
    // New codes, a new app, the owner's removed, and another password.
    intruder.post("/account/security/recovery-codes", &[]).await.expect(200);
    let link = not_me(&app, &email).await;
    soon(&app);
    let (burner, _) = set_up(&app, &intruder, "Burner").await;
    let page = intruder.get("/account/security").await;
    let removes = page.attributes("a[href$='/remove']", "href");
    intruder.post(&removes[0], &[]).await.expect_redirect("/account/security");
    let fields = [("current_password", PASSWORD), ("password", "the password of Eve now")];
    intruder.post("/account/password", &fields).await.expect_redirect("/account/password");
    app.work().await;

    let (_, wrong) = take_back(&app, &link, &[("password", "the password of Eve now")]).await;
    wrong.expect(422);
    let (owner, answer) = take_back(&app, &link, &[("password", PASSWORD)]).await;
    answer.expect_redirect("/password/reset");
    owner.post("/password/reset", &[("password", NEW)]).await.expect_redirect("/login");
    assert_eq!(sign_in(&app, &email, "the password of Eve now").await.1, "");
    let owner = half_way(&app, &email, NEW).await;
    owner.post("/login/factor", &[("code", &burner.next(&app))]).await.expect(422);
    owner.post("/login/factor", &[("code", &phone.code(&app, 0))]).await.expect_redirect("/");
    let other = half_way(&app, &email, NEW).await;
    other.post("/login/factor", &[("code", &codes[0])]).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn an_intruders_own_link_neither_undoes_nor_stops_what_the_owner_takes_back() {
    let (app, ada) = settled().await;
    let email = email_of(ADA);
    drop(ada);
    let intruder = app.sign_in(ADA).await;
    set_up(&app, &intruder, "Burner").await;
    let link = not_me(&app, &email).await;
    change_address(&app, &intruder, EVE).await;
    intruder.post("/account/security/recovery-codes", &[]).await.expect(200);
    let eves = not_me(&app, EVE).await;
    // Guesses with one link do not count for the holder of another.
    for _ in 0..10 {
        take_back(&app, &eves, &[("password", "a guess of Eve's")]).await.1.expect(422);
    }
    take_back(&app, &eves, &[("password", "a guess of Eve's")]).await.1.expect(429);
    take_back(&app, &link, &[("password", "a slip of Ada's")]).await.1.expect(422);
    let (_, answer) = take_back(&app, &link, &[("forgotten", "1")]).await;
    answer.expect_redirect("/login");
    app.advance(Duration::minutes(30));
    for fields in [[("forgotten", "1")], [("password", PASSWORD)]] {
        take_back(&app, &eves, &fields).await.1.expect(410);
    }
    assert_eq!(app.database.texts("select email from users").await, [email.as_str()]);
    // The owner's own link still works, for when they remember.
    let (owner, answer) = take_back(&app, &link, &[("password", PASSWORD)]).await;
    answer.expect_redirect("/password/reset");
    owner.post("/password/reset", &[("password", NEW)]).await.expect_redirect("/login");
    assert_eq!(sign_in(&app, &email, NEW).await.1, "/");
}
