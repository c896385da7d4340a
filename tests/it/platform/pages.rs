//! What all pages and all answers have in common.

use crate::support::{Answer, TestApp};

#[tokio::test]
async fn a_tenant_page_costs_as_few_statements_for_fifty_rows_as_for_five() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.trust("Ada Lovelace").await;
    // The overview shows a little of several lists. On each, one counts for the bell.
    let pages = [
        ("/orgs/acme", 8),
        ("/orgs/acme/members", 5),
        ("/orgs/acme/settings", 5),
        ("/orgs/acme/invitations", 5),
    ];
    let mut before = Vec::new();
    for (page, _) in pages {
        ada.get(page).await.expect(200);
        app.work().await;
        before.push(app.statements(ada.get(page)).await.0);
    }
    for batch in 0..5 {
        let addresses = (0..100)
            .map(|n| format!("guest{batch}-{n}@example.test"))
            .collect::<Vec<_>>()
            .join("\n");
        let fields = [("email", addresses.as_str()), ("role", "viewer")];
        ada.post("/orgs/acme/invitations", &fields).await.expect(200);
    }
    app.work().await;
    for ((page, most), before) in pages.iter().zip(before) {
        let (statements, answer) = app.statements(ada.get(page)).await;
        answer.expect(200);
        assert!(statements <= *most, "{page}: {statements} statements");
        assert_eq!(statements, before, "{page}: the same for many rows as for few");
    }
}

#[tokio::test]
async fn every_answer_of_every_status_carries_the_security_headers() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let mut answers: Vec<Answer> = Vec::new();
    for path in
        ["/orgs/acme", "/", "/login", "/nowhere", "/static/app.css", "/healthz", "/orgs/other"]
    {
        answers.push(ada.get(path).await);
    }
    answers.push(ada.post("/login", &[("surprise", "1")]).await);
    answers.push(ada.send(ada.request("PUT", "/login")).await);
    for answer in answers {
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{}: {policy}", answer.path);
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{}", answer.path);
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{}", answer.path);
        assert!(!answer.header("x-request-id").is_empty(), "{}", answer.path);
        if !answer.path.starts_with("/static") {
            assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.path);
        }
    }
}

#[tokio::test]
async fn asvs_16_5_1_errors_are_pages_of_ours_with_a_way_onward() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let member = app.member(&ada, "acme", "Mia Member", "member").await;
    let not_found = ada.get("/nowhere").await.expect(404);
    let forbidden = member.get("/orgs/acme/invitations").await.expect(403);
    let wrong_method = ada.send(ada.request("DELETE", "/login")).await.expect(405);
    assert!(wrong_method.header("allow").contains("GET"), "{:?}", wrong_method.headers);
    let conflict = ada.post("/orgs/acme/leave", &[]).await.expect(409);
    let gone = ada.get("/password/reset").await.expect(410);
    let bad = ada.post("/account", &[("name", "a"), ("name", "b")]).await.expect(400);
    let big = "x".repeat(100_000);
    let large = ada.post("/account", &[("name", &big)]).await.expect(413);
    for page in [not_found, forbidden, wrong_method, conflict, gone, bad, large] {
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.count(".error-page h1"), 1, "{}", page.body);
        assert!(page.attribute(".error-page a.btn", "href").starts_with('/'));
    }
}

#[tokio::test]
async fn asvs_4_1_1_bad_requests_are_our_own_pages_and_never_a_fault() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let form = "application/x-www-form-urlencoded";
    for (body, kind, status) in [
        ("name=%FF%FE", form, 400),
        ("name=a%00b", form, 400),
        ("name=a&surprise=1", form, 400),
        ("name=a&name=b", form, 400),
        ("{\"name\":\"a\"}", "application/json", 400),
        ("name=", form, 422),
        ("", form, 422),
    ] {
        let request = ada.request("POST", "/account").header("content-type", kind).body(body);
        let page = ada.send(request).await.expect(status);
        assert!(page.header("content-type").starts_with("text/html"), "{body}");
    }
    for path in [
        "/orgs/acme/members/not-an-id",
        "/orgs/acme/members/00000000-0000-0000-0000-000000000000",
        "/orgs/%FF",
        "/orgs/a%00b",
        "/orgs/acme%2Fmembers",
        "/invitations/x",
        "/password/reset/%00",
        "/verify/AAAA",
        "/join/1",
        "/invitations/waiting/1",
        "/static/../Cargo.toml",
        "/static/nothing.css",
        "/static/app.css/?x",
        "/static/vendor//SHA256SUMS?x",
        "/account/sessions/x",
    ] {
        let page = ada.get(path).await.expect(404);
        assert_eq!(page.count(".error-page"), 1, "{path}");
    }
    for query in ["q=%FF", "q=a%00", "q=a&q=b", "after=%21%21", "before=e30"] {
        ada.get(&format!("/orgs/acme/members?{query}")).await.expect(400);
    }
    for search in ["_".repeat(30_000), "a".repeat(60_000)] {
        ada.get(&format!("/orgs/acme/members?q={search}")).await.expect(200);
        ada.get(&format!("/orgs?q={search}")).await.expect(200);
    }
    ada.get("/orgs/acme/members?q=%27%3B--%25_%5C&role=%27&sort=drop&utm=1").await.expect(200);
}

#[tokio::test]
async fn a_part_of_a_page_leaves_the_message_to_the_next_page() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    ada.post("/orgs/acme/clients", &[("name", "Harbour")]).await.expect(303);
    let part = ada.htmx_get("/orgs/acme/clients").await.expect(200);
    assert_eq!(part.count(".toast"), 0);
    let page = ada.get("/orgs/acme/clients").await.expect(200);
    assert_eq!(page.text(".toast p"), "Client created.");
    assert_eq!(ada.get("/orgs/acme/clients").await.expect(200).count(".toast"), 0);
}

#[tokio::test]
async fn htmx_gets_a_toast_where_a_page_would_not_fit() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let answer = ada.htmx_get("/orgs/acme/members/not-an-id").await.expect(404);
    assert_eq!(answer.header("hx-reswap"), "none");
    assert!(answer.body.contains("hx-target=\"#toasts\"") && answer.body.contains("toast-danger"));
    let json = ada.send(ada.request("GET", "/nowhere").header("accept", "application/json")).await;
    assert_eq!(json.header("content-type"), "application/json");
    assert!(json.body.contains("\"status\":404"), "{}", json.body);
}

#[tokio::test]
async fn a_signed_out_htmx_request_goes_to_sign_in_as_a_whole_page() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let browser = app.browser();
    let request = browser
        .request("GET", "/orgs/acme/members?q=a")
        .header("hx-request", "true")
        .header("hx-current-url", format!("{}/orgs/acme/members", app.origin));
    let answer = browser.send(request).await.expect(204);
    assert_eq!(answer.header("hx-redirect"), "/login?next=%2Forgs%2Facme%2Fmembers");
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn asvs_3_5_1_requests_from_other_sites_are_refused() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.test"),
        ("origin", "null"),
    ] {
        let request = ada.request("POST", "/logout").header(name, value);
        let page = ada.send(request).await.expect(403);
        assert!(page.text("h1").contains("another site"));
    }
    ada.get("/orgs/acme").await.expect(200);
    let own =
        ada.request("POST", "/account").header("origin", &app.origin).form(&[("name", "Ada")]);
    ada.send(own).await.expect(303);
}

#[tokio::test]
async fn asvs_3_6_1_static_files_are_versioned_and_kept_for_ever() {
    let app = TestApp::spawn().await;
    let browser = app.browser();
    let page = browser.get("/login").await.expect(200);
    let css = page.attribute("link[rel=stylesheet]", "href");
    let answer = browser.get(&css).await.expect(200);
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    assert!(answer.header("cache-control").contains("immutable"));
    let other = browser.get("/static/app.css?v=other").await.expect(200);
    assert!(!other.header("cache-control").contains("immutable"));
    // The font that is loaded early is the one that the styles ask for.
    let fonts = answer.body.split("url(\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let fonts: Vec<_> = fonts.map(|path| format!("/static/{path}")).collect();
    assert!(fonts.contains(&page.attribute("link[rel=preload]", "href")), "{fonts:?}");
    for font in fonts.iter().filter(|font| font.contains(".woff2")) {
        let answer = browser.get(font).await.expect(200);
        assert_eq!(answer.header("content-type"), "font/woff2", "{font}");
        assert!(answer.header("cache-control").contains("immutable"), "{font}");
    }
    assert!(page.header("content-security-policy").contains("; font-src 'self'; "));
}

#[tokio::test]
async fn asvs_3_3_1_the_cookie_is_host_bound_and_secure_wherever_the_base_url_is_https() {
    let url = "https://tenantry.example.test".parse().unwrap();
    let app = TestApp::spawn_with(|config| config.with_base_url(url)).await;
    let browser = app.browser();
    let page = browser.request("GET", "/signup").header("host", "tenantry.example.test");
    let page = browser.send(page).await.expect(200);
    let cookie = page.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-tenantry-csrf="), "{cookie}");
    let fields = [
        ("name", "Ada"),
        ("email", "ada@example.test"),
        ("password", crate::support::PASSWORD),
        ("organization", "Acme"),
        ("csrf", &page.attribute("input[name=csrf]", "value")),
    ];
    let request = browser
        .request("POST", "/signup")
        .header("host", "tenantry.example.test")
        .header("origin", "https://tenantry.example.test")
        .header("cookie", cookie.split(';').next().unwrap());
    let answer = browser.send(request.form(&fields)).await.expect(303);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-tenantry="), "{cookie}");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert!(answer.header("strict-transport-security").contains("max-age=31536000"));
    let mail = app.last_mail("ada@example.test").await;
    assert!(mail.text.contains("https://tenantry.example.test/verify/"), "{}", mail.text);
    let request = browser.request("GET", "/dev/mailbox").header("host", "tenantry.example.test");
    browser.send(request).await.expect(404);
}

#[tokio::test]
async fn a_request_for_another_host_is_refused_and_changes_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    for host in ["evil.test", "127.0.0.1.evil.test", "127.0.0.1:1@evil.test", "a b", ""] {
        let request = ada
            .request("POST", "/password/forgot")
            .header("host", host)
            .header("x-forwarded-host", "evil.test")
            .form(&[("email", "ada.lovelace@example.test")]);
        let page = ada.send(request).await.expect(421);
        assert_eq!(page.count(".error-page h1"), 1, "{}", page.body);
        ada.send(ada.request("GET", "/healthz").header("host", host)).await.expect(200);
        ada.send(ada.request("GET", "/readyz").header("host", host)).await.expect(200);
    }
    app.work().await;
    let mails = app.mail.delivered_to("ada.lovelace@example.test");
    assert!(mails.iter().all(|mail| !mail.text.contains("/password/reset/")));
    for host in ["localhost", "localhost:8080", "[::1]:3000", "tenantry.localhost"] {
        ada.send(ada.request("GET", "/login").header("host", host)).await.expect(303);
    }
}

#[tokio::test]
async fn links_in_mails_come_from_the_settings_whatever_a_header_says() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let browser = app.browser();
    let request = browser
        .request("POST", "/password/forgot")
        .header("host", "localhost:1")
        .header("x-forwarded-host", "evil.test")
        .header("forwarded", "host=evil.test")
        .form(&[("email", "ada.lovelace@example.test")]);
    browser.send(request).await.expect(303);
    let mail = app.last_mail("ada.lovelace@example.test").await;
    assert!(!mail.raw.contains("evil.test") && mail.text.contains(&app.origin));
}

#[tokio::test]
async fn asvs_4_1_3_a_header_moves_nobody_to_another_address_unless_a_proxy_of_ours_wrote_it() {
    for (proxies, expected) in [(0, "127.0.0.1"), (1, "203.0.113.7")] {
        let app = TestApp::spawn_with(|config| config.behind_proxies(proxies)).await;
        app.founder("Ada Lovelace", "Acme").await;
        let browser = app.browser();
        let fields =
            [("email", "ada.lovelace@example.test"), ("password", crate::support::PASSWORD)];
        let request = browser
            .request("POST", "/login")
            .header("x-forwarded-for", "6.6.6.6, 203.0.113.7")
            .header("x-real-ip", "6.6.6.7")
            .header("forwarded", "for=6.6.6.8")
            .form(&fields);
        browser.send(request).await.expect(303);
        let addresses = app.database.texts("select address from sign_ins order by id").await;
        assert_eq!(addresses.last().unwrap(), expected, "{addresses:?}");
        assert!(!addresses.iter().any(|address| address.starts_with("6.6.6.")));
        let mail = app.last_mail("ada.lovelace@example.test").await;
        assert!(mail.text.contains(&format!("IP address: {expected}")), "{}", mail.text);
    }
}

#[tokio::test]
async fn asvs_14_3_1_signing_out_empties_the_browser_of_what_this_site_left_there() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let answer = ada.post("/logout", &[]).await.expect_redirect("/login");
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"");
    let other = app.browser().get("/login").await.expect(200);
    assert_eq!(other.header("clear-site-data"), "");
    let in_again = app.sign_in("Ada Lovelace").await.get("/").await.expect(303);
    assert_eq!(in_again.header("clear-site-data"), "");
}

#[tokio::test]
async fn ending_ones_own_sign_in_in_the_list_empties_the_browser_and_ending_another_does_not() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.sign_in("Ada Lovelace").await;
    let page = ada.get("/account/sessions").await.expect(200);
    let mut ends = page.attributes("form", "action");
    ends.retain(|action| action.starts_with("/account/sessions/") && action.ends_with("/end"));
    let own = app.database.number("select count(*) from sign_ins where ended_at is null").await;
    assert_eq!((own, ends.len()), (2, 2), "{}", page.body);
    let other = ada.post(&ends[1], &[]).await.expect_redirect("/account/sessions");
    assert_eq!(other.header("clear-site-data"), "");
    let answer = ada.post(&ends[0], &[]).await.expect_redirect("/login");
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"");
    ada.get("/account").await.expect(303);
}

#[tokio::test]
async fn asvs_3_4_3_each_page_names_its_scripts_by_a_nonce_of_its_own() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let mut seen = std::collections::HashSet::new();
    for path in ["/orgs/acme", "/orgs/acme", "/account"] {
        let page = ada.get(path).await;
        let nonces = page.attributes("script", "nonce");
        let policy = page.header("content-security-policy");
        assert_eq!(nonces.len(), 6, "{path}");
        let is_one = nonces.iter().all(|nonce| *nonce == nonces[0]);
        assert!(nonces[0].len() >= 22 && is_one, "{nonces:?}");
        assert!(policy.contains(&format!("script-src 'nonce-{}';", nonces[0])), "{policy}");
        assert!(!policy.contains("script-src 'self'"), "{policy}");
        assert!(seen.insert(nonces[0].clone()), "{path}: the same nonce twice");
    }
    for path in ["/nowhere", "/static/app.css", "/healthz"] {
        let answer = app.browser().get(path).await;
        assert!(!answer.body.contains("<script"), "{}", answer.body);
        assert!(answer.header("content-security-policy").contains("script-src 'none';"), "{path}");
    }
}

#[tokio::test]
async fn asvs_4_1_4_a_method_that_no_page_takes_is_405_with_those_that_it_takes() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"] {
        for path in ["/login", "/orgs/acme/settings", "/healthz"] {
            let page = ada.send_as_it_is(ada.request(method, path)).await.expect(405);
            assert!(page.header("allow").contains("GET"), "{method} {path}: {:?}", page.headers);
            assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
        }
    }
}
