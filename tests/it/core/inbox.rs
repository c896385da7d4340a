//! The inbox: what a member is told there, how many are unread, and the daily summary.

use time::Duration;

use tenantry::core::notices::send_digests;

use crate::support::{Answer, Browser, TestApp, email_of};

const INBOX: &str = "/orgs/acme/inbox";

struct Acme {
    app: TestApp,
    ada: Browser,
    mia: Browser,
    project: String,
}

impl Acme {
    async fn new() -> Self {
        let app = TestApp::spawn().await;
        let ada = app.founder("Ada Lovelace", "Acme").await;
        let mia = app.member(&ada, "acme", "Mia Member", "member").await;
        let made = ada.post("/orgs/acme/projects", &[("name", "Alpha")]).await.expect(303);
        let project = made.location().unwrap();
        Self { app, ada, mia, project }
    }

    /// Adds a task for Mia, and gives its path.
    async fn assign(&self, title: &str) -> String {
        let fields = [("title", title), ("assignee", "Mia Member")];
        let answer = self.ada.post(&format!("{}/tasks", self.project), &fields).await.expect(303);
        self.app.work().await;
        let place = answer.location().unwrap();
        format!("{}/tasks/{}", self.project, place.split_once("#task-").unwrap().1)
    }

    /// Mentions Mia on the page at this path.
    async fn mention(&self, path: &str) {
        let body = [("body", "Look, @Mia Member")];
        self.ada.post(&format!("{path}/comments"), &body).await.expect(303);
        self.app.work().await;
    }

    async fn choose(&self, choices: &[(&str, &str)]) {
        self.mia.post("/orgs/acme/notices", choices).await.expect(303);
    }

    /// The emails that Mia has got with these words in their subject.
    fn mails(&self, words: &str) -> usize {
        let mails = self.app.mail.delivered_to(&email_of("Mia Member"));
        mails.iter().filter(|mail| mail.subject.contains(words)).count()
    }
}

/// The sentences on a page of the inbox.
async fn told(browser: &Browser, query: &str) -> Vec<String> {
    let page = browser.get(&format!("{INBOX}{query}")).await.expect(200);
    let sentences = page.texts(".inbox-link").into_iter();
    sentences.map(|sentence| sentence.trim_end_matches("(unread)").trim().to_owned()).collect()
}

/// The number on the bell.
fn bell(page: &Answer) -> String {
    page.texts(".bell-count").concat().replace(" unread", "")
}

#[tokio::test]
async fn what_concerns_somebody_is_in_their_inbox_and_leads_to_it() {
    let acme = Acme::new().await;
    let task = acme.assign("Paint").await;
    acme.mention(&task).await;
    acme.mention(&acme.project).await;
    assert_eq!(
        told(&acme.mia, "").await,
        [
            "Ada Lovelace mentioned you on Alpha",
            "Ada Lovelace mentioned you on Paint",
            "Ada Lovelace assigned you Paint",
        ]
    );
    assert_eq!(told(&acme.ada, "").await, ["Mia Member accepted your invitation"]);
    let page = acme.mia.get(INBOX).await.expect(200);
    assert_eq!(bell(&page), "3");
    assert_eq!(page.texts(".event-day"), ["Today"]);
    assert_eq!(bell(&acme.mia.get("/orgs/acme").await), "3");
    let open = page.attributes("form[action$='/open']", "action");
    acme.mia.post(&open[2], &[]).await.expect_redirect(&task);
    let comment = acme.mia.post(&open[1], &[]).await.expect(303).location().unwrap();
    assert!(comment.starts_with(&format!("{task}?comment=")), "{comment}");
    assert_eq!(bell(&acme.mia.get("/orgs/acme").await), "1");
    assert_eq!(told(&acme.mia, "").await.len(), 1);
    assert_eq!(told(&acme.mia, "?show=all").await.len(), 3);
    // Read and unread by their buttons, and all at once.
    let (id, rest) =
        (open[1].strip_suffix("/open").unwrap(), open[0].strip_suffix("/open").unwrap());
    acme.mia.post(&format!("{id}/unread"), &[]).await.expect_redirect(INBOX);
    assert_eq!(bell(&acme.mia.get("/orgs/acme").await), "2");
    let all = [("show", "all")];
    let path = format!("{INBOX}?show=all");
    acme.mia.post(&format!("{id}/read"), &all).await.expect_redirect(&path);
    acme.mia.post(&format!("{rest}/read-all"), &[]).await.expect_redirect(INBOX);
    let page = acme.mia.get(INBOX).await.expect(200);
    assert_eq!(
        (bell(&page).as_str(), page.text(".empty h2").as_str()),
        ("", "You're all caught up")
    );
    // Nobody else's: not even an owner's.
    for path in &open {
        acme.ada.post(path, &[]).await.expect(404);
        acme.ada.post(&path.replace("/open", "/read"), &[]).await.expect(404);
    }
    acme.ada.post(&open[0].replace("/open", "/read-all"), &[]).await.expect(404);
}

#[tokio::test]
async fn looking_at_the_thing_itself_counts_as_reading() {
    let acme = Acme::new().await;
    let task = acme.assign("Paint").await;
    acme.mention(&task).await;
    acme.mention(&acme.project).await;
    let page = acme.mia.get(INBOX).await.expect(200);
    assert!(page.texts(".inbox-text p")[0].contains("Look, @Mia Member"), "{}", page.body);
    assert_eq!(bell(&acme.mia.get(&task).await.expect(200)), "1");
    assert_eq!(told(&acme.mia, "").await, ["Ada Lovelace mentioned you on Alpha"]);
    // Neither a part of a page nor somebody else's look.
    acme.mia.htmx_get(&acme.project).await.expect(200);
    acme.ada.get(&acme.project).await.expect(200);
    assert_eq!(told(&acme.mia, "").await.len(), 1);
}

#[tokio::test]
async fn what_happens_again_is_told_once_until_it_is_read() {
    let acme = Acme::new().await;
    let task = acme.assign("Paint").await;
    for whom in ["", "Mia Member", "", "Mia Member"] {
        let path = format!("{task}/properties");
        acme.ada.post(&path, &[("assignee", whom)]).await.expect(303);
        acme.app.work().await;
    }
    assert_eq!(told(&acme.mia, "").await, ["Ada Lovelace assigned you Paint"]);
}

#[tokio::test]
async fn a_link_that_stops_emails_changes_nothing_else() {
    let acme = Acme::new().await;
    acme.assign("Paint").await;
    let link = acme.app.last_mail(&email_of("Mia Member")).await.link("/unsubscribe/");
    let browser = acme.app.browser();
    for choice in ["nothing", "digest", "page"] {
        acme.choose(&[("assignments", choice)]).await;
        browser.post(&link, &[]).await.expect(200);
        let page = acme.mia.get("/orgs/acme/notices").await.expect(200);
        assert_eq!(page.attributes("option[selected]", "value")[1], choice);
    }
}

#[tokio::test]
async fn what_came_after_the_page_was_opened_stays_unread() {
    let acme = Acme::new().await;
    acme.assign("First").await;
    let page = acme.mia.get(INBOX).await.expect(200);
    acme.assign("Second").await;
    let all = page.attribute("form[action$='/read-all']", "action");
    acme.mia.post(&all, &[]).await.expect(303);
    assert_eq!(told(&acme.mia, "").await, ["Ada Lovelace assigned you Second"]);
}

#[tokio::test]
async fn what_was_deleted_or_closed_to_somebody_is_told_no_more() {
    let acme = Acme::new().await;
    let task = acme.assign("Paint").await;
    acme.mention(&task).await;
    acme.ada.post(&format!("{task}/delete"), &[]).await.expect(303);
    assert_eq!(told(&acme.mia, "?show=all").await, [] as [&str; 0]);
    assert_eq!(bell(&acme.mia.get("/orgs/acme").await), "");
    acme.ada.post(&format!("{task}/restore"), &[]).await.expect(303);
    assert_eq!(bell(&acme.mia.get("/orgs/acme").await), "2");
    let page = acme.mia.get(INBOX).await.expect(200);
    let open = page.attribute("form[action$='/open']", "action");
    let form = acme.ada.get(&format!("{}/edit", acme.project)).await.expect(200);
    let version = form.attribute("input[name=version]", "value");
    let fields = [("name", "Alpha"), ("restricted", "yes"), ("version", &version)];
    acme.ada.post(&format!("{}/edit", acme.project), &fields).await.expect(303);
    assert_eq!(told(&acme.mia, "?show=all").await, [] as [&str; 0]);
    acme.mia.post(&open, &[]).await.expect(404);
    assert_eq!(
        acme.app
            .database
            .number("select count(*) from notifications where project_id is not null")
            .await,
        0
    );
    acme.mia.post("/orgs/acme/leave", &[]).await.expect(303);
    assert_eq!(told(&acme.ada, "").await, ["Mia Member accepted your invitation"]);
}

#[tokio::test]
async fn each_is_told_as_they_have_chosen() {
    let acme = Acme::new().await;
    acme.choose(&[("mentions", "nothing"), ("assignments", "page")]).await;
    let task = acme.assign("Paint").await;
    acme.mention(&task).await;
    assert_eq!(told(&acme.mia, "").await, ["Ada Lovelace assigned you Paint"]);
    assert_eq!(acme.mails("Paint"), 0);
    acme.choose(&[("mentions", "email")]).await;
    acme.mention(&task).await;
    assert_eq!(told(&acme.mia, "").await.len(), 2);
    assert_eq!(acme.mails("mentioned you"), 1);
}

#[tokio::test]
async fn a_daily_summary_has_what_is_unread_once_and_can_be_stopped() {
    let acme = Acme::new().await;
    acme.choose(&[("mentions", "digest"), ("assignments", "digest")]).await;
    let read = acme.assign("Read").await;
    let deleted = acme.assign("Deleted").await;
    for n in 0..22 {
        acme.assign(&format!("Paint {n}")).await;
    }
    acme.mention(&read).await;
    acme.ada.post(&format!("{deleted}/delete"), &[]).await.expect(303);
    let page = acme.mia.get(INBOX).await.expect(200);
    acme.mia.post(&page.attribute("form[action$='/open']", "action"), &[]).await.expect(303);
    let send = async || {
        send_digests(&acme.app.app).await.unwrap();
        acme.app.work().await;
    };
    send().await;
    assert_eq!(acme.mails("new in Acme"), 0, "not before the morning");
    acme.app.advance(Duration::DAY);
    for _ in 0..2 {
        send().await;
        assert_eq!(acme.mails("new in Acme"), 1, "once");
    }
    let mail = acme.app.last_mail(&email_of("Mia Member")).await;
    assert_eq!(mail.subject, "23 new in Acme");
    let first = mail.text.lines().find(|line| line.starts_with("- "));
    assert_eq!(first, Some("- Ada Lovelace assigned you Read"));
    assert!(mail.text.contains("and 3 more") && !mail.text.contains("Deleted"), "{}", mail.text);
    assert!(!mail.text.contains("mentioned you"), "it was read: {}", mail.text);
    assert_eq!(mail.text.matches("assigned you").count(), 20);
    let link = mail.link("/unsubscribe/");
    let browser = acme.app.browser();
    let page = browser.get(&link).await.expect(200);
    assert!(page.text(".lead").contains("emails you a daily summary of your inbox"));
    browser.post(&link, &[]).await.expect(200);
    let mia = acme.app.sign_in("Mia Member").await;
    let chosen = mia.get("/orgs/acme/notices").await.attributes("option[selected]", "value");
    assert_eq!(chosen, ["page", "page", "email"]);
    let ada = acme.app.sign_in("Ada Lovelace").await;
    let fields = [("title", "Late"), ("assignee", "Mia Member")];
    ada.post(&format!("{}/tasks", acme.project), &fields).await.expect(303);
    acme.app.work().await;
    acme.app.advance(Duration::DAY);
    send().await;
    assert_eq!(acme.mails("new in Acme"), 1);
    // Turned back on by the link.
    let page = browser.get(&link).await.expect(200);
    browser.post(&page.attribute("form[action$='/undo']", "action"), &[]).await.expect(200);
    let mia = acme.app.sign_in("Mia Member").await;
    let chosen = mia.get("/orgs/acme/notices").await.attributes("option[selected]", "value");
    assert_eq!(chosen, ["digest", "digest", "email"]);
}

#[tokio::test]
async fn a_long_inbox_has_pages_and_forgets_what_was_read_long_ago() {
    let acme = Acme::new().await;
    for n in 0..32 {
        acme.assign(&format!("Paint {n}")).await;
    }
    let page = acme.mia.get(INBOX).await.expect(200);
    assert_eq!((page.count(".inbox-link"), bell(&page).as_str()), (30, "32"));
    let older = page.attributes(".pager a", "href");
    assert_eq!(acme.mia.get(&older[0]).await.expect(200).count(".inbox-link"), 2);
    let all = page.attribute("form[action$='/read-all']", "action");
    acme.mia.post(&all, &[]).await.expect(303);
    acme.assign("New").await;
    acme.app.advance(tenantry::platform::retention::RETENTION + Duration::seconds(1));
    tenantry::platform::retention::purge(&acme.app.app).await.unwrap();
    let mia = acme.app.sign_in("Mia Member").await;
    assert_eq!(told(&mia, "?show=all").await, ["Ada Lovelace assigned you New"]);
}
