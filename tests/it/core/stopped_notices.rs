//! Notices say how to stop them, with one click in a mail program or on a page, and can be turned
//! on again; emails that protect an account are always sent.

use crate::support::{Browser, Mail, TestApp, email_of};

struct Acme {
    app: TestApp,
    ada: Browser,
    mia: Browser,
    project: String,
}

const MIA: &str = "Mia Member";

impl Acme {
    async fn new() -> Self {
        let app = TestApp::spawn().await;
        let ada = app.founder("Ada Lovelace", "Acme").await;
        let mia = app.member(&ada, "acme", MIA, "member").await;
        let made = ada.post("/orgs/acme/projects", &[("name", "Alpha")]).await.expect(303);
        let project = made.location().unwrap();
        Self { app, ada, mia, project }
    }

    /// Mentions Mia in a comment, and returns the emails about mentions that she has got so far.
    async fn mention(&self) -> Vec<Mail> {
        let path = format!("{}/comments", self.project);
        self.ada.post(&path, &[("body", "Look, @Mia Member")]).await.expect(303);
        self.app.work().await;
        let mut mails = self.app.mail.delivered_to(&email_of(MIA));
        mails.retain(|mail| mail.subject.contains("mentioned you"));
        mails
    }
}

/// A header of an email; empty if it is missing.
fn header(mail: &Mail, name: &str) -> String {
    let head = mail.raw.split("\r\n\r\n").next().unwrap();
    let start = format!("{name}: ");
    let lines = head.split("\r\n").filter_map(|line| line.strip_prefix(start.as_str()));
    lines.map(str::to_owned).next().unwrap_or_default()
}

/// The address that a mail program posts to.
fn one_click(mail: &Mail) -> String {
    assert_eq!(header(mail, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    header(mail, "List-Unsubscribe").trim_matches(['<', '>']).to_owned()
}

#[tokio::test]
async fn a_mail_program_stops_a_notice_with_one_post_and_without_a_session() {
    let acme = Acme::new().await;
    let first = acme.mention().await.pop().unwrap();
    let second = acme.mention().await.pop().unwrap();
    assert_eq!(header(&first, "List-Id"), header(&second, "List-Id"), "it lasts");
    assert!(header(&first, "List-Id").starts_with("<mentions."), "{}", header(&first, "List-Id"));
    let url = one_click(&first);
    // Programs open links, which stops nothing.
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 200);
    assert_eq!(acme.mention().await.len(), 3);
    for _ in 0..2 {
        // Twice, and as a page of another site would: the link decides.
        let answer = reqwest::Client::new()
            .post(&url)
            .header("origin", "https://mail.test")
            .header("sec-fetch-site", "cross-site")
            .form(&[("List-Unsubscribe", "One-Click")])
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "no redirect: programs follow none");
        assert!(answer.text().await.unwrap().contains("You won't get these emails anymore"));
    }
    assert_eq!(acme.mention().await.len(), 3, "no more of them");
    let stopped =
        "select count(*) from notice_choices where notice = 'mentions' and delivery = 'page'";
    assert_eq!(acme.app.database.number(stopped).await, 1);
}

#[tokio::test]
async fn what_is_stopped_is_shown_and_comes_again_by_the_link_or_on_the_page() {
    let acme = Acme::new().await;
    let mail = acme.mention().await.pop().unwrap();
    let link = mail.link("/unsubscribe/");
    let browser = acme.app.browser();
    let page = browser.get(&link).await.expect(200);
    assert!(page.text(".lead").contains("Acme emails you when a comment mentions you"));
    browser.post(&link, &[]).await.expect(200);
    assert_eq!(acme.mention().await.len(), 1);
    let page = browser.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "You won't get these emails anymore");
    let undo = page.attribute("form[action$='/undo']", "action");
    browser.post(&undo, &[]).await.expect(200);
    assert_eq!(acme.mention().await.len(), 2);

    let path = "/orgs/acme/notices";
    let settings = acme.mia.get("/orgs/acme/settings").await.expect(200);
    assert_eq!(settings.count(&format!("a[href='{path}']")), 1);
    let chosen =
        async || acme.mia.get(path).await.expect(200).attributes("option[selected]", "value");
    assert_eq!(chosen().await, ["email"; 3]);
    acme.mia.post(path, &[("mentions", "page")]).await.expect_redirect(path);
    assert_eq!(chosen().await, ["page", "email", "email"]);
    acme.mia.post(path, &[("mentions", "by pigeon")]).await.expect(422);
    assert_eq!(acme.mention().await.len(), 2, "stopped");
    acme.mia.post(path, &[("mentions", "email")]).await.expect_redirect(path);
    assert_eq!(acme.mention().await.len(), 3);
}

#[tokio::test]
async fn only_the_notice_of_the_link_stops_and_only_for_that_member() {
    let acme = Acme::new().await;
    let joined = acme.app.last_mail(&email_of("Ada Lovelace")).await;
    assert!(joined.subject.contains("joined"), "{}", joined.subject);
    reqwest::Client::new().post(one_click(&joined)).send().await.unwrap();
    acme.app.member(&acme.ada, "acme", "Max Member", "member").await;
    let mails = acme.app.mail.delivered_to(&email_of("Ada Lovelace"));
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("joined")).count(), 1);
    assert_eq!(acme.mention().await.len(), 1, "Mia stopped nothing");
    // A former member has nothing to stop.
    let mail = acme.mention().await.pop().unwrap();
    acme.mia.post("/orgs/acme/leave", &[]).await.expect(303);
    let gone = acme.app.browser().get(&mail.link("/unsubscribe/")).await.expect(410);
    assert!(gone.text(".error-page").contains("not a member anymore"));
    acme.app.browser().post(&mail.link("/unsubscribe/"), &[]).await.expect(410);
}

#[tokio::test]
async fn what_guards_an_account_cannot_be_stopped_and_made_up_links_lead_nowhere() {
    let acme = Acme::new().await;
    let browser = acme.app.browser();
    browser.post("/password/forgot", &[("email", &email_of(MIA))]).await.expect(303);
    acme.app.sign_in(MIA).await;
    for mail in acme.app.mail.delivered() {
        let is_notice = mail.subject.contains("joined");
        assert_eq!(!header(&mail, "List-Unsubscribe").is_empty(), is_notice, "{}", mail.subject);
        assert_eq!(!header(&mail, "List-Id").is_empty(), is_notice, "{}", mail.subject);
    }
    for made_up in ["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        browser.get(&format!("/unsubscribe/{made_up}")).await.expect(404);
        browser.post(&format!("/unsubscribe/{made_up}"), &[]).await.expect(404);
        browser.post(&format!("/unsubscribe/{made_up}/undo"), &[]).await.expect(404);
    }
}
