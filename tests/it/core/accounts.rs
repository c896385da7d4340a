//! Signing up, signing in and out, the account, and forgotten passwords.

use time::Duration;

use crate::support::{PASSWORD, TestApp, email_of};

fn signup<'a>(email: &'a str, organization: &'a str) -> [(&'static str, &'a str); 4] {
    [
        ("name", "Ada Lovelace"),
        ("email", email),
        ("password", PASSWORD),
        ("organization", organization),
    ]
}

#[tokio::test]
async fn signing_up_lands_on_the_overview_with_first_steps() {
    let app = TestApp::spawn().await;
    let browser = app.browser();
    let page =
        browser.submit("/signup", &signup("Ada@Example.TEST", "Acme & Söhne")).await.expect(200);
    assert_eq!(page.path, "/orgs/acme-sohne");
    assert_eq!(page.text("h1"), "Acme & Söhne");
    assert_eq!(page.count(".step"), 5);
    assert_eq!(page.texts(".step.is-done strong"), ["Create your organization"]);
    assert!(page.text(".switcher-role").contains("Owner"));
    assert!(page.text(".switcher-panel .menu-head").contains("ada@example.test"));
    let welcome = app.last_mail("ada@example.test").await;
    assert!(welcome.text.contains("/orgs/acme-sohne"), "{}", welcome.text);
    assert!(welcome.html.contains("Acme &#38; Söhne") || welcome.html.contains("Acme &amp; Söhne"));

    let link = welcome.link("/verify/");
    assert_eq!(browser.get(&link).await.expect(200).count("form"), 1);
    browser.post(&link, &[]).await.expect_redirect("/");
    app.invite(&browser, "acme-sohne", "bo@example.test", "member").await;
    let page = browser.get("/orgs/acme-sohne").await;
    assert_eq!(page.count(".step.is-done"), 3, "steps tick themselves off: {}", page.body);
}

#[tokio::test]
async fn what_is_wrong_with_a_sign_up_is_said_at_its_field_and_what_was_typed_comes_back() {
    let app = TestApp::spawn().await;
    let fields = [
        ("name", "Ada"),
        ("email", "not an address"),
        ("password", "short"),
        ("organization", " "),
    ];
    let page = app.browser().post("/signup", &fields).await.expect(422);
    assert!(page.text("#email-error").contains("email address"));
    assert!(page.text("#password-error").contains("at least 12"));
    assert!(page.text("#organization-error").contains("Enter a name"));
    assert_eq!(page.attribute("#name", "value"), "Ada");
    assert_eq!(page.attribute("#email", "value"), "not an address");
    assert!(!page.body.contains("short\""), "a password never comes back");
    assert_eq!(app.database.number("select count(*) from users").await, 0);
}

#[tokio::test]
async fn asvs_6_3_8_a_taken_address_gets_the_same_answer_as_a_free_one_and_its_owner_a_mail() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let free = app.browser().post("/signup", &signup("free@example.test", "Borealis")).await;
    let taken =
        app.browser().post("/signup", &signup(" ADA.lovelace@example.test", "Corona")).await;
    assert_eq!((free.status, free.body.as_str()), (taken.status, taken.body.as_str()));
    let names = |answer: &crate::support::Answer| {
        answer.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(&free), names(&taken));
    assert_eq!(free.location().unwrap(), "/orgs/borealis");
    assert_eq!(taken.location().unwrap(), "/orgs/corona");
    assert_eq!(app.database.number("select count(*) from organizations").await, 2);
    let mail = app.last_mail("ada.lovelace@example.test").await;
    assert!(mail.text.contains("/password/forgot"), "{}", mail.text);
}

#[tokio::test]
async fn asvs_2_3_3_an_account_its_organization_and_its_owner_exist_together_or_not_at_all() {
    let app = TestApp::spawn().await;
    // The last step of signing up fails, so none of the others may take effect.
    app.database.execute("alter table outbox rename to outbox_away").await.unwrap();
    let browser = app.browser();
    let request = browser.request("POST", "/signup").form(&signup("ada@example.test", "Acme"));
    browser.send_whatever_comes(request).await.expect(500);
    app.database.execute("alter table outbox_away rename to outbox").await.unwrap();
    for table in ["users", "organizations", "memberships", "roles", "sign_ins", "account_tokens"] {
        assert_eq!(
            app.database.number(&format!("select count(*) from {table}")).await,
            0,
            "{table}"
        );
    }
}

#[tokio::test]
async fn asvs_3_7_2_signing_in_leads_to_the_page_that_was_asked_for_and_never_to_another_host() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let browser = app.browser();
    let asked = browser.get("/orgs/acme/members?q=ada").await;
    asked.expect_redirect("/login?next=%2Forgs%2Facme%2Fmembers%3Fq%3Dada");
    let form = browser.get("/login?next=%2Forgs%2Facme%2Fmembers%3Fq%3Dada").await;
    let next = form.attribute("input[name=next]", "value");
    let fields = [("email", "ada.lovelace@example.test"), ("password", PASSWORD), ("next", &next)];
    browser.post("/login", &fields).await.expect_redirect("/orgs/acme/members?q=ada");
    for elsewhere in ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)"] {
        let fields =
            [("email", "ada.lovelace@example.test"), ("password", PASSWORD), ("next", elsewhere)];
        app.browser().post("/login", &fields).await.expect_redirect("/");
    }
    app.work().await;
}

#[tokio::test]
async fn asvs_6_3_8_a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let wrong = [("email", "ada.lovelace@example.test"), ("password", "not her password")];
    let unknown = [("email", "nobody@example.test"), ("password", "not her password")];
    let wrong = app.browser().post("/login", &wrong).await.expect(422);
    let unknown = app.browser().post("/login", &unknown).await.expect(422);
    let without_address = |body: &str| {
        body.replace("ada.lovelace@example.test", "X").replace("nobody@example.test", "X")
    };
    assert_eq!(without_address(&wrong.lasting()), without_address(&unknown.lasting()));
    assert!(wrong.text(".form-error").contains("Incorrect email or password"));
}

#[tokio::test]
async fn asvs_6_2_2_changing_the_password_needs_the_current_one_and_ends_all_other_sign_ins() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let other = app.sign_in("Ada Lovelace").await;
    let new = "a wholly different phrase";
    let wrong = [("current_password", "not her password"), ("password", new)];
    let page = ada.post("/account/password", &wrong).await.expect(422);
    assert!(page.text("#current_password-error").contains("isn't your current"));
    other.get("/account").await.expect(200);
    let right = [("current_password", PASSWORD), ("password", new)];
    ada.post("/account/password", &right).await.expect_redirect("/account/password");
    ada.get("/account").await.expect(200);
    other.get("/account").await.expect(303);
    let mail = app.last_mail("ada.lovelace@example.test").await;
    assert!(mail.text.contains("/not-me/"), "{}", mail.text);
    let browser = app.browser();
    let email = email_of("Ada Lovelace");
    browser.post("/login", &[("email", &email), ("password", PASSWORD)]).await.expect(422);
    browser.post("/login", &[("email", &email), ("password", new)]).await.expect_redirect("/");
    app.work().await;
}

#[tokio::test]
async fn the_profile_takes_a_name_and_refuses_hidden_characters() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let page = ada.submit("/account", &[("name", "Ada King")]).await.expect(200);
    assert_eq!(page.attribute("#name", "value"), "Ada King");
    assert!(page.text(".toast").contains("saved"));
    assert!(!ada.get("/account").await.body.contains("Profile saved"), "a message is shown once");
    let page = ada.post("/account", &[("name", "Ada\u{202E}gniK")]).await.expect(422);
    assert!(page.text("#name-error").contains("is invisible"));
    ada.post("/account", &[("name", "Ada\r\nBcc: x@y.test")]).await.expect(422);
}

#[tokio::test]
async fn asvs_6_3_8_a_forgotten_password_is_answered_the_same_for_every_address() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let mails = app.mail.count();
    let known = app.browser();
    let unknown = app.browser();
    let (known_cost, first) = app
        .statements(known.post("/password/forgot", &[("email", "ada.lovelace@example.test")]))
        .await;
    let (unknown_cost, second) =
        app.statements(unknown.post("/password/forgot", &[("email", "nobody@example.test")])).await;
    assert_eq!(known_cost, unknown_cost, "the same work for both");
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!(first.location(), second.location());
    app.work().await;
    assert_eq!(app.mail.count(), mails + 1);
}

#[tokio::test]
async fn asvs_6_4_1_a_reset_link_sets_the_password_once_and_signs_nobody_in() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let email = email_of("Ada Lovelace");
    let browser = app.browser();
    browser.post("/password/forgot", &[("email", &email)]).await.expect_redirect("/login");
    let first = app.last_mail(&email).await.link("/password/reset/");
    browser.post("/password/forgot", &[("email", &email)]).await.expect(303);
    let newest = app.last_mail(&email).await.link("/password/reset/");
    assert_ne!(first, newest);
    let page = browser.get(&first).await.expect(410);
    assert!(page.text(".error-page").contains("There's a newer link"), "{}", page.body);
    assert_eq!(page.attribute(".error-page a.btn", "href"), "/password/forgot");

    // Mail scanners open links, which does not use up the token.
    for _ in 0..3 {
        app.browser().get(&newest).await.expect_redirect("/password/reset");
        let scanner = app.browser();
        scanner.send(scanner.request("HEAD", &newest)).await.expect(303);
    }
    let opened = browser.get(&newest).await.expect_redirect("/password/reset");
    let cookies: Vec<_> = opened.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 1, "the session is left alone: {cookies:?}");
    assert!(opened.header("set-cookie").starts_with(&app.cookie("reset")));
    let page = browser.get("/password/reset").await.expect(200);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let page = browser.post("/password/reset", &[("password", "short")]).await.expect(422);
    assert!(page.text("#password-error").contains("at least 12"));
    let new = "a wholly different phrase";
    browser.post("/password/reset", &[("password", new)]).await.expect_redirect("/login");
    browser.get("/account").await.expect(303);
    ada.get("/account").await.expect(303);
    let mail = app.last_mail(&email).await;
    assert!(mail.subject.to_lowercase().contains("password"), "{}", mail.subject);

    let again = app.browser();
    again.get(&newest).await.expect(410);
    again.post("/password/reset", &[("password", new)]).await.expect(410);
    browser.post("/login", &[("email", &email), ("password", new)]).await.expect_redirect("/");
}

#[tokio::test]
async fn asvs_6_4_1_a_reset_link_lives_one_hour() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let email = email_of("Ada Lovelace");
    let browser = app.browser();
    browser.post("/password/forgot", &[("email", &email)]).await.expect(303);
    let link = app.last_mail(&email).await.link("/password/reset/");
    app.advance(Duration::minutes(59));
    browser.get(&link).await.expect(303);
    app.advance(Duration::minutes(2));
    browser.get(&link).await.expect(410);
    browser.get("/password/reset").await.expect(410);
    let new = [("password", "a wholly different phrase")];
    browser.post("/password/reset", &new).await.expect(410);
}

#[tokio::test]
async fn asvs_11_4_2_a_weaker_hash_is_renewed_at_the_next_sign_in() {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

    let app = TestApp::spawn_with(|config| config.with_password_cost(Params::DEFAULT)).await;
    app.founder("Ada Lovelace", "Acme").await;
    let params = Params::new(64, 1, 1, None).unwrap();
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let weak = weak.hash_password(PASSWORD.as_bytes()).unwrap().to_string();
    let set = format!("update users set password_hash = '{weak}'");
    app.database.execute(&set).await.unwrap();
    let email = email_of("Ada Lovelace");
    let wrong = [("email", email.as_str()), ("password", "not her password")];
    app.browser().post("/login", &wrong).await.expect(422);
    let hashes = "select password_hash from users";
    assert_eq!(app.database.texts(hashes).await, [weak]);
    app.sign_in("Ada Lovelace").await;
    let renewed = app.database.texts(hashes).await;
    assert!(renewed[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed:?}");
    app.sign_in("Ada Lovelace").await;
    assert_eq!(app.database.texts(hashes).await, renewed, "a hash of today stays");
    app.work().await;
}
