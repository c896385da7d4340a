//! `tenantry user`: running an installation without mail.

use tenantry::core::operators::people::{
    end_sign_ins_of, reactivate_account, reset_link, suspend_account,
};

use super::people::{OLGA, PEOPLE, REASON, recorded, sign_in};
use super::{acme, command};
use crate::support::{PASSWORD, TestApp, email_of};

const EMAIL: &str = "ada.lovelace@example.test";
const ADA: &str = "Ada Lovelace";

/// The path of the link that a command has printed.
fn printed(said: &str) -> String {
    let link = said.lines().find(|line| line.contains("/password/reset/"));
    url::Url::parse(link.unwrap_or_else(|| panic!("{said}"))).unwrap().path().to_owned()
}

/// Sets the password with a link, in a browser of its own.
async fn set_password(app: &TestApp, link: &str, password: &str) {
    let browser = app.browser();
    browser.get(link).await.expect_redirect("/password/reset");
    browser.post("/password/reset", &[("password", password)]).await.expect_redirect("/login");
    app.work().await;
}

async fn is_confirmed(app: &TestApp) -> bool {
    let confirmed = "select count(*) from users where email = 'ada.lovelace@example.test'
         and email_verified_at is not null";
    app.database.number(confirmed).await == 1
}

#[tokio::test]
async fn an_account_is_made_at_the_command_line_and_its_link_sets_the_password() {
    let app = TestApp::spawn().await;
    let create = ["user", "create", "ADA.Lovelace@example.test", "--name", ADA];
    let (code, said, error) = command(&app, &create);
    assert_eq!(code, Some(0), "{error}");
    assert!(said.starts_with(&format!("{EMAIL} now has an account.")), "{said}");
    // Before that, no password works, not even the empty one.
    for wrong in ["", PASSWORD] {
        sign_in(&app, ADA, wrong).await.expect(422);
    }
    let link = printed(&said);
    let token = link.rsplit('/').next().unwrap();
    assert!(!app.dump().await.contains(token), "a token is readable in the database");
    set_password(&app, &link, PASSWORD).await;
    app.browser().get(&link).await.expect(410);
    sign_in(&app, ADA, PASSWORD).await.expect_redirect("/");
    assert!(!is_confirmed(&app).await, "a link that was handed over proves no address");
    // It is created only once.
    let (code, said, error) = command(&app, &create);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(error.contains("already has an account") && error.lines().count() == 1, "{error}");
    let who = format!("system {EMAIL}");
    assert_eq!(recorded(&app, "account.created").await, std::slice::from_ref(&who));
    assert_eq!(recorded(&app, "account.reset_handed_over").await, [who]);
}

#[tokio::test]
async fn the_command_line_answers_for_an_address_once_and_says_so_in_the_log() {
    let app = TestApp::spawn().await;
    app.unproved_founder(ADA, "Acme").await;
    for words in ["is now confirmed, on your word", "was already confirmed"] {
        let (code, said, error) = command(&app, &["user", "confirm", EMAIL]);
        assert_eq!(code, Some(0), "{error}");
        assert!(said.contains(words), "{said}");
        assert!(is_confirmed(&app).await);
    }
    assert_eq!(recorded(&app, "account.address_confirmed").await, [format!("system {EMAIL}")]);
    assert!(app.dump_tables(&["audit_details"]).await.contains("vouched_for_by"));
    let create = ["user", "create", "bo@example.test", "--name", "Bo", "--confirmed"];
    assert_eq!(command(&app, &create).0, Some(0));
    let (_, said, _) = command(&app, &["user", "list", "bo@"]);
    assert!(said.starts_with("bo@example.test\tBo\t") && said.contains("\tconfirmed\t"), "{said}");
}

#[tokio::test]
async fn nobody_becomes_an_operator_whose_address_was_not_shown_to_be_theirs() {
    let app = TestApp::spawn().await;
    let ada = app.unproved_founder(ADA, "Acme").await;
    let (code, said, error) = command(&app, &["operator", "grant", EMAIL]);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(error.contains(&format!("tenantry user confirm {EMAIL}")), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    ada.get(PEOPLE).await.expect(404);
    assert_eq!(app.database.number("select count(*) from operators").await, 0);
    // Its advice works.
    assert_eq!(command(&app, &["user", "confirm", EMAIL]).0, Some(0));
    let (code, said, _) = command(&app, &["operator", "grant", EMAIL]);
    assert_eq!(code, Some(0));
    assert!(
        said.contains("is now an operator") && said.contains("two-factor authentication"),
        "{said}"
    );
    ada.get(PEOPLE).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn a_link_is_printed_for_somebody_who_gets_no_mail_and_they_are_told() {
    let (app, owner, _) = acme().await;
    let email = email_of(OLGA);
    let said = reset_link(&app.app, &email).await.unwrap();
    let told = app.last_mail(&email).await;
    assert!(told.subject.contains("A link to set a new password"), "{}", told.subject);
    let link = printed(&said);
    assert!(!told.text.contains(&link), "{}", told.text);
    owner.get("/account").await.expect(200);
    let newer = printed(&reset_link(&app.app, &email).await.unwrap());
    app.browser().get(&link).await.expect(410);
    let new = "a wholly different phrase";
    set_password(&app, &newer, new).await;
    owner.get("/account").await.expect(303);
    sign_in(&app, OLGA, new).await.expect_redirect("/");
    app.advance(time::Duration::minutes(61));
    let late = printed(&reset_link(&app.app, &email).await.unwrap());
    app.browser().get(&late).await.expect(303);
    for _ in 0..4 {
        reset_link(&app.app, &email).await.unwrap();
    }
    let error = reset_link(&app.app, &email).await.unwrap_err();
    assert!(error.contains("five links were created within an hour"), "{error}");
    app.work().await;
}

#[tokio::test]
async fn an_account_is_suspended_reactivated_and_signed_out_at_the_command_line() {
    let (app, owner, _) = acme().await;
    let email = email_of(OLGA);
    for words in ["test suspended.", "was already suspended"] {
        let said = suspend_account(&app.app, &email, REASON).await.unwrap();
        assert!(said.contains(words), "{said}");
    }
    owner.get("/account").await.expect(303);
    let page = sign_in(&app, OLGA, PASSWORD).await.expect(403);
    assert!(page.body.contains(REASON), "{}", page.body);
    let shown = command(&app, &["user", "show", &email]).1;
    assert!(shown.contains(&format!("Reason: {REASON}")), "{shown}");
    let told = app.last_mail(&email).await;
    assert!(told.text.contains(REASON), "{}", told.text);
    for words in ["reactivated", "was already active"] {
        let said = reactivate_account(&app.app, &email).await.unwrap();
        assert!(said.contains(words), "{said}");
    }
    let again = app.sign_in(OLGA).await;
    for ended in [1, 0] {
        assert_eq!(end_sign_ins_of(&app.app, &email).await, Ok(ended));
    }
    again.get("/account").await.expect(303);
    app.work().await;
    let subjects: Vec<_> =
        app.mail.delivered_to(&email).into_iter().map(|mail| mail.subject).collect();
    for subject in ["is suspended", "active again", "signed out everywhere"] {
        let told = subjects.iter().filter(|told| told.contains(subject)).count();
        assert_eq!(told, 1, "{subject}: {subjects:?}");
    }
    for action in ["account.suspended", "account.reactivated", "sign_in.all_ended"] {
        assert_eq!(recorded(&app, action).await, [format!("system {email}")], "{action}");
    }
}

#[tokio::test]
async fn accounts_are_listed_and_shown_as_operators_see_them() {
    let (app, ..) = acme().await;
    let (code, said, _) = command(&app, &["user", "list"]);
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = said.lines().collect();
    let olga =
        "olga.owner@example.test\tOlga Owner\t21 Sep 2026\tconfirmed\tactive\ttwo-factor off";
    let otto = "otto.operator@example.test\tOtto Operator\t21 Sep 2026\tconfirmed\tactive\t\
                two-factor off\toperator";
    assert_eq!(lines, [olga, otto]);
    assert_eq!(command(&app, &["user", "list", "OLGA"]).1, olga);
    assert_eq!(command(&app, &["user", "list", "olga", "owner"]).1, olga);
    assert_eq!(command(&app, &["user", "list", "%"]).1, "");
    let json = command(&app, &["user", "list", "--json", "otto"]).1;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["address"], &json["operator"]),
        (&email_of("Otto Operator").into(), &true.into())
    );
    let shown = command(&app, &["user", "show", &email_of(OLGA)]).1;
    for line in ["Address: olga.owner@example.test", "Organizations: 1", "Operator: no"] {
        assert!(shown.lines().any(|shown| shown == line), "{shown}");
    }
    assert!(!shown.contains("Acme"), "which organizations it is shows nowhere");
    // More than one page of them.
    app.database
        .execute(&format!(
            "with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 119)
             insert into users (id, name, name_key, email, password_hash, created_at)
             select {}, 'Person ' || (n / 3), 'person ' || (n / 3),
                'p' || n || '@example.test', '', created_at
             from numbers, users where email = 'olga.owner@example.test'",
            if app.database.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" }
        ))
        .await
        .unwrap();
    let said = command(&app, &["user", "list"]).1;
    let mut addresses: Vec<&str> =
        said.lines().map(|line| line.split('\t').next().unwrap()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!((said.lines().count(), addresses.len()), (121, 121), "every account once");
}

#[tokio::test]
async fn what_is_wrong_with_an_address_or_a_reason_is_said_in_one_line() {
    let app = TestApp::spawn().await;
    for unknown in ["nobody@example.test", "no address"] {
        for arguments in [
            &["user", "show", unknown][..],
            &["user", "confirm", unknown],
            &["user", "reset-link", unknown],
            &["user", "suspend", unknown, "--reason", REASON],
            &["user", "reactivate", unknown],
            &["user", "end-sessions", unknown],
        ] {
            let (code, said, error) = command(&app, arguments);
            assert_eq!((code, said.as_str()), (Some(1), ""), "{arguments:?}: {error}");
            assert!(error.contains("nobody has an account with this address"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
    for (arguments, words) in [
        (&["user", "create", "no address", "--name", "Ada"][..], "no @"),
        (&["user", "create", EMAIL, "--name", " "], "--name"),
    ] {
        let (code, said, error) = command(&app, arguments);
        assert_eq!((code, said.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(error.contains(words) && error.lines().count() == 1, "{error}");
    }
    app.founder(ADA, "Acme").await;
    let (code, _, error) = command(&app, &["user", "suspend", EMAIL, "--reason", " "]);
    assert_eq!(code, Some(1));
    assert!(error.contains("--reason"), "{error}");
}

#[tokio::test]
async fn the_commands_of_the_manual_do_what_they_say_at_the_program_itself() {
    let (app, ..) = acme().await;
    let email = email_of(OLGA);
    for (arguments, words) in [
        (&["reset-link", email.as_str()][..], "This link sets a new password for"),
        (&["suspend", &email, "--reason", REASON], "suspended."),
        (&["reset-link", &email], "tenantry user reactivate"),
        (&["reactivate", &email], "reactivated."),
        (&["end-sessions", &email], "0 sign-ins of"),
        (&["confirm", &email], "was already confirmed."),
    ] {
        let (code, said, error) = command(&app, &[&["user"], arguments].concat());
        assert_eq!(code, Some(0), "{arguments:?}: {error}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    app.catch_up();
    app.work().await;
}
