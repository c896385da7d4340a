//! Deleting an account: what is announced, what prevents it, what is erased and what stays. Names
//! contain the requirement of ASVS 5.0 that they cover.

use futures_util::future::join_all;
use tenantry::core::operators::{OperatorCommand, run};
use tenantry::platform::db::statement;
use tenantry::platform::retention;
use time::Duration;

use crate::support::{Answer, Browser, PASSWORD, TestApp, email_of};

/// A name that occurs nowhere else.
const ADA: &str = "Ada Quixley";
const PATH: &str = "/account/delete";
const DONE: &str = "/account/deleted";

/// Sends the form with the page's values.
async fn delete(browser: &Browser, name: &str) -> Answer {
    let page = browser.get(PATH).await.expect(200);
    let agreed = page.attribute("input[name=organizations]", "value");
    send(browser, name, &agreed).await
}

async fn send(browser: &Browser, name: &str, agreed: &str) -> Answer {
    browser.post(PATH, &[("email", &email_of(name)), ("organizations", agreed)]).await
}

/// An id as a literal in a statement.
fn literal(app: &TestApp, id: &str) -> String {
    match app.database.is_postgres() {
        true => format!("'{id}'"),
        false => format!("x'{}'", id.replace('-', "")),
    }
}

async fn signs_in(app: &TestApp, name: &str) -> bool {
    let fields = [("email", email_of(name)), ("password", PASSWORD.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    app.browser().post("/login", &fields).await.status.as_u16() == 303
}

/// Creates a project of Olga's with a task of Ada's and comments by both; returns its path.
async fn work(app: &TestApp, olga: &Browser, ada: &Browser) -> String {
    let fields = [("name", "Bridge"), ("code", "BRI")];
    let project = ada.post("/orgs/acme/projects", &fields).await.expect(303).location().unwrap();
    let member = app.membership_id(olga, "acme", ADA).await;
    let task = ada.post(&format!("{project}/tasks"), &[("title", "Rivets")]).await.expect(303);
    let task = task.location().unwrap();
    let task = task.split_once("#task-").unwrap().1;
    let fields = [("title", "Rivets"), ("assignee", member.as_str()), ("version", "1")];
    olga.post(&format!("{project}/tasks/{task}/edit"), &fields).await.expect(303);
    let said = [("body", "These were counted twice.")];
    ada.post(&format!("{project}/comments"), &said).await.expect(303);
    app.work().await;
    project
}

#[tokio::test]
async fn the_page_says_before_what_happens_in_each_organization() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let ada = app.founder(ADA, "Solo").await;
    let link = app.invite(&olga, "acme", &email_of(ADA), "admin").await;
    ada.post(&format!("{link}/accept"), &[]).await.expect(303);
    work(&app, &olga, &ada).await;
    app.invite(&ada, "acme", "nia@example.test", "viewer").await;
    let other = app.founder("Otto Other", "Other").await;
    app.invite(&other, "other", &email_of(ADA), "viewer").await;
    let page = ada.get("/account").await.expect(200);
    assert_eq!(page.attribute(".card-danger a", "href"), PATH);
    let page = ada.get(PATH).await.expect(200);
    let ends = page.texts(".consequences li").join("\n");
    for words in [
        "1 sign-in",
        "1 invitation for you: declined",
        "Access to every page of Acme",
        "1 open invitation sent by you: revoked",
        "1 open task assigned to you",
        "The lead role in 1 project",
    ] {
        assert!(ends.contains(words), "{words}: {ends}");
    }
    let told = page.text("main");
    assert!(told.contains("It has no other members: it is deleted with your account"), "{told}");
    assert!(told.contains("attributed to “Deleted account”"), "{told}");
    let before = crate::support::Snapshot::take(&app).await;
    for typed in ["", "ada", "olga.owner@example.test"] {
        let page = ada.post(PATH, &[("email", typed)]).await.expect(422);
        assert_ne!(page.text("#email-error"), "", "{typed}");
        assert_eq!(page.attribute("#email", "value"), typed);
    }
    // The organization that would be deleted was not named.
    let page = send(&ada, ADA, "").await.expect(409);
    assert!(page.text("[role=alert]").contains("is not deleted"), "{}", page.body);
    before.expect_unmoved(&app).await;
}

#[tokio::test]
async fn the_only_owner_makes_somebody_else_one_first() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let bo = app.member(&ada, "acme", "Bo Both", "viewer").await;
    let page = ada.get(PATH).await.expect(200);
    assert!(page.text(".card-danger").contains("You are the only owner"), "{}", page.body);
    assert_eq!(page.count("form[action='/account/delete']"), 0);
    let page = send(&ada, ADA, "").await.expect(409);
    assert!(page.text("[role=alert]").contains("left without an owner"), "{}", page.body);
    assert!(signs_in(&app, ADA).await);
    let form = page.attribute("main form[action$='/owners']", "action");
    assert_eq!(form, "/orgs/acme/owners");
    let chosen = page.attribute("select[name=member] option", "value");
    bo.post(&form, &[("member", &chosen)]).await.expect(403);
    ada.post(&form, &[("member", &chosen)]).await.expect_redirect(PATH);
    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
    let page = bo.get("/orgs/acme/members").await.expect(200);
    assert_eq!(page.count("tbody tr"), 1);
    assert!(page.text("tbody tr").contains("Owner"), "{}", page.body);
}

#[tokio::test]
async fn where_nobody_else_can_act_the_page_says_what_to_do() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.member(&ada, "acme", "Bo Both", "admin").await;
    let id = app.membership_id(&ada, "acme", "Bo Both").await;
    ada.post(&format!("/orgs/acme/members/{id}/suspend"), &[]).await.expect(303);
    let page = ada.get(PATH).await.expect(200);
    assert_eq!(page.attribute(".card-danger a.btn", "href"), "/orgs/acme/members");
    send(&ada, ADA, "").await.expect(409);
    ada.post(&format!("/orgs/acme/members/{id}/reactivate"), &[]).await.expect(303);
    // People without a second factor see nothing of an organization that requires one.
    let require = "update organizations set requires_factor = true";
    app.database.execute(require).await.unwrap();
    let page = ada.get(PATH).await.expect(200);
    assert_eq!(page.attribute(".card-danger a.btn", "href"), "/account/security");
    assert!(!page.text("main").contains("Bo Both"), "{}", page.body);
    send(&ada, ADA, "").await.expect(409);
    let suspend = "update organizations set suspended_at = created_at, requires_factor = false";
    app.database.execute(suspend).await.unwrap();
    let page = ada.get(PATH).await.expect(200);
    let words = page.text(".card-danger");
    assert!(words.contains("The operator of this installation can reactivate it"), "{words}");
    send(&ada, ADA, "").await.expect(409);
}

#[tokio::test]
async fn asvs_7_5_3_deleting_and_making_an_owner_need_a_fresh_proof() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.member(&ada, "acme", "Bo Both", "viewer").await;
    let bo = app.membership_id(&ada, "acme", "Bo Both").await;
    app.advance(Duration::minutes(11));
    let role = format!("/orgs/acme/members/{bo}/role");
    for answer in [
        ada.get(PATH).await,
        send(&ada, ADA, "").await,
        ada.post("/orgs/acme/owners", &[("member", &bo)]).await,
        ada.post(&role, &[("role", "owner")]).await,
    ] {
        answer.expect_step_up();
    }
    let owners = "select count(*) from memberships where role = 'owner'";
    assert_eq!(app.database.number(owners).await, 1);
    ada.post(&role, &[("role", "admin")]).await.expect(303);
    let fields = [("password", PASSWORD), ("next", PATH)];
    ada.post("/account/confirm", &fields).await.expect_redirect(PATH);
    ada.post("/orgs/acme/owners", &[("member", &bo)]).await.expect_redirect(PATH);
    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
}

#[tokio::test]
async fn an_organization_with_nobody_else_in_it_goes_and_is_found_nowhere() {
    let app = TestApp::spawn().await;
    let operator = app.founder("Otto Operator", "Ops").await;
    let grant = OperatorCommand::Grant { email: email_of("Otto Operator") };
    run(&app.app, &grant).await.unwrap();
    let ada = app.founder(ADA, "Solo").await;
    let nia = app.founder("Nia New", "Nias").await;
    let link = app.invite(&ada, "solo", &email_of("Nia New"), "member").await;
    let list = operator.get("/operator/organizations?q=solo").await.expect(200);
    let id = list.attribute("tbody tr", "id").replace("organization-", "");
    let enter = format!("/operator/organizations/{id}/enter");
    let visit = [("reason", "Ticket 42: looks odd"), ("minutes", "30"), ("may_write", "yes")];
    operator.post(&enter, &visit).await.expect_redirect("/orgs/solo");
    operator.get("/orgs/solo").await.expect(200);

    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
    operator.get("/orgs/solo").await.expect(404);
    operator.post("/orgs/solo/clients", &[("name", "Too late")]).await.expect(404);
    operator.get(&enter).await.expect(404);
    operator.post(&enter, &visit).await.expect(404);
    let list = operator.get("/operator/organizations?q=solo").await.expect(200);
    assert_eq!(list.count("tbody tr"), 0);
    let page = nia.get(&link).await.expect(410);
    assert!(!page.text("h1").is_empty());
    nia.post(&format!("{link}/accept"), &[]).await.expect(410);
    assert!(!nia.get("/orgs").await.body.contains("Solo"));
    let entries =
        "select count(*) from audit_log l join organizations o on o.id = l.organization_id
        where o.slug = 'solo' and o.deleted_at is not null
            and l.action in ('organization.deleted', 'member.left')";
    assert_eq!(app.database.number(entries).await, 2);
    // Its slug is not available to other organizations as long as anything of it is left.
    let fields = [("name", "Solo"), ("slug", "solo")];
    nia.post("/orgs", &fields).await.expect(422);

    app.advance(retention::RETENTION);
    retention::purge(&app.app).await.unwrap();
    let there = format!("select count(*) from organizations where id = {}", literal(&app, &id));
    assert_eq!(app.database.number(&there).await, 1, "thirty days are not over");
    app.advance(Duration::seconds(1));
    retention::purge(&app.app).await.unwrap();
    for table in app.database.tables().await {
        let columns = app.database.columns(&table).await;
        let column = match columns.iter().any(|column| column == "organization_id") {
            true => "organization_id",
            false if table == "organizations" => "id",
            false => continue,
        };
        let rows = format!("select count(*) from {table} where {column} = {}", literal(&app, &id));
        let is_log = table.starts_with("audit_");
        assert_eq!(app.database.number(&rows).await > 0, is_log, "{table}");
    }
}

#[tokio::test]
async fn asvs_14_2_7_nothing_tells_about_the_person_any_more_and_the_records_stay() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let ada = app.founder(ADA, "Solo").await;
    let link = app.invite(&olga, "acme", &email_of(ADA), "admin").await;
    ada.post(&format!("{link}/accept"), &[]).await.expect(303);
    let project = work(&app, &olga, &ada).await;
    // One of everything that contains a name or an address.
    ada.post("/account/security/totp", &[]).await.expect(303);
    ada.post("/account/email", &[("email", "quixley.two@example.test")]).await.expect(303);
    ada.post("/account", &[("name", ADA)]).await.expect(303);
    app.browser().post("/login", &[("email", &email_of(ADA)), ("password", "x")]).await;
    app.browser().post("/password/forgot", &[("email", &email_of(ADA))]).await.expect(303);
    let thief = [("name", "Eve"), ("email", &email_of(ADA)), ("password", PASSWORD)];
    let thief = [&thief[..], &[("organization", "Eve")]].concat();
    app.browser().post("/signup", &thief).await.expect(303);
    let filter = [("list", "members"), ("name", ADA), ("query", "?q=quixley")];
    ada.post("/orgs/acme/filters", &filter).await.expect(303);
    app.invite(&ada, "acme", "nia@example.test", "viewer").await;
    let wanted = app.founder("Otto Other", "Other").await;
    let waiting = app.invite(&wanted, "other", &email_of(ADA), "viewer").await;
    let asked = app.invite(&wanted, "other", "typo@example.test", "viewer").await;
    ada.post(&format!("{asked}/ask"), &[]).await.expect(303);
    for _ in 0..3 {
        // Repeated refusals are written with a delay.
        ada.get("/orgs/other").await.expect(404);
    }
    let phone = app.sign_in(ADA).await;
    phone.get("/orgs/acme").await.expect(200);
    app.work().await;
    for word in ["quixley", &email_of(ADA)] {
        assert!(app.dump().await.to_lowercase().contains(word), "{word}");
    }
    let entries = app.database.number("select count(*) from audit_log").await;

    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
    // The delayed ones are written when they are due.
    app.advance(Duration::minutes(11));
    app.work().await;
    let dump = app.dump().await.to_lowercase();
    let told: Vec<&str> = dump.lines().filter(|line| line.contains("quixley")).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(app.database.number("select count(*) from audit_log").await > entries);
    let rows = "select count(*) from throttle where key like 'sign_in account%'";
    assert_eq!(app.database.number(rows).await, 0);
    let last = "select count(*) from outbox where is_last";
    assert_eq!(app.database.number(last).await, 0);

    let page = olga.get(&project).await.expect(200);
    assert!(page.body.contains("These were counted twice."), "{}", page.body);
    assert_eq!(page.text(".comment-head strong"), "Deleted account");
    assert!(page.body.contains("Rivets"));
    olga.get("/orgs/acme/activity").await.expect(200);
    let log = olga.get("/orgs/acme/audit").await.expect(200);
    assert!(log.text("table").contains("left"), "{}", log.body);
    olga.get("/orgs/acme/audit?who=deleted").await.expect(200);
    let page = olga.get("/orgs/acme/audit/verify").await.expect(200);
    assert_ne!(page.text(".notice-success"), "", "{}", page.body);
    for link in [&link, &waiting] {
        app.browser().get(link).await.expect(410);
    }
    assert_eq!(wanted.get("/orgs/other/members?q=quixley").await.count("tbody tr"), 0);
}

#[tokio::test]
async fn asvs_7_4_1_every_sign_in_ends_before_the_answer_and_the_browser_is_emptied() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Solo").await;
    let phone = app.sign_in(ADA).await;
    phone.get("/account").await.expect(200);
    let answer = delete(&ada, ADA).await;
    assert_eq!(answer.header("clear-site-data"), "\"cache\", \"storage\"");
    answer.expect_redirect(DONE);
    let page = ada.get(DONE).await.expect(200);
    assert_eq!(page.text("h1"), "Your account is deleted");
    for browser in [&ada, &phone] {
        for path in ["/account", "/orgs", "/orgs/solo", PATH] {
            let to = browser.get(path).await.expect(303).location().unwrap();
            assert!(to.starts_with("/login?next="), "{to}");
        }
        let page = browser.post("/account", &[("name", "Back")]).await.expect(403);
        assert_eq!(page.text("h1"), "Sign in to continue");
    }
    for table in ["sign_ins", "sessions"] {
        assert_eq!(app.database.number(&format!("select count(*) from {table}")).await, 0);
    }
    assert!(!signs_in(&app, ADA).await);
    app.work().await;
    assert!(!app.dump().await.contains("Back"));
}

#[tokio::test]
async fn the_old_address_gets_one_last_mail_and_then_is_free() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Solo").await;
    let email = email_of(ADA);
    let verify = app.last_mail(&email).await.link("/verify/");
    app.browser().post("/password/forgot", &[("email", &email)]).await.expect(303);
    let reset = app.last_mail(&email).await.link("/password/reset/");
    ada.post("/account/email", &[("email", "two@example.test")]).await.expect(303);
    let change = app.last_mail("two@example.test").await.link("/email/");
    let sent = app.mail.delivered_to(&email).len();
    delete(&ada, ADA).await.expect_redirect(DONE);
    let mail = app.last_mail(&email).await;
    assert_eq!(mail.subject, "Your account was deleted");
    assert!(mail.text.contains(ADA) && mail.text.contains("cannot be undone"), "{}", mail.text);
    assert_eq!(app.mail.delivered_to(&email).len(), sent + 1);
    for dead in [&verify, &reset, &change] {
        app.browser().get(dead).await.expect(404);
        app.browser().post(dead, &[]).await;
    }
    // A person who has forgotten that the account was deleted gets no email.
    app.browser().post("/password/forgot", &[("email", &email)]).await.expect(303);
    app.work().await;
    assert_eq!(app.mail.delivered_to(&email).len(), sent + 1);

    app.advance(Duration::minutes(1));
    let again = app.founder(ADA, "Solo").await;
    let page = again.get("/orgs").await.expect(200);
    assert_eq!(page.count("a[href='/orgs/solo']"), 0, "{}", page.body);
    again.get("/orgs/solo").await.expect(404);
    again.get("/orgs/solo-2").await.expect(200);
    let page = again.get("/account/sessions").await.expect(200);
    assert_eq!(page.count("main .card-row"), 1);
    assert_eq!(app.database.number("select count(*) from users").await, 2);
    // The second account of the same person can be deleted like the first.
    delete(&again, ADA).await.expect_redirect(DONE);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_is_deleted_once_however_often_it_is_asked() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Solo").await;
    let page = ada.get(PATH).await.expect(200);
    let agreed = page.attribute("input[name=organizations]", "value");
    let answers = join_all((0..6).map(|_| send(&ada, ADA, &agreed))).await;
    let done = answers.iter().filter(|answer| answer.location().as_deref() == Some(DONE)).count();
    assert_eq!(done, 1, "{:?}", answers.iter().map(|a| a.status.as_u16()).collect::<Vec<_>>());
    for answer in answers {
        let is_signed_out = answer.status == 403 && answer.text("h1") == "Sign in to continue";
        let to = answer.location().unwrap_or_default();
        assert!(is_signed_out || to == DONE || to.starts_with("/login"), "{to}: {}", answer.body);
    }
    app.work().await;
    let mails = app.mail.delivered_to(&email_of(ADA));
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("deleted")).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_owners_who_delete_their_accounts_at_once_leave_one() {
    let app = TestApp::spawn().await;
    for round in 0..6 {
        let (one, two) = (format!("One {round}"), format!("Two {round}"));
        let first = app.founder(&one, &format!("House {round}")).await;
        let slug = format!("house-{round}");
        let second = app.member(&first, &slug, &two, "owner").await;
        app.member(&first, &slug, &format!("Mia {round}"), "viewer").await;
        // Each has another organization, too, so that there are several locks to take.
        let (a, b) = tokio::join!(send(&first, &one, ""), send(&second, &two, ""));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "round {round}");
    }
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_joins_at_the_same_moment_is_left_with_an_owner_or_does_not_join() {
    let app = TestApp::spawn().await;
    for round in 0..6 {
        let name = format!("Ada {round}");
        let ada = app.founder(&name, &format!("House {round}")).await;
        let email = format!("guest{round}@example.test");
        let link = app.invite(&ada, &format!("house-{round}"), &email, "member").await;
        let page = ada.get(PATH).await.expect(200);
        let agreed = page.attribute("input[name=organizations]", "value");
        let guest = app.browser();
        let accept = format!("{link}/accept");
        let fields = [("name", "Guest"), ("password", PASSWORD)];
        let (deleted, joined) =
            tokio::join!(send(&ada, &name, &agreed), guest.post(&accept, &fields));
        let both = (deleted.status.as_u16(), joined.status.as_u16());
        assert!(both == (303, 410) || both == (409, 303), "round {round}: {both:?}");
    }
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_person_is_nowhere_afterwards_whatever_they_did_at_the_same_moment() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    for round in 0..6 {
        let name = format!("Ada {round}");
        let ada = app.member(&olga, "acme", &name, "admin").await;
        let other = app.sign_in(&name).await;
        let link = app.founder(&format!("Otto {round}"), &format!("House {round}")).await;
        let link = app.invite(&link, &format!("house-{round}"), &email_of(&name), "viewer").await;
        let id = app.membership_id(&olga, "acme", &name).await;
        let accept = format!("{link}/accept");
        let (remove, promote) =
            (format!("/orgs/acme/members/{id}/remove"), format!("/orgs/acme/members/{id}/role"));
        let founded = format!("Too late {round}");
        let founded = [("name", founded.as_str())];
        let (phone, email) = (app.browser(), email_of(&name));
        let login = [("email", email.as_str()), ("password", PASSWORD)];
        let (deleted, ..) = tokio::join!(
            send(&ada, &name, ""),
            phone.post("/login", &login),
            other.post(&accept, &[]),
            other.post("/orgs/acme/clients", &[("name", "Mine")]),
            other.post("/orgs", &founded),
            olga.post(&promote, &[("role", "member")]),
            olga.post(&remove, &[]),
        );
        // An organization that was created just before was not named on the page; and if two
        // transactions deadlock, one is told to try again.
        let status = deleted.status.as_u16();
        assert!([303, 409, 503].contains(&status), "round {round}: {status}");
        let gone = format!("select count(*) from users where name = '{name}'");
        let is_gone = app.database.number(&gone).await == 0;
        assert_eq!(is_gone, deleted.location().as_deref() == Some(DONE), "round {round}");
    }
    app.work().await;
}

#[tokio::test]
async fn an_operator_who_deletes_the_account_is_none_any_more() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let ada = app.founder(ADA, "Solo").await;
    run(&app.app, &OperatorCommand::Grant { email: email_of(ADA) }).await.unwrap();
    let list = ada.get("/operator/organizations?q=acme").await.expect(200);
    let id = list.attribute("tbody tr", "id").replace("organization-", "");
    let visit = [("reason", "Ticket 42: looks odd"), ("minutes", "30")];
    ada.post(&format!("/operator/organizations/{id}/enter"), &visit).await.expect(303);
    let page = ada.get(PATH).await.expect(200);
    assert!(page.text("main").contains("This installation no longer has an operator"));
    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
    let list = run(&app.app, &OperatorCommand::List).await.unwrap();
    assert_eq!(list, "There is no operator.");
    let going = "select count(*) from operator_visits where ended_at is null";
    assert_eq!(app.database.number(going).await, 0);
    let log = olga.get("/orgs/acme/audit").await.expect(200);
    assert!(log.text("table").contains("as an operator"), "{}", log.body);
    let again = OperatorCommand::Grant { email: email_of(ADA) };
    assert!(run(&app.app, &again).await.unwrap_err().contains("nobody has an account"));
}

#[tokio::test]
async fn an_address_that_was_never_proved_takes_nothing_from_whoever_it_belongs_to() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let link = app.invite(&olga, "acme", &email_of(ADA), "viewer").await;
    let eve = app.browser();
    let email = email_of(ADA);
    let fields = [("name", "Eve"), ("email", &email), ("password", PASSWORD)];
    let fields = [&fields[..], &[("organization", "Eves")]].concat();
    eve.post("/signup", &fields).await.expect(303);
    app.work().await;
    let sent = app.mail.delivered_to(&email).len();
    delete(&eve, ADA).await.expect_redirect(DONE);
    app.work().await;
    let log = olga.get("/orgs/acme/audit").await.expect(200);
    assert!(log.text("table").contains(&email), "{}", log.body);
    assert_eq!(olga.get("/orgs/acme/members?q=quixley").await.count("tbody tr"), 1);
    assert_eq!(app.mail.delivered_to(&email).len(), sent + 1);
    let ada = app.browser();
    let fields = [("name", ADA), ("password", PASSWORD)];
    ada.post(&format!("{link}/accept"), &fields).await.expect_redirect("/orgs/acme");
    app.work().await;
}

/// Tables that refer to a person and keep their rows: what the rows contain belongs to
/// organizations.
const KEPT: &[&str] = &["comments", "invitations", "operator_visits"];
/// Tables whose rows about a person are removed elsewhere.
const EMPTIED: &[(&str, &str)] = &[
    ("memberships", "src/core/members/sql.rs"),
    ("operators", "src/core/operators/sql.rs"),
    ("sign_ins", "src/core/deletion/sql.rs"),
];

#[tokio::test]
async fn every_table_that_refers_to_a_person_is_emptied_or_known_to_be_kept() {
    let app = TestApp::spawn().await;
    let referring = if app.database.is_postgres() {
        "select distinct conrelid::regclass::text from pg_constraint
         where contype = 'f' and confrelid = 'users'::regclass order by 1"
    } else {
        "select distinct m.name from sqlite_schema m join pragma_foreign_key_list(m.name) k
         where m.type = 'table' and k.\"table\" = 'users' order by 1"
    };
    let removes = |table: &str, file: &str| {
        let begin = format!("delete from {table} where ");
        statement::all().any(|s| s.file == file && s.sqlite.starts_with(&begin))
    };
    for table in app.database.texts(referring).await {
        let file = EMPTIED.iter().find(|(name, _)| *name == table).map(|(_, file)| *file);
        assert!(
            KEPT.contains(&table.as_str())
                || removes(&table, file.unwrap_or("src/core/deletion/sql.rs")),
            "{table} refers to a person: have the deletion of an account empty it"
        );
    }
}
