//! Accounts that an operator suspends: what ends, who is told, and that an operator is left.

use futures_util::future::join_all;

use super::people::{OLGA, PEOPLE, REASON, open_sign_ins, person, recorded, sign_in, suspend};
use super::{acme, grant};
use crate::support::{Answer, PASSWORD, email_of, slow_post};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_7_4_2_a_suspended_account_opens_nothing_at_once_also_on_the_way() {
    let (app, owner, operator) = acme().await;
    let path = person(&operator, OLGA).await;
    let act = format!("{path}/suspend");
    let page = operator.get(&act).await.expect(200);
    assert!(page.text(".consequences li").contains("is signed out of 1 session and"));
    let page = operator.post(&act, &[("reason", " ")]).await.expect(422);
    assert!(page.text("#reason-error").contains("Enter a reason"), "{}", page.body);
    for (on_its_way, body) in
        [("/account", "name=Somebody"), ("/orgs/acme/settings", "name=Changed&slug=acme")]
    {
        let suspended =
            async { drop(operator.post(&act, &[("reason", REASON)]).await.expect(303)) };
        let answer = slow_post(&app, OLGA, on_its_way, body, suspended).await;
        assert!(answer.contains("location: /login"), "{on_its_way}: {answer}");
        owner.get("/account").await.expect(303);
        owner.get("/orgs/acme").await.expect(303);
        let page = sign_in(&app, OLGA, PASSWORD).await.expect(403);
        let words = page.text(".form-error");
        for part in ["is suspended", REASON, "Otto Operator", "otto.operator@example.test"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        assert_eq!(open_sign_ins(&app).await, 1);
        operator.post(&format!("{path}/reactivate"), &[]).await.expect_redirect(&path);
        owner.get("/account").await.expect(303);
        sign_in(&app, OLGA, PASSWORD).await.expect_redirect("/");
    }
    app.work().await;
    let mails = app.mail.delivered_to(&email_of(OLGA));
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    for subject in ["Your account is suspended", "Your account is active again"] {
        let told = subjects.iter().filter(|known| **known == subject).count();
        assert_eq!(told, 2, "{subjects:?}");
    }
    let names = app.database.texts("select name from users order by name").await;
    assert_eq!(names, [OLGA, "Otto Operator"]);
    assert_eq!(app.database.texts("select name from organizations order by name").await[0], "Acme");
    let of_olga = format!("operator {}", email_of(OLGA));
    for action in ["account.suspended", "account.reactivated"] {
        assert_eq!(recorded(&app, action).await, [of_olga.clone(), of_olga.clone()]);
    }
}

#[tokio::test]
async fn asvs_6_3_8_only_the_right_password_tells_that_an_account_is_suspended() {
    let (app, _owner, operator) = acme().await;
    suspend(&operator, OLGA).await;
    let wrong = sign_in(&app, OLGA, "not her password").await.expect(422);
    let unknown = sign_in(&app, "Nobody Here", "not her password").await.expect(422);
    let without_address = |page: &Answer, name: &str| page.lasting().replace(&email_of(name), "X");
    assert_eq!(without_address(&wrong, OLGA), without_address(&unknown, "Nobody Here"));
    assert!(!wrong.body.contains("suspended"), "{}", wrong.body);
    // A new password does not let them in either.
    app.work().await;
    let browser = app.browser();
    browser.post("/password/forgot", &[("email", &email_of(OLGA))]).await.expect(303);
    let link = app.last_mail(&email_of(OLGA)).await.link("/password/reset/");
    browser.get(&link).await.expect(303);
    let new = "a wholly different phrase";
    browser.post("/password/reset", &[("password", new)]).await.expect_redirect("/login");
    let page = sign_in(&app, OLGA, new).await.expect(403);
    assert!(page.text(".form-error").contains("is suspended"), "{}", page.body);
    sign_in(&app, OLGA, PASSWORD).await.expect(422);
    assert_eq!(open_sign_ins(&app).await, 1);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_sign_in_that_begins_while_an_account_is_suspended_survives_it() {
    let (app, _owner, operator) = acme().await;
    let path = person(&operator, OLGA).await;
    let (_, suspended) =
        tokio::join!(join_all((0..20).map(|_| sign_in(&app, OLGA, PASSWORD))), async {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            operator.post(&format!("{path}/suspend"), &[("reason", REASON)]).await
        });
    suspended.expect_redirect(&path);
    assert_eq!(open_sign_ins(&app).await, 1);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_operator_is_always_left_who_can_sign_in() {
    let (app, _owner, operator) = acme().await;
    let own = person(&operator, "Otto Operator").await;
    assert_eq!(operator.get(&own).await.count("a[href$=suspend]"), 0);
    operator.get(&format!("{own}/suspend")).await.expect(403);
    operator.post(&format!("{own}/suspend"), &[("reason", REASON)]).await.expect(403);
    operator.get(PEOPLE).await.expect(200);
    // If two suspend each other, one is left.
    let other = super::operator(&app, "Ona Other").await;
    let theirs = person(&operator, "Ona Other").await;
    for round in 0..5 {
        let (first, second) = (format!("{theirs}/suspend"), format!("{own}/suspend"));
        let fields = [("reason", REASON)];
        let (otto, ona) = (app.sign_in("Otto Operator").await, app.sign_in("Ona Other").await);
        let (one, two) = tokio::join!(otto.post(&first, &fields), ona.post(&second, &fields));
        let left = "select count(*) from users u join operators o on o.user_id = u.id
             where u.suspended_at is null";
        assert_eq!(app.database.number(left).await, 1, "{round}: {} {}", one.status, two.status);
        app.database
            .execute("update users set suspended_at = null, suspended_reason = null")
            .await
            .unwrap();
    }
    drop(other);
    app.work().await;
}

#[tokio::test]
async fn an_invitation_of_a_suspended_account_lets_nobody_in_until_it_is_reactivated() {
    let (app, owner, operator) = acme().await;
    let link = app.invite(&owner, "acme", "guest@example.test", "viewer").await;
    suspend(&operator, OLGA).await;
    let accept = format!("{link}/accept");
    let fields = [("name", "Guest"), ("password", PASSWORD)];
    app.browser().post(&accept, &fields).await.expect(410);
    let path = person(&operator, OLGA).await;
    operator.post(&format!("{path}/reactivate"), &[]).await.expect_redirect(&path);
    app.browser().post(&accept, &fields).await.expect_redirect("/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn a_suspended_operators_visits_end_for_good() {
    let (app, _owner, operator) = acme().await;
    let other = super::operator(&app, "Ona Other").await;
    super::enter(&operator, "acme", true).await;
    suspend(&other, "Otto Operator").await;
    let path = person(&other, "Otto Operator").await;
    other.post(&format!("{path}/reactivate"), &[]).await.expect_redirect(&path);
    let again = app.sign_in("Otto Operator").await;
    again.get("/orgs/acme").await.expect(404);
    grant(&app, "Otto Operator").await;
    let log = super::log(&app, "acme").await;
    assert!(log.iter().any(|entry| entry.starts_with("operator.left")), "{log:?}");
}

#[tokio::test]
async fn an_owner_whose_account_is_suspended_is_no_owner_who_can_act() {
    let (app, owner, operator) = acme().await;
    let second = app.member(&owner, "acme", "Sam Second", "admin").await;
    let id = app.membership_id(&owner, "acme", "Sam Second").await;
    owner.post(&format!("/orgs/acme/members/{id}/role"), &[("role", "owner")]).await.expect(303);
    suspend(&operator, OLGA).await;
    // The other one is the last owner who can act, and cannot leave in any way.
    let page = second.get("/orgs/acme/leave").await.expect(200);
    assert!(page.text("main").contains("only owner"), "{}", page.body);
    second.post("/orgs/acme/leave", &[]).await.expect(409);
    let page = second.get("/account/delete").await.expect(200);
    let ids = page.attribute("input[name=organizations]", "value");
    let email = crate::support::email_of("Sam Second");
    let fields = [("email", email.as_str()), ("organizations", ids.as_str())];
    second.post("/account/delete", &fields).await.expect(409);
    let leaving = "delete from memberships where user_id =
        (select id from users where email = 'sam.second@example.test')";
    assert!(app.database.execute(leaving).await.is_err(), "the database lets the last one go");
    // The suspended one can be removed, and counts again once the account is reactivated.
    let path = person(&operator, OLGA).await;
    operator.post(&format!("{path}/reactivate"), &[]).await.expect_redirect(&path);
    second.post("/orgs/acme/leave", &[]).await.expect_redirect("/orgs");
    app.work().await;
}
