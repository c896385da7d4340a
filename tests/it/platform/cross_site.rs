//! Requests that only our own pages can send.

use reqwest::RequestBuilder;

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

/// Posts a form with this token, or without one if it is empty.
async fn post(browser: &Browser, path: &str, fields: &[(&str, &str)], token: &str) -> Answer {
    let fields = [fields, &[("csrf", token)]].concat();
    browser.send_as_it_is(browser.request("POST", path).form(&fields)).await
}

fn token_on(page: &Answer) -> String {
    page.attribute("form[method=post] > input[name=csrf]", "value")
}

#[test]
fn every_form_that_posts_carries_the_token_right_behind_its_tag() {
    let mut forms = 0;
    let mut folders = vec![std::path::PathBuf::from("templates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for form in text.split("<form").skip(1).map(without_expressions) {
                let (tag, rest) = form.split_once('>').unwrap();
                let does_post = tag.contains("method=\"post\"");
                let has_token = rest.starts_with("\u{1}csrf");
                assert_eq!(does_post, has_token, "{}: <form{tag}>", path.display());
                forms += usize::from(does_post);
            }
        }
    }
    assert!(forms >= 40, "{forms} forms");
}

/// Returns the text without its `{{ … }}` and `{% … %}`, so that the next `>` ends a tag.
fn without_expressions(text: &str) -> String {
    let text = text.replace("{{ ui::csrf() }}", "\u{1}csrf").replace("{{ csrf() }}", "\u{1}csrf");
    let mut rest = text.as_str();
    let mut plain = String::new();
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let end = if rest[start..].starts_with("{{") { "}}" } else { "%}" };
        plain.push_str(&rest[..start]);
        rest = rest[start..].split_once(end).unwrap().1;
    }
    plain + rest
}

#[tokio::test]
async fn asvs_3_5_1_a_form_without_the_token_of_its_page_is_refused_and_says_how_to_go_on() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let other = app.founder("Otto Other", "Other").await;
    let stolen = other.token().await;
    for token in ["", "A", &"A".repeat(43), stolen.as_str()] {
        let page = post(&ada, "/account", &[("name", "Changed")], token).await.expect(403);
        assert_eq!(page.text("h1"), "Your session has changed");
        assert!(page.body.contains("What you typed"), "{}", page.body);
        assert_eq!(page.header("cache-control"), "no-store");
    }
    let bare = |path: &str| ada.request("POST", path);
    ada.send_as_it_is(bare("/logout")).await.expect(403);
    ada.send_as_it_is(bare("/orgs/acme/leave")).await.expect(403);
    ada.send_as_it_is(bare("/logout").header("x-csrf-token", stolen.as_str())).await.expect(403);
    let htmx = |request: RequestBuilder| request.header("hx-request", "true");
    let toast = ada.send_as_it_is(htmx(bare("/logout"))).await.expect(403);
    assert_eq!(toast.header("hx-reswap"), "none");
    let page = ada.get("/account").await.expect(200);
    assert_eq!(page.attribute("#name", "value"), "Ada Lovelace");
    let token = token_on(&page);
    let twice = [("name", "Twice"), ("csrf", token.as_str())];
    post(&ada, "/account", &twice, &token).await.expect(403);
    post(&ada, "/account", &[("name", "Ada King")], &token).await.expect_redirect("/account");
    let whole_page = page.attribute("body", "hx-headers:inherited");
    assert_eq!(whole_page, format!("{{\"x-csrf-token\":\"{token}\"}}"));
    let request = htmx(bare("/account")).header("x-csrf-token", token).form(&[("name", "Ada")]);
    ada.send_as_it_is(request).await.expect(204);
}

#[tokio::test]
async fn asvs_3_5_1_signing_in_and_out_needs_the_token_and_makes_the_old_one_worthless() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let browser = app.browser();
    let email = email_of("Ada Lovelace");
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    let before = token_on(&browser.get("/login").await.expect(200));
    post(&browser, "/login", &fields, "").await.expect(403);
    post(&browser, "/login", &fields, &before).await.expect_redirect("/");
    post(&browser, "/account", &[("name", "Ada")], &before).await.expect(403);
    let within = token_on(&browser.get("/account").await.expect(200));
    assert_ne!(before, within);
    post(&browser, "/account", &[("name", "Ada")], &within).await.expect_redirect("/account");
    post(&browser, "/logout", &[], &before).await.expect(403);
    post(&browser, "/logout", &[], &within).await.expect_redirect("/login");
    let after = token_on(&browser.get("/login").await.expect(200));
    assert_ne!(within, after);
    post(&browser, "/login", &fields, &within).await.expect(403);
    app.work().await;
}

#[tokio::test]
async fn a_cookie_that_somebody_planted_is_worth_nothing() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let email = email_of("Ada Lovelace");
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    let answer = app.browser().post("/login", &fields).await.expect_redirect("/");
    let session = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let mallory = app.browser();
    let page = mallory.get("/login").await.expect(200);
    let planted = page.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(planted.starts_with(&app.cookie("csrf")), "{planted}");
    let fields = [("name", "Changed"), ("csrf", &token_on(&page))];
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let request = client.build().unwrap().post(format!("{}/account", app.origin)).form(&fields);
    let request = request.header("cookie", format!("{session}; {planted}"));
    assert_eq!(request.send().await.unwrap().status(), 403);
    app.work().await;
}

#[tokio::test]
async fn what_brings_no_cookie_acts_for_nobody_and_a_browser_always_needs_the_token() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let email = email_of("Ada Lovelace");
    let sign_in = || {
        let fields = [("email", email.as_str()), ("password", PASSWORD)];
        let browser = app.browser();
        (browser.request("POST", "/login").form(&fields), browser)
    };
    let (program, client) = sign_in();
    client.send_as_it_is(program).await.expect_redirect("/");
    for (name, value) in [
        ("origin", app.origin.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
        ("cookie", "other=1"),
    ] {
        let (request, client) = sign_in();
        client.send_as_it_is(request.header(name, value)).await.expect(403);
    }
    app.work().await;
}

/// Sends the first form of `page` with the action `path`, with its token and these fields, as a
/// browser does that hides where the request comes from.
async fn post_hidden(
    browser: &Browser,
    page: &Answer,
    path: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let form = format!("form[method=post][action=\"{path}\"] > input[name=csrf]");
    let token = page.attribute(&form, "value");
    assert!(!token.is_empty(), "{path}: {}", page.body);
    assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
    let send = async |token: &str, site: Option<&str>| {
        let fields = [fields, &[("csrf", token)]].concat();
        let request = browser.request("POST", path).header("origin", "null").form(&fields);
        let request = match site {
            Some(site) => request.header("sec-fetch-site", site),
            None => request,
        };
        browser.send_as_it_is(request).await
    };
    send("", None).await.expect(403);
    send(&"A".repeat(43), None).await.expect(403);
    send(&token, Some("cross-site")).await.expect(403);
    send(&token, None).await
}

#[tokio::test]
async fn a_page_with_a_token_in_its_address_has_its_forms_taken_though_it_hides_where_they_come_from()
 {
    let app = TestApp::spawn().await;
    let ada = app.unproved_founder("Ada Lovelace", "Acme").await;
    let email = email_of("Ada Lovelace");
    let link = app.last_mail(&email).await.link("/verify/");
    let page = ada.get(&link).await;
    post_hidden(&ada, &page, &page.path, &[]).await.expect_redirect("/");
    app.work().await;

    let link = app.invite(&ada, "acme", "guest@example.test", "viewer").await;
    let guest = app.browser();
    let page = guest.get(&link).await;
    let fields = [("name", "Gus Guest"), ("password", PASSWORD)];
    let accepted = post_hidden(&guest, &page, &format!("{}/accept", page.path), &fields).await;
    accepted.expect_redirect("/orgs/acme");
    let link = app.invite(&ada, "acme", "other@example.test", "viewer").await;
    let other = app.browser();
    let page = other.get(&link).await;
    post_hidden(&other, &page, &format!("{}/decline", page.path), &[]).await.expect(200);

    ada.post("/account/email", &[("email", "ada@elsewhere.test")]).await.expect(303);
    let link = app.last_mail("ada@elsewhere.test").await.link("/email/");
    let page = ada.get(&link).await;
    post_hidden(&ada, &page, &page.path, &[]).await.expect(303);
    let undo = app.last_mail(&email).await.link("/not-me/");
    let page = ada.get(&undo).await;
    post_hidden(&ada, &page, &page.path, &[]).await.expect(303);

    let browser = app.browser();
    browser.post("/password/forgot", &[("email", "guest@example.test")]).await;
    let link = app.last_mail("guest@example.test").await.link("/password/reset/");
    let page = browser.visit(&link).await;
    let password = "another correct horse";
    let answer = post_hidden(&browser, &page, "/password/reset", &[("password", password)]).await;
    answer.expect(303);
    let page = browser.get("/login").await;
    let fields = [("email", "guest@example.test"), ("password", password)];
    post_hidden(&browser, &page, "/login", &fields).await.expect_redirect("/");
    app.work().await;
}
