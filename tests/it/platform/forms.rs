//! What was typed survives, and what is sent twice is done once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use futures_util::future::join_all;
use tenantry::core::operators::{OperatorCommand, run};
use tenantry::platform::web::typed::{Field, SECRETS};
use time::Duration;

use crate::core::factors::set_up;
use crate::support::world::{Call, World, place};
use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

/// Returns the fields that the form of `page` with the action `path` sends.
fn fields(page: &Answer, path: &str) -> Vec<(String, String)> {
    let form = format!("form[method=post][action=\"{path}\"]");
    assert!(page.count(&form) > 0, "no form to {path}: {}", page.body);
    let inputs = format!("{form} input:not([type=checkbox]), {form} textarea");
    let selector = scraper::Selector::parse(&inputs).unwrap();
    let html = page.html();
    let fields = html.select(&selector).filter_map(|field| {
        let text = match field.value().name() {
            "textarea" => field.text().collect(),
            _ => field.attr("value").unwrap_or_default().to_owned(),
        };
        Some((field.attr("name")?.to_owned(), text))
    });
    fields.collect()
}

/// Posts a form with its token, as a browser without scripts does.
async fn post(browser: &Browser, path: &str, form: &[(String, String)]) -> Answer {
    browser.send_as_it_is(browser.request("POST", path).form(form)).await
}

fn owned(form: &[(&str, &str)]) -> Vec<(String, String)> {
    form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn with_token(browser: &Browser, form: &[(&str, &str)]) -> Vec<(String, String)> {
    let token = browser.token().await;
    owned(&[form, &[("csrf", &token)]].concat())
}

/// Ends every sign-in, as somebody could do on another device.
async fn end_sign_ins(app: &TestApp) {
    let end = "update sign_ins set ended_at = last_seen_at where ended_at is null";
    app.database.execute(end).await.unwrap();
}

/// Signs in on the page that keeps what was typed.
async fn sign_in_on(browser: &Browser, page: &Answer, email: &str) -> Answer {
    let mut form = fields(page, "/login");
    for (name, value) in &mut form {
        match name.as_str() {
            "email" => *value = email.to_owned(),
            "password" => *value = PASSWORD.to_owned(),
            _ => {}
        }
    }
    let answer = post(browser, "/login", &form).await;
    browser.forget_token().await;
    answer
}

/// The POST requests of an organization, in an order in which its owner can send them all.
fn in_order(world: &World) -> Vec<Call> {
    let mut calls = world.calls(&world.acme);
    calls.retain(|call| call.method == "POST");
    calls.sort_by_key(|call| place(call.route));
    calls
}

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
    let mut wrong = fields(&page, "/login");
    wrong.iter_mut().for_each(|(name, value)| match name.as_str() {
        "email" => email.clone_into(value),
        "password" => "not the right one".clone_into(value),
        _ => {}
    });
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
async fn what_was_typed_is_carried_for_a_day_without_secrets_and_opens_for_nobody_else() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.founder("Otto Other", "Other").await;
    let form = [("name", "Client"), ("notes", "Mine"), ("password", "a secret that was typed")];
    let sent = with_token(&ada, &form).await;
    end_sign_ins(&app).await;
    let page = post(&ada, "/orgs/acme/clients", &sent).await.expect(403);
    assert!(!page.body.contains("a secret that was typed"));
    let kept = page.attribute("input[name=kept]", "value");
    assert!(!kept.is_empty() && !kept.contains("Mine"));
    let mut forged = page;
    forged.body = forged.body.replace(&kept, &kept.replace(&kept[60..64], "AAAA"));
    let email = email_of("Ada Lovelace");
    sign_in_on(&ada, &forged, &email).await.expect_redirect("/orgs/acme/clients");
    // Somebody else signs in in the same browser: the text can be read, but has no effect.
    let sent = with_token(&ada, &form[..2]).await;
    end_sign_ins(&app).await;
    let page = post(&ada, "/orgs/acme/clients", &sent).await.expect(403);
    let page = sign_in_on(&ada, &page, &email_of("Otto Other")).await.expect(200);
    let answer = post(&ada, "/orgs/acme/clients", &fields(&page, "/orgs/acme/clients")).await;
    let answer = answer.expect(404);
    assert!(answer.body.contains("Mine"), "to copy it");
    assert_eq!(answer.count("form button"), 0);
    let sent = with_token(&ada, &form[..2]).await;
    end_sign_ins(&app).await;
    let page = post(&ada, "/orgs/acme/clients", &sent).await.expect(403);
    app.advance(Duration::hours(25));
    sign_in_on(&ada, &page, &email).await.expect_redirect("/orgs/acme/clients");
    assert_eq!(app.database.number("select count(*) from clients").await, 0);
    app.work().await;
}

#[tokio::test]
async fn what_was_typed_is_on_the_page_of_a_refusal_or_a_fault() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let max = app.member(&ada, "acme", "Max Member", "member").await;
    let form = [("name", "Client"), ("notes", "What I wrote")];
    let too_long = "long ".repeat(60_000);
    let sent = with_token(&max, &[("name", "Client"), ("notes", &too_long)]).await;
    let page = post(&max, "/orgs/acme/clients", &sent).await.expect(413);
    let kept = fields(&page, "/orgs/acme/clients");
    assert!(kept.iter().any(|(name, text)| name == "notes" && *text == too_long));
    let shorter: Vec<(String, String)> =
        kept.into_iter().map(|(name, text)| (name, text.chars().take(1000).collect())).collect();
    post(&max, "/orgs/acme/clients", &shorter).await.expect(303);

    app.database.execute("alter table clients rename to away").await.unwrap();
    let sent = with_token(&max, &form).await;
    let page = post(&max, "/orgs/acme/clients", &sent).await.expect(500);
    app.database.execute("alter table away rename to clients").await.unwrap();
    let kept = fields(&page, "/orgs/acme/clients");
    assert_eq!(page.count("form button"), 1);
    post(&max, "/orgs/acme/clients", &kept).await.expect(422); // The name is taken: the form comes back.

    let id = app.membership_id(&ada, "acme", "Max Member").await;
    let path = format!("/orgs/acme/members/{id}");
    ada.post(&format!("{path}/role"), &[("role", "viewer")]).await.expect(303);
    let page = post(&max, "/orgs/acme/clients", &sent).await.expect(403);
    assert!(page.body.contains("What I wrote") && page.count("form button") == 0);
    ada.post(&format!("{path}/remove"), &[]).await.expect(303);
    let page = post(&max, "/orgs/acme/clients", &sent).await.expect(404);
    assert!(page.body.contains("What I wrote") && page.count("form button") == 0);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_form_sent_again_and_again_does_what_it_does_once() {
    let world = World::new().await;
    let owner = &world.acme.owner;
    let count = "select count(*) from audit_log";
    let routes = world.routes();
    let mut done = 0;
    for call in in_order(&world) {
        let is_once =
            routes.iter().any(|r| r.method == "POST" && r.path == call.route && r.is_once);
        let form: Vec<(&str, &str)> = call.form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let sent = with_token(owner, &[&form[..], &[("once", "0123456789abcdef")]].concat()).await;
        if !is_once {
            post(owner, &call.path, &sent).await;
            continue;
        }
        world.app.work().await;
        let before = world.app.database.number(count).await;
        let answers = join_all((0..4).map(|_| post(owner, &call.path, &sent))).await;
        let again = post(owner, &call.path, &sent).await.expect(303).location();
        for answer in answers {
            let to = answer.expect(303).location();
            let same = |path: &Option<String>| {
                path.as_deref().map(|p| p.split('#').next().unwrap().to_owned())
            };
            assert_eq!(same(&to), same(&again), "{}", call.route);
        }
        world.app.work().await;
        let after = world.app.database.number(count).await;
        assert_eq!(after - before, 1, "{}", call.route);
        done += 1;
    }
    assert!(done >= 10, "{done} routes");
    world.app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_organization_is_started_once_and_another_name_in_the_same_form_starts_another() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let page = ada.get("/orgs/new").await.expect(200);
    let mut form = fields(&page, "/orgs");
    let count = "select count(*) from organizations";
    for (name, expected) in [("Second", 2), ("Third", 3)] {
        form.iter_mut().filter(|(n, _)| n == "name").for_each(|(_, v)| name.clone_into(v));
        let answers = join_all((0..4).map(|_| post(&ada, "/orgs", &form))).await;
        for answer in answers {
            answer.expect_redirect(&format!("/orgs/{}", name.to_lowercase()));
        }
        assert_eq!(app.database.number(count).await, expected);
    }
    app.work().await;
    app.advance(Duration::days(3));
    tenantry::workers::tidy(&app.app).await;
    assert_eq!(app.database.number("select count(*) from sent_forms").await, 0);
}

#[tokio::test]
async fn a_limit_in_characters_is_one_whatever_the_characters_are() {
    let world = World::new().await;
    let (owner, house) = (&world.acme.owner, &world.acme);
    let (project, task) = (house.id("projects", ""), house.id("tasks", ""));
    let path = format!("/orgs/acme/projects/{project}");
    for letter in ["日", "𐍈", "&"] {
        let text = |characters: usize| letter.repeat(characters);
        let body = text(8000);
        owner.post(&format!("{path}/comments"), &[("body", &body)]).await.expect(303);
        let on_task = format!("{path}/tasks/{task}/comments");
        owner.post(&on_task, &[("body", &body)]).await.expect(303);
        owner.post(&on_task, &[("body", &text(8001))]).await.expect(422);
        let name = format!("Client {letter}");
        let notes = text(4000);
        let fields = [("name", name.as_str()), ("notes", &notes)];
        owner.post("/orgs/acme/clients", &fields).await.expect(303);
        let fields = [("name", name.as_str()), ("description", &body)];
        owner.post("/orgs/acme/projects", &fields).await.expect(303);
    }
}

#[tokio::test]
async fn a_code_that_nobody_typed_never_keeps_a_project_from_coming_back() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let start = async |fields: &[(&str, &str)]| {
        ada.post("/orgs/acme/projects", fields).await.expect(303).location().unwrap()
    };
    let first = start(&[("name", "Website")]).await;
    ada.post(&format!("{first}/delete"), &[]).await.expect(303);
    let second = start(&[("name", "Website")]).await;
    assert_ne!(first, second);
    ada.post(&format!("{first}/restore"), &[]).await.expect_redirect(&first);
    let codes = app.database.texts("select code from projects order by code").await;
    assert_eq!(codes, ["WEBS-1", "WEBS-2"]);
    assert!(ada.get(&first).await.body.contains("WEBS-2"));

    let typed = start(&[("name", "Shop"), ("code", "SHOP")]).await;
    ada.post(&format!("{typed}/delete"), &[]).await.expect(303);
    let other = start(&[("name", "Other shop"), ("code", "SHOP")]).await;
    let page = ada.post(&format!("{typed}/restore"), &[]).await.expect(409);
    let list = ada.get(&page.attribute(".row a.btn-primary", "href")).await.expect(200);
    assert!(list.body.contains("Other shop"), "{}", list.body);
    let edit = ada.get(&format!("{other}/edit")).await;
    let version = edit.attribute("input[name=version]", "value");
    let fields = [("name", "Other shop"), ("code", "SHOP2"), ("version", version.as_str())];
    ada.post(&format!("{other}/edit"), &fields).await.expect(303);
    ada.post(&format!("{typed}/restore"), &[]).await.expect_redirect(&typed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn projects_of_one_name_that_start_at_once_all_get_a_code() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    ada.token().await;
    let start = || ada.post("/orgs/acme/projects", &[("name", "Website")]);
    for answer in join_all((0..4).map(|_| start())).await {
        answer.expect(303);
    }
}

/// Returns every template: its path and its text.
fn templates() -> Vec<(PathBuf, String)> {
    let (mut folders, mut templates) = (vec![PathBuf::from("templates")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                templates.push((path, text));
            }
        }
    }
    templates
}

#[test]
fn every_secret_that_a_page_asks_for_is_one_that_is_never_carried() {
    let mut secrets = 0;
    for (path, text) in templates() {
        for input in text.split("<input").skip(1) {
            let tag = input.split('>').next().unwrap();
            if tag.contains("type=\"password\"") && !tag.contains("name=\"{{ name }}\"") {
                let name = tag.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
                assert!(SECRETS.contains(&name), "{}: {name}", path.display());
                secrets += 1;
            }
        }
        for call in text.split("ui::current_password(").skip(1) {
            let name = call.split('"').nth(1).unwrap();
            assert!(SECRETS.contains(&name), "{}: {name}", path.display());
            secrets += 1;
        }
    }
    assert!(secrets >= 3, "{secrets} fields");
}

/// Confirms the user's identity on the page that keeps what was typed.
async fn confirm_on(browser: &Browser, page: &Answer, password: &str) -> Answer {
    let mut form = fields(page, "/account/confirm");
    for (name, value) in &mut form {
        if name == "password" {
            password.clone_into(value);
        }
    }
    let answer = post(browser, "/account/confirm", &form).await;
    browser.forget_token().await;
    answer
}

#[tokio::test]
async fn what_was_typed_survives_having_to_show_again_who_one_is() {
    let app = TestApp::spawn().await;
    let owner = app.founder("Olga Owner", "Acme").await;
    let operator = app.founder("Otto Operator", "Ops").await;
    let grant = OperatorCommand::Grant { email: email_of("Otto Operator") };
    run(&app.app, &grant).await.unwrap();
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
        assert_eq!(page.text("h1"), "Confirm that it is you");
        assert!(
            page.text("textarea").contains("名")
                || page.body.contains(&format!("value=\"{text}\"")),
            "{path}"
        );
        assert!(page.attribute("a.btn", "href").starts_with(&path[..6]), "{path}");
        // A wrong password loses nothing, either.
        let page = confirm_on(browser, &page, "not my password").await.expect(422);
        let page = confirm_on(browser, &page, PASSWORD).await.expect(200);
        assert_eq!(page.text("h1"), "What you typed is still here");
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

#[test]
fn what_was_typed_is_called_what_its_form_calls_it() {
    let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, text) in templates() {
        for call in text.split("ui::field(errors, ").chain(text.split("ui::text_area(errors, ")) {
            let words: Vec<&str> = call.splitn(5, '"').collect();
            if let ["", name, ", ", label, _] = words[..] {
                labels.entry(name.to_owned()).or_default().insert(label.to_owned());
            }
        }
    }
    // The label of a confirmation phrase is a sentence.
    labels.remove("phrase");
    assert!(labels.len() > 10, "{labels:?}");
    for (name, labels) in labels {
        let field = Field { name: name.clone(), value: String::new() };
        assert!(labels.contains(&field.label()), "{name}: {labels:?}");
    }
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

#[tokio::test]
async fn a_sign_up_that_is_sent_twice_makes_one_account_and_both_browsers_are_in() {
    let app = TestApp::spawn().await;
    let browser = app.browser();
    let page = browser.get("/signup").await.expect(200);
    let mut form = fields(&page, "/signup");
    for (name, value) in &mut form {
        *value = match name.as_str() {
            "name" => "Ada Lovelace".to_owned(),
            "email" => email_of("Ada Lovelace"),
            "password" => PASSWORD.to_owned(),
            "organization" => "Acme".to_owned(),
            _ => continue,
        };
    }
    assert!(form.iter().any(|(name, _)| name == "once"), "{form:?}");
    let send = || post(&browser, "/signup", &form);
    for answer in join_all([send(), send()]).await {
        answer.expect_redirect("/orgs/acme");
        browser.get("/orgs/acme").await.expect(200);
    }
    app.work().await;
    assert_eq!(app.database.number("select count(*) from users").await, 1);
    assert_eq!(app.database.number("select count(*) from organizations").await, 1);
    let mails = app.mail.delivered_to(&email_of("Ada Lovelace"));
    assert!(mails.iter().all(|mail| !mail.subject.contains("already")), "{mails:?}");
}
