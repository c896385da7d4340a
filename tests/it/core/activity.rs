//! Activity: what every member may know about what happened, and nothing else.

use crate::support::{Answer, Browser, TestApp};

const ACTIVITY: &str = "/orgs/acme/activity";

async fn acme() -> (TestApp, Browser, Browser, Browser) {
    let app = TestApp::spawn().await;
    let owner = app.founder("Olga Owner", "Acme").await;
    let mia = app.member(&owner, "acme", "Mia Member", "member").await;
    let max = app.member(&owner, "acme", "Max Member", "member").await;
    (app, owner, mia, max)
}

async fn start(browser: &Browser, fields: &[(&str, &str)]) -> String {
    browser.post("/orgs/acme/projects", fields).await.expect(303).location().unwrap()
}

/// Adds a task, and returns its path.
async fn add_task(browser: &Browser, project: &str, title: &str) -> String {
    let answer = browser.post(&format!("{project}/tasks"), &[("title", title)]).await.expect(303);
    let place = answer.location().unwrap();
    format!("{project}/tasks/{}", place.split_once("#task-").unwrap().1)
}

fn events(page: &Answer) -> Vec<String> {
    page.texts(".event div p:first-child")
}

#[tokio::test]
async fn what_people_do_is_told_with_links_and_what_was_changed() {
    let (app, owner, mia, max) = acme().await;
    owner.post("/orgs/acme/clients", &[("name", "Harbour")]).await.expect(303);
    let project = start(&mia, &[("name", "Alpha"), ("code", "AL")]).await;
    let task = add_task(&mia, &project, "Paint <i>it</i>").await;
    max.post(&format!("{task}/properties"), &[("status", "doing")]).await.expect(303);
    let member = app.membership_id(&owner, "acme", "Max Member").await;
    let fields = [("title", "Paint"), ("status", "doing"), ("assignee", &member), ("version", "2")];
    mia.post(&format!("{task}/edit"), &fields).await.expect(303);
    let answer = max.post(&format!("{task}/comments"), &[("body", "Hush")]).await.expect(303);
    let place = answer.location().unwrap();
    let (_, id) = place.split_once("#comment-").unwrap();
    let comment = format!("{task}?comment={id}#comment-{id}");
    app.work().await;
    let page = max.get(ACTIVITY).await.expect(200);
    assert_eq!(
        events(&page),
        [
            "Max Member commented on Paint",
            "Mia Member changed the task Paint for Max Member Title: Paint <i>it</i> → Paint",
            "Max Member changed the task Paint <i>it</i> Status: To do → Doing",
            "Mia Member created the task Paint <i>it</i>",
            "Mia Member created the project AL Alpha",
            "Olga Owner created the client Harbour",
        ]
    );
    let links = page.attributes(".event div p:first-child a", "href");
    assert_eq!((&links[0], &links[1], &links[4]), (&comment, &task, &project));
    assert!(!page.body.contains("<i>it") && !page.body.contains("Hush"));
    for secret in ["example.test</", "127.0.0.1", "Mozilla"] {
        assert!(!page.text(".events").contains(secret), "{secret}");
    }
    let history = mia.get(&task).await.expect(200);
    let thread = history.texts(".comments > li");
    assert_eq!(thread.len(), 4, "{thread:?}");
    let whole = mia.get(&format!("{project}/activity")).await.expect(200);
    assert_eq!(events(&whole), &events(&page)[..5]);
    // Deleted things are named, but not linked.
    mia.post(&format!("{task}/delete"), &[]).await.expect(303);
    let page = mia.get(ACTIVITY).await.expect(200);
    assert_eq!(page.attributes(".event div p:first-child a", "href").len(), 2);
    // Not everybody may know who joined, was invited or was refused.
    for other in ["joined", "invited", "refused", "filter"] {
        assert!(!page.text(".events").contains(other), "{other}");
    }
}

#[tokio::test]
async fn people_who_may_not_see_a_project_learn_nothing_of_what_happens_in_it() {
    let (_app, owner, mia, max) = acme().await;
    let secret = start(&mia, &[("name", "Xylophone"), ("restricted", "yes")]).await;
    let task = add_task(&mia, &secret, "Whisper").await;
    mia.post(&format!("{task}/comments"), &[("body", "x")]).await.expect(303);
    let open = start(&mia, &[("name", "Open work")]).await;
    max.get(&format!("{secret}/activity")).await.expect(404);
    let page = max.get(ACTIVITY).await.expect(200);
    assert_eq!(events(&page).len(), 1);
    assert!(!page.body.contains("Xylophone") && !page.body.contains("Whisper"));
    for browser in [&owner, &mia] {
        assert_eq!(events(&browser.get(ACTIVITY).await).len(), 4);
    }
    assert_eq!(max.get(&open).await.texts(".thread-event").len(), 1);
    // It is deleted and restored with its project.
    mia.post(&format!("{secret}/delete"), &[]).await.expect(303);
    assert_eq!(events(&mia.get(ACTIVITY).await).len(), 1);
    mia.post(&format!("{secret}/restore"), &[]).await.expect(303);
    assert_eq!(events(&mia.get(ACTIVITY).await).len(), 6);
}

#[tokio::test]
async fn older_activity_follows_and_its_address_counts_nothing() {
    let (_app, owner, _, max) = acme().await;
    for number in 0..52 {
        let name = format!("Client {number:02}");
        owner.post("/orgs/acme/clients", &[("name", &name)]).await.expect(303);
    }
    let page = max.get(ACTIVITY).await.expect(200);
    assert_eq!(events(&page).len(), 50);
    let older = page.attribute("a[rel=next]", "href");
    let rest = max.get(&older).await.expect(200);
    assert_eq!(
        events(&rest),
        ["Olga Owner created the client Client 01", "Olga Owner created the client Client 00"]
    );
    assert_eq!(rest.attribute("a[rel=prev]", "href"), ACTIVITY);
    assert_ne!(max.get(ACTIVITY).await.attribute("a[rel=next]", "href"), older, "it is sealed");
    let part = max.htmx_get(&older).await.expect(200);
    assert!(part.body.trim_start().starts_with("<div id=\"list\""), "{}", part.body);
    for wrong in ["nonsense", "%00", "AAAA", &older[older.len() - 20..]] {
        max.get(&format!("{ACTIVITY}?after={wrong}")).await.expect(400);
    }
}

#[tokio::test]
async fn what_was_erased_is_somebodys() {
    let (app, _, mia, max) = acme().await;
    let project = start(&mia, &[("name", "Alpha"), ("code", "AL")]).await;
    let task = add_task(&mia, &project, "Paint").await;
    app.database.execute("delete from audit_details").await.unwrap();
    let page = max.get(ACTIVITY).await.expect(200);
    assert_eq!(
        events(&page),
        ["Someone created the task Paint", "Someone created the project Alpha"]
    );
    mia.post(&format!("{task}/delete"), &[]).await.expect(303);
}
