//! What was typed survives that somebody has to sign in, or to show again who they are.

use time::Duration;

use super::{end_sign_ins, fields, filled, in_order, post, sign_in_on, with_token};
use crate::core::factors::set_up;
use crate::core::operators::operator;
use crate::support::world::World;
use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

#[tokio::test]
async fn what_was_typed_into_any_form_survives_a_sign_in_that_ended_meanwhile() {
    let world = World::new().await;
    let owner = &world.acme.owner;
    let email = email_of("Acme Owner");
    let mut survived = 0;
    for call in in_order(&world) {
        let form: Vec<(&str, &str)> = call.form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let sent = with_token(owner, &form).await;
        end_sign_ins(&world.app).await;
        let page = post(owner, &call.path, &sent).await;
        let answer = if page.status == 303 {
            // Nothing was typed: the sign-in leads back to where the button was.
            let to = page.location().unwrap();
            assert!(to.starts_with("/login?next=%2Forgs%2Facme"), "{}: {to}", call.route);
            let page = owner.get(&to).await;
            sign_in_on(owner, &page, &email).await.expect(303);
            post(owner, &call.path, &with_token(owner, &form).await).await
        } else {
            let page = page.expect(403);
            assert_eq!(page.text("h1"), "Sign in to continue", "{}", call.route);
            // Nothing is sent before the button is pressed.
            let page = sign_in_on(owner, &page, &email).await.expect(200);
            let kept = fields(&page, &call.path);
            for (name, value) in &form {
                let found = kept.iter().any(|(known, text)| known == name && text == value);
                assert!(found || value.is_empty(), "{}: {name} of {kept:?}", call.route);
            }
            let back = page.attribute("form a.btn", "href");
            assert!(back.starts_with("/orgs/acme"), "{}: {back}", call.route);
            survived += 1;
            post(owner, &call.path, &kept).await
        };
        // The only owner of an organization cannot leave it.
        let is_done =
            [200, 303].contains(&answer.status.as_u16()) || call.route.ends_with("/leave");
        assert!(is_done, "{}: {} {}", call.route, answer.status, answer.body);
    }
    assert!(survived >= 15, "{survived} forms with text");
    world.app.work().await;
}

#[tokio::test]
async fn what_was_typed_survives_a_sign_out_in_another_tab_and_a_wrong_password() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let email = email_of("Ada Lovelace");
    let typed = "Two lines\nof <b>text</b> & more";
    let sent = with_token(&ada, &[("name", "Client"), ("notes", typed)]).await;
    ada.post("/logout", &[]).await.expect(303);
    let page = post(&ada, "/orgs/acme/clients", &sent).await.expect(403);
    assert_eq!(page.text("h1"), "Sign in to continue");
    // A wrong password keeps the text as well, and it stays readable.
    let wrong = [("email", email.as_str()), ("password", "not the right one")];
    let wrong = filled(fields(&page, "/login"), &wrong);
    let page = post(&ada, "/login", &wrong).await.expect(422);
    assert_eq!(page.text("textarea[readonly]"), typed.replace('\n', " "));
    let page = sign_in_on(&ada, &page, &email).await.expect(200);
    let kept = fields(&page, "/orgs/acme/clients");
    assert!(kept.contains(&("notes".to_owned(), typed.to_owned())), "{kept:?}");
    assert_eq!(app.database.number("select count(*) from clients").await, 0);
    post(&ada, "/orgs/acme/clients", &kept).await.expect(303);
    assert_eq!(app.database.number("select count(*) from clients").await, 1);
    app.work().await;
}

#[tokio::test]
async fn a_page_that_is_older_than_the_sign_in_sends_what_was_typed_with_one_more_click() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let sent = with_token(&ada, &[("name", "Client"), ("notes", "Words")]).await;
    let old = ada.token().await;
    ada.post("/logout", &[]).await.expect(303);
    let email = email_of("Ada Lovelace");
    ada.post("/login", &[("email", &email), ("password", PASSWORD)]).await.expect(303);
    let page = post(&ada, "/orgs/acme/clients", &sent).await.expect(403);
    let kept = fields(&page, "/orgs/acme/clients");
    assert_eq!(page.count("form button"), 1);
    // A page of another site cannot get its text sent by a click.
    let hidden = ada.request("POST", "/verify/x").header("origin", "null").form(&sent);
    assert_eq!(ada.send_as_it_is(hidden).await.expect(403).count("form button"), 0);
    post(&ada, "/orgs/acme/clients", &kept).await.expect(303);
    // With scripts the page stays and gets the token that it needs.
    let htmx = |token: &str| {
        let request = ada.request("POST", "/orgs/acme/clients").header("hx-request", "true");
        request.header("x-csrf-token", token).form(&[("name", "Other"), ("csrf", token)])
    };
    let toast = ada.send_as_it_is(htmx(&old)).await.expect(403);
    assert_eq!(toast.header("hx-reswap"), "none");
    let fresh = toast.header("x-csrf-token").to_owned();
    ada.send_as_it_is(htmx(&fresh)).await.expect(204);
    end_sign_ins(&app).await;
    let toast = ada.send_as_it_is(htmx(&fresh)).await.expect(403);
    assert_eq!(toast.header("hx-reswap"), "none");
    assert_eq!(toast.attribute(".toast a", "target"), "_blank");
    assert!(toast.attribute(".toast a", "href").starts_with("/login?next="));
    app.work().await;
}

#[tokio::test]
async fn what_was_typed_goes_past_a_second_factor() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let (phone, _) = set_up(&app, &ada, "Phone").await;
    let path = "/orgs/acme/clients";
    let sent = with_token(&ada, &[("name", "Harbour & Söhne")]).await;
    end_sign_ins(&app).await;
    let page = post(&ada, path, &sent).await.expect(403);
    let page = sign_in_on(&ada, &page, &email_of("Ada Lovelace")).await.expect(200);
    for (code, status) in [("000000", 422), (phone.next(&app).as_str(), 200)] {
        let mut form = fields(&page, "/login/factor");
        form.retain(|(name, _)| name != "code" && name != "credential");
        form.push(("code".to_owned(), code.to_owned()));
        let answer = post(&ada, "/login/factor", &form).await.expect(status);
        if status == 200 {
            ada.forget_token().await;
            let kept = fields(&answer, path);
            assert!(kept.contains(&("name".to_owned(), "Harbour & Söhne".to_owned())), "{kept:?}");
            post(&ada, path, &kept).await.expect(303);
        }
    }
    assert_eq!(app.database.texts("select name from clients").await, ["Harbour & Söhne"]);
    app.work().await;
}

/// Confirms the user's identity on the page that keeps what was typed.
async fn confirm_on(browser: &Browser, page: &Answer, password: &str) -> Answer {
    let form = filled(fields(page, "/account/confirm"), &[("password", password)]);
    let answer = post(browser, "/account/confirm", &form).await;
    browser.forget_token().await;
    answer
}

#[tokio::test]
async fn what_was_typed_survives_having_to_show_again_who_one_is() {
    let app = TestApp::spawn().await;
    let owner = app.founder("Olga Owner", "Acme").await;
    let operator = operator(&app, "Otto Operator").await;
    let page = operator.get("/operator/people?q=olga").await.expect(200);
    let person = page.attribute("tbody a", "href");
    let reason = "Sends spam.\nFor the third time: 名";
    let forms = [
        (&owner, "/account/email".to_owned(), "email", "olga.new@example.test"),
        (&operator, format!("{person}/suspend"), "reason", reason),
    ];
    app.advance(Duration::minutes(11));
    for (browser, path, name, text) in forms {
        let sent = with_token(browser, &[(name, text)]).await;
        let page = post(browser, &path, &sent).await.expect(403);
        assert_eq!(page.text("main h2"), "Confirm it's you");
        assert!(
            page.text("textarea").contains("名")
                || page.body.contains(&format!("value=\"{text}\"")),
            "{path}"
        );
        assert!(page.attribute("a.btn", "href").starts_with(&path[..6]), "{path}");
        // A wrong password loses nothing, either.
        let page = confirm_on(browser, &page, "not my password").await.expect(422);
        let page = confirm_on(browser, &page, PASSWORD).await.expect(200);
        // The script sends it at once; without it, a button does.
        assert_eq!(page.attribute("form[data-send]", "action"), path);
        let kept = fields(&page, &path);
        assert!(kept.contains(&(name.to_owned(), text.to_owned())), "{kept:?}");
        post(browser, &path, &kept).await.expect(303);
        browser.forget_token().await;
    }
    let suspended = "select suspended_reason from users where suspended_reason is not null";
    assert_eq!(app.database.texts(suspended).await, ["Sends spam. For the third time: 名"]);
    app.work().await;
    assert_eq!(app.mail.delivered_to("olga.new@example.test").len(), 1);
}
