//! The same action, several times at once.

use futures_util::future::join_all;

use crate::support::{PASSWORD, TestApp, form_headers};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_6_4_1_fifty_acceptances_at_once_take_effect_once() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.founder("Bo Both", "Other").await;
    let bo = app.sign_in("Bo Both").await;
    let link = app.invite(&ada, "acme", "bo.both@example.test", "member").await;
    let accept = format!("{link}/accept");
    let answers = join_all((0..50).map(|_| bo.post(&accept, &[]))).await;
    for answer in &answers {
        answer.location().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    }
    let members =
        "select count(*) from memberships m join organizations o on o.id = m.organization_id
        where o.slug = 'acme'";
    assert_eq!(app.database.number(members).await, 2);
    app.work().await;
    let mails = app.mail.delivered_to("ada.lovelace@example.test");
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("joined")).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_new_people_with_one_link_become_one_member() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let link = app.invite(&ada, "acme", "nia@example.test", "member").await;
    let accept = format!("{link}/accept");
    let answers = join_all((0..50).map(|_| {
        let browser = app.browser();
        let accept = accept.clone();
        async move { browser.post(&accept, &[("name", "Nia"), ("password", PASSWORD)]).await }
    }))
    .await;
    let landed = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(landed, 1, "{:?}", answers.iter().map(|a| a.status.as_u16()).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| !answer.status.is_server_error()));
    assert_eq!(app.database.number("select count(*) from users").await, 2);
    assert_eq!(app.database.number("select count(*) from memberships").await, 2);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_owners_who_demote_each_other_leave_one() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.member(&ada, "acme", "Bo Both", "owner").await;
    let ada_id = app.membership_id(&ada, "acme", "Ada Lovelace").await;
    let bo_id = app.membership_id(&ada, "acme", "Bo Both").await;
    for round in 0..10 {
        let (first, second) = tokio::join!(
            async {
                ada.post(&format!("/orgs/acme/members/{bo_id}/role"), &[("role", "admin")]).await
            },
            async {
                bo.post(&format!("/orgs/acme/members/{ada_id}/role"), &[("role", "admin")]).await
            },
        );
        let done = [&first, &second].iter().filter(|answer| answer.status == 303).count();
        assert_eq!(done, 1, "round {round}: {} and {}", first.status, second.status);
        let restore = "update memberships set role = 'owner'";
        app.database.execute(restore).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_2_3_4_two_owners_who_leave_together_leave_one() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.member(&ada, "acme", "Bo Both", "owner").await;
    let (first, second) =
        tokio::join!(ada.post("/orgs/acme/leave", &[]), bo.post("/orgs/acme/leave", &[]));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_organizations_of_one_name_get_twenty_slugs() {
    let app = TestApp::spawn().await;
    let answers = join_all((0..20).map(|number| {
        let browser = app.browser();
        let email = format!("p{number}@example.test");
        async move {
            let fields = [
                ("name", "Pat"),
                ("email", email.as_str()),
                ("password", PASSWORD),
                ("organization", "Acme"),
            ];
            browser.post("/signup", &fields).await
        }
    }))
    .await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 303).collect();
    assert!(refused.is_empty(), "{:?}", refused.iter().map(|a| a.status).collect::<Vec<_>>());
    assert_eq!(app.database.number("select count(distinct slug) from organizations").await, 20);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_invitations_of_one_address_make_one() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let fields = [("email", "nia@example.test"), ("role", "viewer")];
    let answers = join_all((0..20).map(|_| ada.post("/orgs/acme/invitations", &fields))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), 19);
    app.work().await;
    assert_eq!(app.mail.delivered_to("nia@example.test").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_8_3_2_a_request_on_its_way_when_its_sender_is_removed_changes_nothing() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.member(&ada, "acme", "Bo Both", "admin").await;
    let id = app.membership_id(&ada, "acme", "Bo Both").await;
    for round in 0..10 {
        let email = format!("guest{round}@example.test");
        let fields = [("email", email.as_str()), ("role", "admin")];
        let remove = format!("/orgs/acme/members/{id}/role");
        let (_, sent) = tokio::join!(
            ada.post(&remove, &[("role", "viewer")]),
            bo.post("/orgs/acme/invitations", &fields),
        );
        assert!([303, 403].contains(&sent.status.as_u16()), "{}", sent.status);
        // Either the invitation came first and was revoked with the role, or it was never made.
        let open = "select count(*) from invitations where status = 'pending'";
        assert_eq!(app.database.number(open).await, 0, "round {round}");
        ada.post(&remove, &[("role", "admin")]).await.expect(303);
    }
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_reset_link_is_spent_once_by_many() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let email = "ada.lovelace@example.test";
    app.browser().post("/password/forgot", &[("email", email)]).await.expect(303);
    let link = app.last_mail(email).await.link("/password/reset/");
    let browsers = join_all((0..10).map(|_| async {
        let browser = app.browser();
        browser.get(&link).await.expect(303);
        browser
    }))
    .await;
    let answers = join_all(browsers.iter().enumerate().map(|(number, browser)| async move {
        let password = format!("another long phrase {number}");
        browser.post("/password/reset", &[("password", &password)]).await.status.as_u16()
    }))
    .await;
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 410).count(), 9, "{answers:?}");
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_link_to_confirm_an_address_is_spent_once_by_many() {
    let app = TestApp::spawn().await;
    let ada = app.unproved_founder("Ada Lovelace", "Acme").await;
    for _ in 0..4 {
        ada.post("/account/verify", &[]).await.expect(303);
        let link = app.last_mail("ada.lovelace@example.test").await.link("/verify/");
        let answers = join_all((0..12).map(|_| ada.post(&link, &[]))).await;
        let spent = answers.iter().filter(|answer| answer.status == 303).count();
        assert_eq!(spent, 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
        app.database.execute("update users set email_verified_at = null").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_7_4_3_no_sign_in_with_the_old_password_survives_a_reset() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let email = "ada.lovelace@example.test";
    let resetting = app.browser();
    resetting.post("/password/forgot", &[("email", email)]).await.expect(303);
    let link = app.last_mail(email).await.link("/password/reset/");
    resetting.get(&link).await.expect(303);
    let browsers: Vec<_> = (0..30).map(|_| app.browser()).collect();
    let fields = [("email", email), ("password", PASSWORD)];
    let sign_ins = browsers.iter().map(|browser| browser.post("/login", &fields));
    let (_, reset) = tokio::join!(join_all(sign_ins), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        resetting.post("/password/reset", &[("password", "a wholly different phrase")]).await
    });
    reset.expect(303);
    for browser in &browsers {
        browser.get("/account").await.expect(303);
    }
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_password_changes_one_wins_and_the_browser_stays_signed_in() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let change = |new: &'static str| {
        let ada = ada.clone();
        async move {
            let fields = [("current_password", PASSWORD), ("password", new)];
            ada.post("/account/password", &fields).await.status.as_u16()
        }
    };
    let (first, second) =
        tokio::join!(change("a wholly different phrase"), change("another different phrase"));
    assert!([first, second].contains(&303), "{first} {second}");
    ada.get("/account").await.expect(200);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_7_4_2_a_request_whose_sign_in_ends_while_it_is_sent_changes_nothing() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let fields = [("email", "ada.lovelace@example.test"), ("password", PASSWORD)];
    for (path, body) in [
        ("/orgs/acme/invitations", "email=x%40example.test&role=viewer"),
        ("/account", "name=Somebody"),
        ("/orgs", "name=Another&slug="),
    ] {
        let browser = app.browser();
        let cookie = browser.post("/login", &fields).await.header("set-cookie").to_owned();
        let cookie = cookie.split(';').next().unwrap();
        let own = form_headers(&app.origin, cookie).await;
        let address = app.origin.strip_prefix("http://").unwrap();
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\n{own}connection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{}",
            body.len(),
            &body[..4]
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        browser.post("/logout", &[]).await.expect(303);
        stream.write_all(&body.as_bytes()[4..]).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("location: /login"), "{path}: {answer}");
    }
    assert_eq!(app.database.number("select count(*) from invitations").await, 0);
    assert_eq!(app.database.number("select count(*) from organizations").await, 1);
    let renamed = "select count(*) from users where name = 'Somebody'";
    assert_eq!(app.database.number(renamed).await, 0);
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_owners_who_suspend_each_other_leave_one() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.member(&ada, "acme", "Bo Both", "owner").await;
    let ada_id = app.membership_id(&ada, "acme", "Ada Lovelace").await;
    let bo_id = app.membership_id(&ada, "acme", "Bo Both").await;
    for round in 0..10 {
        let (first, second) = (
            format!("/orgs/acme/members/{bo_id}/suspend"),
            format!("/orgs/acme/members/{ada_id}/suspend"),
        );
        let (first, second) = tokio::join!(ada.post(&first, &[]), bo.post(&second, &[]));
        let done = [&first, &second].iter().filter(|answer| answer.status == 303).count();
        assert_eq!(done, 1, "round {round}: {} {}", first.status, second.status);
        let active = "select count(*) from memberships where suspended_at is null";
        assert_eq!(app.database.number(active).await, 1, "round {round}");
        let restore = "update memberships set suspended_at = null";
        app.database.execute(restore).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_invitation_of_somebody_who_is_suspended_meanwhile_does_not_stay() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let bo = app.member(&ada, "acme", "Bo Both", "admin").await;
    let id = app.membership_id(&ada, "acme", "Bo Both").await;
    for round in 0..10 {
        let email = format!("guest{round}@example.test");
        let fields = [("email", email.as_str()), ("role", "viewer")];
        let suspend = format!("/orgs/acme/members/{id}/suspend");
        let (_, sent) =
            tokio::join!(ada.post(&suspend, &[]), bo.post("/orgs/acme/invitations", &fields));
        assert!([303, 403, 404].contains(&sent.status.as_u16()), "{}", sent.status);
        let open = "select count(*) from invitations where status = 'pending'";
        assert_eq!(app.database.number(open).await, 0, "round {round}");
        ada.post(&suspend.replace("suspend", "reactivate"), &[]).await.expect(303);
    }
    app.work().await;
}

/// One user, acting quickly: their simultaneous requests neither wait for each other nor fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_person_never_waits_for_themselves_whatever_they_do_at_once() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let email = "ada.lovelace@example.test";
    for round in 0..6 {
        let resetting = app.browser();
        resetting.post("/password/forgot", &[("email", email)]).await.expect(303);
        app.work().await;
        let mails = app.mail.delivered_to(email);
        let link = mails.iter().rev().find(|mail| mail.text.contains("/password/reset/"));
        resetting.get(&link.unwrap().link("/password/reset/")).await.expect(303);
        let ada = if round == 0 { ada.clone() } else { app.sign_in("Ada Lovelace").await };
        let other = app.browser();
        let login = [("email", email), ("password", PASSWORD)];
        let (name, new) = ([("name", "Ada Lovelace")], [("password", PASSWORD)]);
        let forgot = [("email", email)];
        let answers = tokio::join!(
            other.post("/login", &login),
            ada.post("/account", &name),
            resetting.post("/password/reset", &new),
            ada.post("/account/sessions/end-others", &[]),
            ada.post("/account/security/totp", &[]),
            other.post("/password/forgot", &forgot),
        );
        let answers = [answers.0, answers.1, answers.2, answers.3, answers.4, answers.5];
        for answer in &answers {
            assert!(answer.status.as_u16() < 500, "{}: {}", answer.path, answer.status);
        }
        app.advance(time::Duration::hours(1));
        app.work().await;
    }
}
