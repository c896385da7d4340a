//! The state of the installation, and retrying what has failed.

use super::{acme, grant};
use crate::support::{Mood, TestApp, email_of};

const SYSTEM: &str = "/operator/system";

#[tokio::test]
async fn operators_see_what_was_not_delivered_without_whose_it_is_and_send_it_again() {
    let (app, owner, operator) = acme().await;
    app.mail.set_mood(Mood::Refusing("550 5.1.1 <bob.guest@far.example.test>: no such mailbox"));
    let fields = [("email", "bob.guest@far.example.test"), ("role", "member")];
    owner.post("/orgs/acme/invitations", &fields).await.expect(303);
    app.work().await;
    let page = operator.get(SYSTEM).await.expect(200);
    let told = page.text("#mails");
    assert!(told.contains("far.example.test"), "{told}");
    assert!(!told.contains("bob.guest") && !told.contains("Acme"), "{told}");
    let condition = page.text("#condition");
    assert!(condition.contains("1 failed") && condition.contains("Warning"), "{condition}");
    let words = tenantry::core::operators::system::status(&app.app).await.unwrap();
    assert!(words.contains("warn  Email") && words.contains("<…@far.example.test>"), "{words}");
    // Nobody else sees the page, or learns that it exists.
    owner.get(SYSTEM).await.expect(404);

    app.mail.set_mood(Mood::Friendly);
    let send = page.attribute("#mails form", "action");
    owner.post(&send, &[]).await.expect(404);
    operator.post(&send, &[]).await.expect_redirect(SYSTEM);
    operator.post(&send, &[]).await.expect_redirect(SYSTEM);
    app.work().await;
    let mail = app.last_mail("bob.guest@far.example.test").await;
    assert!(mail.link("/invitations/").starts_with("/invitations/"));
    let page = operator.get(SYSTEM).await.expect(200);
    assert!(page.text("#mails").contains("All email was delivered"), "{}", page.body);
    operator.post("/operator/mails/send", &[]).await.expect_redirect(SYSTEM);
    let log = app.database.texts("select action from audit_log order by sequence").await;
    let again = log.iter().filter(|action| *action == "installation.mail_sent_again").count();
    assert_eq!(again, 1, "{log:?}");
}

#[tokio::test]
async fn a_mail_whose_link_no_longer_works_is_not_sent_again() {
    let (app, owner, operator) = acme().await;
    let ida = app.member(&owner, "acme", "Ida Inviter", "admin").await;
    for (mood, name) in [("550 5.1.1 no", "failed"), ("450 4.2.0 later", "waiting")] {
        app.mail.set_mood(Mood::Refusing(mood));
        let address = format!("{name}@far.example.test");
        let fields = [("email", address.as_str()), ("role", "member")];
        ida.post("/orgs/acme/invitations", &fields).await.expect(303);
        app.work().await;
        let id = app.row_id(&owner, "acme", &address).await;
        let invitation = format!("/orgs/acme/invitations/{id}");
        // A newer link, and then none at all.
        ida.post(&format!("{invitation}/resend"), &[]).await.expect(303);
        app.work().await;
        let mails = app.database.number("select count(*) from outbox where status <> 'sent'").await;
        assert_eq!(mails, 1, "{name}");
        if name == "failed" {
            owner.post(&format!("{invitation}/revoke"), &[]).await.expect(303);
        } else {
            // Its sender may not invite anybody any more.
            let sender = app.row_id(&owner, "acme", &email_of("Ida Inviter")).await;
            let member = format!("/orgs/acme/members/{sender}/role");
            owner.post(&member, &[("role", "viewer")]).await.expect(303);
        }
        let page = operator.get(SYSTEM).await.expect(200);
        assert!(page.text("#mails").contains("All email was delivered"), "{}", page.body);
        app.mail.set_mood(Mood::Friendly);
        operator.post("/operator/mails/send", &[]).await.expect_redirect(SYSTEM);
        app.work().await;
        let left = "select count(*) from outbox where recipient like '%@far.example.test'";
        assert_eq!(app.database.number(left).await, 0, "{name}");
    }
}

#[tokio::test]
async fn operators_see_work_that_failed_and_have_it_done_again() {
    let (app, _, operator) = acme().await;
    let job = "insert into jobs (organization_id, id, kind, payload, attempts, run_at, created_at)
         select {nil}, id, 'of tomorrow', '', 0, created_at, created_at from users limit 1";
    let nil = match app.database.is_postgres() {
        true => "'00000000-0000-0000-0000-000000000000'",
        false => "zeroblob(16)",
    };
    app.database.execute(&job.replace("{nil}", nil)).await.unwrap();
    app.work().await;
    let page = operator.get(SYSTEM).await.expect(200);
    let told = page.text("#jobs");
    assert!(told.contains("of tomorrow") && told.contains("tried once"), "{told}");
    let again = page.attribute("#jobs form", "action");
    operator.post(&again, &[]).await.expect_redirect(SYSTEM);
    app.work().await;
    let page = operator.get(SYSTEM).await.expect(200);
    assert!(page.text("#jobs").contains("tried 2 times"), "{}", page.text("#jobs"));
    app.database.execute("delete from jobs where kind = 'of tomorrow'").await.unwrap();
    operator.post(&again, &[]).await.expect(409);
    let words = tenantry::core::operators::system::status(&app.app).await.unwrap();
    assert!(words.contains("Email: It goes through 127.0.0.1:"), "{words}");
    assert!(!words.contains(&email_of("Olga Owner")), "{words}");
}

#[tokio::test]
async fn where_no_mail_leaves_nothing_is_said_to_be_sent_again() {
    let url = "http://tenantry.example.test".parse().unwrap();
    let app = TestApp::spawn_with(|config| config.without_smtp().with_base_url(url)).await;
    let operator = app.founder("Otto Operator", "Otto Ltd").await;
    app.database.execute("update users set email_verified_at = created_at").await.unwrap();
    grant(&app, "Otto Operator").await;
    app.work().await;
    let page = operator.get(SYSTEM).await.expect(200);
    let told = page.text("#mails");
    assert!(told.contains("no mail server is set") && told.contains("is configured"), "{told}");
    assert!(!page.body.contains("/operator/mails/send"), "{told}");
    operator.post("/operator/mails/send", &[]).await.expect_redirect(SYSTEM);
    let page = operator.get(SYSTEM).await.expect(200);
    assert!(page.text(".toast").contains("Nothing was sent"), "{}", page.body);
    let words = tenantry::core::operators::system::status(&app.app).await.unwrap();
    let lines: Vec<&str> = words.lines().collect();
    let mail =
        lines.iter().position(|line| line.starts_with("warn  Email: It goes nowhere")).unwrap();
    assert!(lines[mail + 2].starts_with("      mail ") && words.contains("tried once"), "{words}");
}
