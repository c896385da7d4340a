//! What is written to the audit log, and what is not.

use time::Duration;

use tenantry::platform::audit::refusals;

use crate::support::{Browser, PASSWORD, TestApp, email_of};

/// The log of everything, which reports what is new since the last call.
struct Log<'a> {
    app: &'a TestApp,
    seen: Vec<String>,
}

impl<'a> Log<'a> {
    fn of(app: &'a TestApp) -> Self {
        Self { app, seen: Vec::new() }
    }

    /// What was recorded since then, as `chain: kind actor, action, kind of object name`.
    async fn news(&mut self) -> Vec<String> {
        let rows = self
            .app
            .database
            .texts(
                "select coalesce(o.slug, '-') || '|' || l.sequence || '|' || l.actor_kind || '|' ||
                    l.action || '|' || l.object_kind || '|' || coalesce(d.content, '{}')
                 from audit_log l
                 left join organizations o on o.id = l.organization_id
                 left join audit_details d
                    on d.organization_id = l.organization_id and d.sequence = l.sequence
                 order by coalesce(o.slug, '-'), l.sequence",
            )
            .await;
        let new: Vec<String> =
            rows.iter().filter(|row| !self.seen.contains(row)).cloned().collect();
        self.seen = rows;
        new.iter().map(|row| told(row)).collect()
    }

    async fn expect(&mut self, expected: &[&str]) {
        assert_eq!(self.news().await, expected);
    }
}

fn told(row: &str) -> String {
    let parts: Vec<&str> = row.splitn(6, '|').collect();
    let details: serde_json::Value = serde_json::from_str(parts[5]).unwrap();
    let text = |name: &str| details[name].as_str().unwrap_or_default().to_owned();
    format!(
        "{}: {} {}, {}, {} {}",
        parts[0],
        parts[2],
        text("actor_name"),
        parts[3],
        parts[4],
        text("object_name")
    )
}

async fn member_path(app: &TestApp, viewer: &Browser, name: &str, act: &str) -> String {
    let id = app.membership_id(viewer, "acme", name).await;
    format!("/orgs/acme/members/{id}{act}")
}

#[tokio::test]
async fn everything_that_is_done_to_people_and_invitations_is_recorded_once() {
    let app = TestApp::spawn().await;
    let mut log = Log::of(&app);
    let olga = app.founder("Olga Owner", "Acme").await;
    log.expect(&[
        "-: person Olga Owner, account.created, account olga.owner@example.test",
        "-: person Olga Owner, account.address_confirmed, account olga.owner@example.test",
        "acme: person Olga Owner, organization.created, organization Acme",
    ])
    .await;
    let settings = [("name", "Acme Ltd"), ("slug", "acme")];
    olga.post("/orgs/acme/settings", &settings).await.expect(303);
    log.expect(&["acme: member Olga Owner, organization.changed, organization Acme Ltd"]).await;

    let mia = app.browser();
    let link = app.invite(&olga, "acme", "mia.member@example.test", "member").await;
    log.expect(&["acme: member Olga Owner, invitation.sent, invitation mia.member@example.test"])
        .await;
    mia.post(&format!("{link}/accept"), &[("name", "Mia Member"), ("password", PASSWORD)])
        .await
        .expect(303);
    app.work().await;
    log.expect(&[
        "-: person Mia Member, account.created, account mia.member@example.test",
        "acme: person Mia Member, member.joined, invitation mia.member@example.test",
    ])
    .await;
    let role = member_path(&app, &olga, "Mia Member", "/role").await;
    olga.post(&role, &[("role", "admin")]).await.expect(303);
    log.expect(&["acme: member Olga Owner, member.role_changed, member Mia Member"]).await;
    let remove = member_path(&app, &olga, "Mia Member", "/remove").await;
    olga.post(&remove, &[]).await.expect(303);
    log.expect(&["acme: member Olga Owner, member.removed, member Mia Member"]).await;
    olga.post(&remove, &[]).await.expect(404);
    log.expect(&[]).await;

    app.invite(&olga, "acme", "late@example.test", "viewer").await;
    log.news().await;
    let id = app.row_id(&olga, "acme", "late@example.test").await;
    let invitation = format!("/orgs/acme/invitations/{id}");
    olga.post(&format!("{invitation}/resend"), &[]).await.expect(303);
    log.expect(&["acme: member Olga Owner, invitation.resent, invitation late@example.test"]).await;
    let link = app.last_mail("late@example.test").await.link("/invitations/");
    mia.post(&format!("{link}/ask"), &[]).await.expect(303);
    mia.post(&format!("{link}/ask"), &[]).await.expect(303);
    log.expect(&["acme: person Mia Member, invitation.change_asked, invitation late@example.test"])
        .await;
    app.work().await;
    let to_mia = [("email", "mia.member@example.test")];
    olga.post(&format!("{invitation}/readdress"), &to_mia).await.expect(303);
    log.expect(&["acme: member Olga Owner, invitation.readdressed, invitation late@example.test"])
        .await;
    olga.post(&format!("{invitation}/revoke"), &[]).await.expect(303);
    log.expect(&[
        "acme: member Olga Owner, invitation.revoked, invitation mia.member@example.test",
    ])
    .await;
    let link = app.invite(&olga, "acme", "no@example.test", "viewer").await;
    log.news().await;
    app.browser().post(&format!("{link}/decline"), &[]).await.expect(200);
    log.expect(&["acme: anonymous , invitation.declined, invitation no@example.test"]).await;

    let ada = app.member(&olga, "acme", "Ada Admin", "admin").await;
    log.news().await;
    ada.post("/orgs/acme/leave", &[]).await.expect(303);
    log.expect(&["acme: member Ada Admin, member.left, member Ada Admin"]).await;
    ada.post("/orgs", &[("name", "Bakery"), ("slug", "bakery")]).await.expect(303);
    log.expect(&["bakery: person Ada Admin, organization.created, organization Bakery"]).await;
    app.work().await;
}

#[tokio::test]
async fn everything_that_is_done_to_an_account_is_recorded_once_and_no_secret_with_it() {
    const NEW: &str = "staple correct battery";
    let app = TestApp::spawn().await;
    let mut log = Log::of(&app);
    let olga = app.unproved_founder("Olga Owner", "Acme").await;
    log.news().await;
    let email = email_of("Olga Owner");
    let account = "account olga.owner@example.test";
    let mut secrets = vec![PASSWORD.to_owned(), NEW.to_owned()];

    let verify = app.last_mail(&email).await.link("/verify/");
    olga.post(&verify, &[]).await;
    // The link alone confirms nothing: the account has to be signed in.
    log.expect(&[&format!("-: person Olga Owner, account.address_confirmed, {account}")]).await;
    secrets.push(verify.replace("/verify/", ""));
    let page = olga.get("/account").await.expect(200);
    let renamed = [("name", "Olga Other"), ("email", email.as_str())];
    let fields: Vec<(&str, &str)> = renamed
        .into_iter()
        .filter(|(name, _)| page.count(&format!("form[action='/account'] [name={name}]")) > 0)
        .collect();
    olga.post("/account", &fields).await.expect(303);
    log.expect(&[&format!("-: person Olga Owner, account.changed, {account}")]).await;
    let fields = [("current_password", PASSWORD), ("password", NEW)];
    olga.post("/account/password", &fields).await.expect(303);
    log.expect(&[&format!("-: person Olga Other, account.password_changed, {account}")]).await;

    let other = app.browser();
    let answer = other.post("/login", &[("email", &email), ("password", NEW)]).await.expect(303);
    log.expect(&[&format!("-: person Olga Other, sign_in.started, {account}")]).await;
    let cookie = answer.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
    assert!(cookie.len() >= 20, "{cookie}");
    secrets.push(cookie);
    other.post("/logout", &[]).await.expect(303);
    log.expect(&["-: person Olga Other, sign_in.ended, sign_in olga.owner@example.test"]).await;

    app.work().await;
    app.browser().post("/password/forgot", &[("email", &email)]).await;
    app.work().await;
    log.expect(&[
        "-: anonymous , account.reset_asked, address olga.owner@example.test",
        &format!("-: system , account.reset_sent, {account}"),
    ])
    .await;
    let reset = app.last_mail(&email).await.link("/password/reset/");
    secrets.push(reset.replace("/password/reset/", ""));
    let browser = app.browser();
    browser.get(&reset).await.expect(303);
    browser.post("/password/reset", &[("password", PASSWORD)]).await.expect_redirect("/login");
    let news = log.news().await;
    assert_eq!(news.len(), 1, "{news:?}");
    assert!(news[0].ends_with(&format!(", account.password_reset, {account}")), "{news:?}");
    let link =
        app.invite(&app.sign_in("Olga Owner").await, "acme", "n@example.test", "viewer").await;
    secrets.push(link.replace("/invitations/", ""));
    app.work().await;

    let dump = app.dump_tables(&["audit_log", "audit_details", "audit_chains"]).await;
    assert!(dump.contains("olga.owner@example.test"));
    for secret in secrets {
        assert!(secret.len() >= 12 && !dump.contains(&secret), "{secret}");
    }
}

#[tokio::test]
async fn asvs_16_3_1_refusals_and_failed_sign_ins_are_recorded_and_repeated_ones_are_one_entry() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let vera = app.member(&olga, "acme", "Vera Viewer", "viewer").await;
    let mut log = Log::of(&app);
    log.news().await;
    let refused = "acme: member Vera Viewer, access.refused, request GET /orgs/{slug}/audit";
    vera.get("/orgs/acme/audit").await.expect(403);
    app.work().await;
    log.expect(&[refused]).await;
    for _ in 0..3 {
        vera.get("/orgs/acme/audit").await.expect(403);
    }
    app.work().await;
    log.expect(&[]).await;
    app.advance(refusals::WINDOW + Duration::SECOND);
    app.work().await;
    log.expect(&[refused]).await;
    let page = olga.get("/orgs/acme/audit?action=access.refused").await.expect(200);
    assert_eq!(page.count("tbody tr"), 2);
    assert_eq!(page.text("tbody tr .entry-change"), "Times 3");

    let stranger = app.founder("Sid Stranger", "Elsewhere").await;
    log.news().await;
    stranger.get("/orgs/acme").await.expect(404);
    app.work().await;
    log.expect(&["-: person Sid Stranger, access.refused, request GET /orgs/{slug}"]).await;

    let email = email_of("Olga Owner");
    for _ in 0..4 {
        let fields = [("email", email.as_str()), ("password", "wrong wrong wrong")];
        app.browser().post("/login", &fields).await.expect(422);
    }
    app.work().await;
    log.expect(&["-: anonymous , sign_in.failed, request an account"]).await;
    let details = app.dump_tables(&["audit_details"]).await;
    assert!(details.contains("\"times\":4"), "{details}");
    assert!(!details.contains("wrong wrong"), "what was typed is not kept");
}
