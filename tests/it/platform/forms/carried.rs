//! How what was typed is carried: for how long, without which fields, and by what names.

use std::collections::{BTreeMap, BTreeSet};

use tenantry::platform::web::typed::{Field, SECRETS};
use time::Duration;

use super::{end_sign_ins, fields, post, sign_in_on, with_token};
use crate::support::{TestApp, email_of, files};

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
    let forged = page.body.replace(&kept, &kept.replace(&kept[60..64], "AAAA"));
    let forged = page.with_body(forged);
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
    assert_eq!(answer.count("main form button"), 0);
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
    assert_eq!(page.count("main form button"), 1);
    post(&max, "/orgs/acme/clients", &kept).await.expect(422); // The name is taken: the form comes back.

    let id = app.membership_id(&ada, "acme", "Max Member").await;
    let path = format!("/orgs/acme/members/{id}");
    ada.post(&format!("{path}/role"), &[("role", "viewer")]).await.expect(303);
    let page = post(&max, "/orgs/acme/clients", &sent).await.expect(403);
    assert!(page.body.contains("What I wrote") && page.count("main form button") == 0);
    ada.post(&format!("{path}/remove"), &[]).await.expect(303);
    let page = post(&max, "/orgs/acme/clients", &sent).await.expect(404);
    assert!(page.body.contains("What I wrote") && page.count("main form button") == 0);
    app.work().await;
}

#[test]
fn every_secret_that_a_page_asks_for_is_one_that_is_never_carried() {
    let mut secrets = 0;
    for (path, text) in files("templates", "") {
        for input in text.split("<input").skip(1) {
            let tag = input.split('>').next().unwrap();
            if tag.contains("type=\"password\"") && !tag.contains("name=\"{{ name }}\"") {
                let name = tag.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
                assert!(SECRETS.contains(&name), "{path}: {name}");
                secrets += 1;
            }
        }
        for call in text.split("ui::current_password(").skip(1) {
            let name = call.split('"').nth(1).unwrap();
            assert!(SECRETS.contains(&name), "{path}: {name}");
            secrets += 1;
        }
    }
    assert!(secrets >= 3, "{secrets} fields");
}

#[test]
fn what_was_typed_is_called_what_its_form_calls_it() {
    let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, text) in files("templates", "") {
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
