//! What operators see of accounts, and what they can do: sign-ins and new passwords.

use time::Duration;

use super::acme;
use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of, slow_post};

pub const PEOPLE: &str = "/operator/people";
pub const REASON: &str = "Somebody else uses this account.";
pub const OLGA: &str = "Olga Owner";

/// The path of a person's page for operators.
pub async fn person(operator: &Browser, name: &str) -> String {
    let page = operator.get(&format!("{PEOPLE}?q={}", email_of(name))).await.expect(200);
    page.attribute("tbody th a", "href")
}

pub async fn suspend(operator: &Browser, name: &str) {
    let path = person(operator, name).await;
    let answer = operator.post(&format!("{path}/suspend"), &[("reason", REASON)]).await;
    answer.expect_redirect(&path);
}

pub async fn sign_in(app: &TestApp, name: &str, password: &str) -> Answer {
    let email = email_of(name);
    app.browser().post("/login", &[("email", &email), ("password", password)]).await
}

pub async fn open_sign_ins(app: &TestApp) -> i64 {
    app.database.number("select count(*) from sign_ins where ended_at is null").await
}

/// The entries with `action` in the installation's log: in which capacity it was done, and to whom.
pub async fn recorded(app: &TestApp, action: &str) -> Vec<String> {
    app.work().await;
    app.database
        .texts(&format!(
            "select l.actor_kind || ' ' || coalesce(u.email, 'nobody')
             from audit_log l left join users u on u.id = l.person_id
             where l.action = '{action}' order by l.sequence"
        ))
        .await
}

#[tokio::test]
async fn people_are_searched_filtered_and_paged_in_at_most_four_statements() {
    let (app, owner, operator) = acme().await;
    app.member(&owner, "acme", "Mia Member", "member").await;
    suspend(&operator, "Mia Member").await;
    app.work().await;
    let names = |page: &Answer| page.texts("tbody .person-name");
    let page = operator.get(PEOPLE).await.expect(200);
    assert_eq!(names(&page), ["Mia Member", OLGA, "Otto Operator"]);
    let rows = page.texts("tbody tr");
    for part in ["Confirmed", "Suspended", "Off", " 0 "] {
        assert!(rows[0].contains(part), "{part}: {}", rows[0]);
    }
    for part in ["Confirmed", "Active", " 1 ", "just now", "21 Sep 2026"] {
        assert!(rows[1].contains(part), "{part}: {}", rows[1]);
    }
    assert!(rows[2].contains("Operator"), "{}", rows[2]);
    for (query, expected) in [
        ("q=OLGA", vec![OLGA]),
        ("q=mia.member%40example", vec!["Mia Member"]),
        ("status=suspended", vec!["Mia Member"]),
        ("status=active", vec![OLGA, "Otto Operator"]),
        ("sort=created", vec!["Mia Member", "Otto Operator", OLGA]),
        ("q=%25", vec![]),
    ] {
        let (statements, page) = app.statements(operator.get(&format!("{PEOPLE}?{query}"))).await;
        assert_eq!(names(&page.expect(200)), expected, "{query}");
        assert!(statements <= 4, "{query}: {statements} statements");
    }
    operator.get(&format!("{PEOPLE}?after=nonsense")).await.expect(400);
    let page = operator.get(&person(&operator, OLGA).await).await.expect(200);
    assert_eq!((page.text("#organizations"), page.text("#sign-ins")), ("1".into(), "1".into()));
    assert!(!page.body.contains("Acme"), "which organizations it is shows nowhere");
    operator.get(&format!("{PEOPLE}/00000000-0000-0000-0000-000000000001")).await.expect(404);
}

#[tokio::test]
async fn people_are_paged_by_keyset_in_every_order_and_back() {
    let (app, _owner, operator) = acme().await;
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
    for sort in ["", "created"] {
        let mut path = format!("{PEOPLE}?sort={sort}");
        let mut seen = Vec::new();
        loop {
            let page = operator.get(&path).await.expect(200);
            seen.extend(page.attributes("tbody tr", "id"));
            match page.attribute("a[rel=next]", "href") {
                next if next.is_empty() => break,
                next => path = next,
            }
        }
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!((seen.len(), unique.len()), (121, 121), "{sort}: every row once");
        let previous = operator.get(&path).await.attribute("a[rel=prev]", "href");
        let previous = operator.get(&previous).await.expect(200);
        assert_eq!(previous.attributes("tbody tr", "id"), seen[50..100], "{sort}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_7_4_5_an_operator_ends_all_sign_ins_of_a_person_also_on_their_way() {
    let (app, owner, operator) = acme().await;
    let other = app.sign_in(OLGA).await;
    let path = person(&operator, OLGA).await;
    let end = format!("{path}/end-sign-ins");
    app.advance(Duration::minutes(11));
    let confirm = format!("/account/confirm?next={}", path.replace('/', "%2F"));
    let to = operator.post(&end, &[]).await.expect(303).location().unwrap();
    assert!(to.starts_with(&confirm), "{to}");
    owner.get("/account").await.expect(200);
    operator.post("/account/confirm", &[("password", PASSWORD)]).await.expect(303);
    let ended = async { drop(operator.post(&end, &[]).await.expect_redirect(&path)) };
    let answer = slow_post(&app, OLGA, "/account", "name=Somebody", ended).await;
    assert!(answer.contains("location: /login"), "{answer}");
    owner.get("/account").await.expect(303);
    other.get("/account").await.expect(303);
    operator.get("/account").await.expect(200);
    app.work().await;
    let mails = app.mail.delivered_to(&email_of(OLGA));
    let told = mails.iter().filter(|mail| mail.subject == "You were signed out everywhere");
    assert_eq!(told.count(), 1);
    // Doing it again is not reported.
    operator.post(&end, &[]).await.expect_redirect(&path);
    let all = recorded(&app, "sign_in.all_ended").await;
    assert_eq!(all, [format!("operator {}", email_of(OLGA))]);
    app.sign_in(OLGA).await;
    // Of their own sign-ins, the current one stays.
    let elsewhere = app.sign_in("Otto Operator").await;
    let own = person(&operator, "Otto Operator").await;
    operator.post(&format!("{own}/end-sign-ins"), &[]).await.expect_redirect(&own);
    operator.get(&own).await.expect(200);
    elsewhere.get("/account").await.expect(303);
    app.work().await;
}

#[tokio::test]
async fn asvs_7_4_5_an_operator_signs_everybody_out_after_typing_it() {
    let (app, owner, operator) = acme().await;
    let other = super::operator(&app, "Ona Other").await;
    let path = "/operator/sign-ins/end";
    operator.get(path).await.expect(200);
    for wrong in ["", "yes", "Sign everyone out."] {
        let page = operator.post(path, &[("phrase", wrong)]).await.expect(422);
        assert!(page.text("#phrase-error").contains("sign everyone out"), "{}", page.body);
    }
    let right = [("phrase", "sign everyone out")];
    app.advance(Duration::minutes(10));
    operator.post(path, &right).await.expect_step_up();
    assert_eq!(open_sign_ins(&app).await, 3);
    operator.post("/account/confirm", &[("password", PASSWORD)]).await.expect(303);
    for _ in 0..2 {
        operator.post(path, &right).await.expect_redirect(PEOPLE);
    }
    assert_eq!(open_sign_ins(&app).await, 1);
    for browser in [&owner, &other] {
        browser.get("/account").await.expect(303);
    }
    operator.get(PEOPLE).await.expect(200);
    assert_eq!(recorded(&app, "sign_in.all_ended").await, ["operator nobody"]);
    app.sign_in(OLGA).await;
}

#[tokio::test]
async fn asvs_7_4_5_sign_ins_are_ended_at_the_command_line() {
    let (app, owner, operator) = acme().await;
    let command = |arguments: &[&str]| super::command(&app, arguments);
    let email = email_of(OLGA);
    for wrong in [&["sign-ins", "end"][..], &["sign-ins", "end", "--all", "--email", &email]] {
        let (code, said, error) = command(wrong);
        assert_eq!((code, said.as_str()), (Some(1), ""), "{error}");
        assert!(error.contains("--all") && error.contains("--email"), "{error}");
    }
    let (code, _, error) = command(&["sign-ins", "end", "--email", "nobody@example.test"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("nobody has an account with this address"), "{error}");
    // Nobody answers the question.
    let (code, _, error) = command(&["sign-ins", "end", "--all"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("nothing was ended"), "{error}");
    owner.get("/account").await.expect(200);
    let (code, said, _) = command(&["sign-ins", "end", "--email", &email.to_uppercase()]);
    assert_eq!((code, said), (Some(0), format!("1 sign-in of {} ended.", email.to_uppercase())));
    owner.get("/account").await.expect(303);
    operator.get("/account").await.expect(200);
    app.sign_in(OLGA).await;
    let (code, said, _) = command(&["sign-ins", "end", "--all", "--yes"]);
    assert_eq!((code, said), (Some(0), "2 sign-ins of everybody ended.".to_owned()));
    operator.get("/account").await.expect(303);
    app.catch_up();
    let told = app.last_mail(&email).await;
    assert_eq!(told.subject, "You were signed out everywhere");
    let expected = [format!("system {email}"), "system nobody".to_owned()];
    assert_eq!(recorded(&app, "sign_in.all_ended").await, expected);
}

#[tokio::test]
async fn asvs_6_4_6_an_operator_starts_a_new_password_and_sees_nothing_of_it() {
    let (app, owner, operator) = acme().await;
    let path = person(&operator, OLGA).await;
    let reset = format!("{path}/reset");
    app.advance(Duration::minutes(10));
    operator.post(&reset, &[]).await.expect(303);
    operator.post("/account/confirm", &[("password", PASSWORD)]).await.expect(303);
    operator.post(&reset, &[]).await.expect_redirect(&path);
    let page = operator.get(&path).await.expect(200);
    let link = app.last_mail(&email_of(OLGA)).await.link("/password/reset/");
    let token = link.rsplit('/').next().unwrap();
    assert!(!page.body.contains(token));
    assert_eq!(page.count("input[type=password]"), 0);
    owner.get("/account").await.expect(200);
    sign_in(&app, OLGA, PASSWORD).await.expect_redirect("/");
    assert!(!app.dump().await.contains(token), "a token is readable in the database");
    let asked = format!("operator {}", email_of(OLGA));
    assert_eq!(recorded(&app, "account.reset_asked").await, [asked]);
    let browser = app.browser();
    browser.get(&link).await.expect_redirect("/password/reset");
    let new = [("password", "a wholly different phrase")];
    browser.post("/password/reset", &new).await.expect_redirect("/login");
    app.work().await;
}

#[tokio::test]
async fn asvs_7_4_5_no_sign_in_that_a_new_password_gives_survives_an_operator_who_ends_all() {
    let (app, _, operator) = acme().await;
    app.founder("Ada Lovelace", "Globex").await;
    for round in 0..6 {
        let ada = app.sign_in("Ada Lovelace").await;
        let fields = [("current_password", PASSWORD), ("password", PASSWORD)];
        let phrase = [("phrase", "sign everyone out")];
        let (changed, ended) = tokio::join!(
            ada.post("/account/password", &fields),
            operator.post("/operator/sign-ins/end", &phrase),
        );
        assert_eq!(ended.status, 303, "{round}");
        assert!(changed.status.as_u16() < 500, "{round}: {}", changed.status);
        let open = "select count(*) from sign_ins s join users u on u.id = s.user_id
            where s.ended_at is null and u.email = 'ada.lovelace@example.test'";
        assert_eq!(app.database.number(open).await, 0, "{round}");
        ada.get("/account").await.expect(303);
        app.work().await;
    }
}

#[tokio::test]
async fn a_deleted_account_is_shown_as_one_and_nothing_is_done_to_it() {
    let (app, owner, operator) = acme().await;
    let mia = app.member(&owner, "acme", "Mia Member", "member").await;
    let path = person(&operator, "Mia Member").await;
    let page = mia.get("/account/delete").await.expect(200);
    let agreed = page.attribute("input[name=organizations]", "value");
    let fields = [("email", email_of("Mia Member")), ("organizations", agreed)];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    mia.post("/account/delete", &fields).await.expect(303);
    app.work().await;

    let id = path.rsplit('/').next().unwrap();
    for (status, is_listed) in [("", 1), ("active", 0), ("suspended", 0), ("deleted", 1)] {
        let page = operator.get(&format!("{PEOPLE}?status={status}")).await.expect(200);
        assert_eq!(page.count(&format!("[id='account-{id}']")), is_listed, "{status}");
        assert!(!page.body.contains("account.invalid"), "{}", page.body);
    }
    let page = operator.get(&format!("{PEOPLE}?status=deleted")).await.expect(200);
    assert_eq!(page.count("tbody tr"), 1);
    assert!(page.text("tbody tr").contains("Deleted"), "{}", page.body);
    let page = operator.get(&path).await.expect(200);
    assert!(page.text("main").contains("Deleted") && !page.body.contains("account.invalid"));
    assert_eq!(page.count("main form"), 0, "{}", page.body);
    for (act, fields) in [
        ("end-sign-ins", &[][..]),
        ("reset", &[]),
        ("suspend", &[("reason", REASON)]),
        ("reactivate", &[]),
        ("help", &[("reason", REASON)]),
        ("help/stop", &[]),
    ] {
        operator.post(&format!("{path}/{act}"), fields).await.expect(409);
    }
    for act in ["suspend", "help"] {
        operator.get(&format!("{path}/{act}")).await.expect(409);
    }
    app.work().await;
}
