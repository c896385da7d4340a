//! The list of all tasks: searched, filtered, sorted, and page after page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::Duration;

use super::{Acme, add_task, save, start};
use crate::support::Browser;

#[tokio::test]
async fn the_list_is_searched_filtered_sorted_and_saved() {
    let acme = Acme::new().await;
    let mia = acme.id_of("Mia Member").await;
    let today = "2026-09-21";
    for (title, fields) in [
        ("Anchor", vec![("due_on", "2026-09-01"), ("priority", "low")]),
        ("Buoy", vec![("due_on", today), ("assignee", mia.as_str()), ("priority", "urgent")]),
        ("Capstan", vec![("due_on", "2026-12-01"), ("status", "done")]),
        ("Dinghy 100%", vec![("status", "doing")]),
    ] {
        let task = add_task(&acme.mia, &acme.project, title).await;
        save(&acme.mia, &task, &fields).await.expect(303);
        acme.app.advance(Duration::seconds(1));
    }
    let list = |browser: &Browser, query: &str| {
        let (browser, path) = (browser.clone(), format!("/orgs/acme/tasks{query}"));
        async move { browser.get(&path).await.expect(200).texts("tbody th .person-text > :first-child") }
    };
    for (query, expected) in [
        ("", vec!["Anchor", "Buoy", "Dinghy 100%"]),
        ("?status=any", vec!["Anchor", "Buoy", "Capstan", "Dinghy 100%"]),
        ("?q=ANCH", vec!["Anchor"]),
        ("?q=%25", vec!["Dinghy 100%"]),
        ("?assignee=me", vec!["Buoy"]),
        ("?assignee=nobody&status=unfinished", vec!["Anchor", "Dinghy 100%"]),
        ("?status=done", vec!["Capstan"]),
        ("?priority=urgent", vec!["Buoy"]),
        ("?due=overdue", vec!["Anchor"]),
        ("?due=week", vec!["Buoy"]),
        ("?state=archived", vec![]),
        ("?sort=title", vec!["Anchor", "Buoy", "Dinghy 100%"]),
        ("?sort=changed&status=any", vec!["Dinghy 100%", "Capstan", "Buoy", "Anchor"]),
        (
            "?assignee=moon&status=moon&project=moon&priority=moon&due=moon&state=moon&sort=moon&view=moon&month=moon",
            vec!["Anchor", "Buoy", "Dinghy 100%"],
        ),
    ] {
        assert_eq!(list(&acme.mia, query).await, expected, "{query}");
    }
    let by_priority = list(&acme.mia, "?sort=priority&status=any").await;
    assert_eq!((by_priority[0].as_str(), by_priority[3].as_str()), ("Buoy", "Anchor"));
    assert!(list(&acme.max, "?assignee=me").await.is_empty());
    assert_eq!(list(&acme.max, &format!("?assignee={mia}")).await, ["Buoy"]);
    // What belongs to an archived project counts as archived.
    acme.mia.post(&format!("{}/archive", acme.project), &[]).await.expect(303);
    assert!(list(&acme.mia, "").await.is_empty());
    assert_eq!(list(&acme.mia, "?state=archived&status=any").await.len(), 4);
    let fields = [("list", "tasks"), ("name", "Mine"), ("query", "?assignee=me&after=x")];
    acme.mia
        .post("/orgs/acme/filters", &fields)
        .await
        .expect_redirect("/orgs/acme/tasks?assignee=me");
    assert_eq!(acme.mia.get("/orgs/acme/tasks").await.text(".chip a"), "Mine");
}

#[tokio::test]
async fn the_same_tasks_stand_on_a_board_and_in_a_calendar() {
    let acme = Acme::new().await;
    for (title, fields) in [
        ("Anchor", vec![("due_on", "2026-09-01")]),
        ("Buoy", vec![("due_on", "2026-09-30"), ("status", "doing")]),
        ("Capstan", vec![("due_on", "2026-10-04"), ("status", "done")]),
        ("Dinghy", vec![("due_on", "2026-10-05")]),
    ] {
        let task = add_task(&acme.mia, &acme.project, title).await;
        save(&acme.mia, &task, &fields).await.expect(303);
    }
    acme.app.advance(Duration::seconds(1));
    let path = "/orgs/acme/tasks?view=board&q=n";
    let board = acme.mia.get(path).await.expect(200);
    let cards = |column: &str| board.texts(&format!("[data-column={column}] .task-title"));
    assert_eq!(cards("todo"), ["Anchor", "Dinghy"]);
    assert!(cards("doing").is_empty());
    assert_eq!(cards("done"), ["Capstan"]);
    assert_eq!(board.attribute("#filters input[name=view]", "value"), "board");
    // A card is moved by what its column means, and the page is loaded again.
    let card = board.attribute("[data-column=todo] li", "data-path");
    let fields = [("status", "done"), ("view", "all")];
    let answer = acme.mia.htmx_post(&format!("{card}/properties"), &fields).await.expect(204);
    assert_eq!(answer.header("hx-refresh"), "true");
    let board = acme.mia.get(path).await.expect(200);
    assert_eq!(board.texts("[data-column=done] .task-title"), ["Anchor", "Capstan"]);
    let board = acme.viewer.get(path).await.expect(200);
    assert_eq!(board.count("[draggable]") + board.count(".opens-menu"), 0);
    let calendar = acme.mia.get("/orgs/acme/tasks?view=calendar&month=2026-09&status=any").await;
    let calendar = calendar.expect(200);
    let day = |day: &str| calendar.texts(&format!("td:has([datetime='{day}']) a"));
    assert_eq!(calendar.texts("tbody a"), ["Anchor", "Buoy", "Capstan"]);
    assert_eq!(day("2026-09-01"), ["Anchor"]);
    assert_eq!(day("2026-10-04"), ["Capstan"], "the last day of its last week");
    let next = calendar.attribute("a[rel=next]", "href");
    assert!(next.contains("month=2026-10") && next.contains("status=any"), "{next}");
    assert_eq!(acme.mia.get(&next).await.expect(200).text(".calendar-head h2"), "October 2026");
    // The list keeps the filters, and the calendar's month is none of them.
    let list = calendar.attributes(".tabs .tab", "href");
    assert_eq!(list[0], "/orgs/acme/tasks?status=any");
    assert_eq!(calendar.text(".tabs [aria-current]"), "Calendar");
}

#[tokio::test]
async fn a_task_is_added_to_any_project_in_which_one_contributes() {
    let acme = Acme::new().await;
    let secret = start(&acme.owner, &[("name", "Secret"), ("restricted", "yes")]).await;
    let page = acme.mia.get("/orgs/acme/tasks/new").await.expect(200);
    assert!(!page.text("#project").contains("Secret"), "{}", page.text("#project"));
    let id = |path: &str| path[path.len() - 36..].to_owned();
    let (open, secret) = (id(&acme.project), id(&secret));
    let fields = [
        ("project", open.as_str()),
        ("title", "Paint"),
        ("description", "With **two** coats"),
        ("assignee", "Max Member"),
        ("due_on", "2026-12-24"),
        ("priority", "high"),
    ];
    let page = acme.mia.submit("/orgs/acme/tasks", &fields).await.expect(200);
    assert_eq!((page.text("h1"), page.text(".toast p")), ("Paint".into(), "Task created.".into()));
    assert_eq!(page.text(".written strong"), "two");
    assert_eq!(page.attribute("#assignee", "value"), "Max Member");
    for wrong in [secret.as_str(), "", "x"] {
        let fields = [("project", wrong), ("title", "Sand")];
        let page = acme.mia.post("/orgs/acme/tasks", &fields).await.expect(422);
        assert!(!page.text("#project-error").is_empty());
        assert_eq!(page.attribute("#title", "value"), "Sand");
    }
    let fields = [("project", open.as_str()), ("title", ""), ("assignee", "Zed")];
    let page = acme.mia.post("/orgs/acme/tasks", &fields).await.expect(422);
    assert!(!page.text("#title-error").is_empty() && !page.text("#assignee-error").is_empty());
    let page = acme.viewer.get("/orgs/acme/tasks/new").await.expect(200);
    assert!(page.text(".empty").contains("No project to add it to"));
    let fields = [("project", open.as_str()), ("title", "x")];
    acme.viewer.post("/orgs/acme/tasks", &fields).await.expect(403);
    acme.app.work().await;
}

#[tokio::test]
async fn pages_of_tasks_follow_each_other_in_every_order() {
    let acme = Acme::new().await;
    for number in 0..53 {
        add_task(&acme.mia, &acme.project, &format!("Task {number:02}")).await;
        acme.app.advance(Duration::seconds(1));
    }
    for sort in ["due", "title", "priority", "changed"] {
        let path = format!("/orgs/acme/tasks?sort={sort}&q=task");
        let first = acme.mia.get(&path).await.expect(200);
        assert_eq!(first.text(".pager-text"), "1–50 of 53", "{sort}");
        let next = first.attribute("a[rel=next]", "href");
        assert!(next.contains("q=task"), "{next}");
        let second = acme.mia.get(&next).await.expect(200);
        assert_eq!(second.text(".pager-text"), "51–53 of 53", "{sort}");
        let mut seen = first.attributes("tbody tr", "id");
        seen.extend(second.attributes("tbody tr", "id"));
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 53, "{sort}");
        let back = acme.mia.get(&second.attribute("a[rel=prev]", "href")).await.expect(200);
        assert_eq!(back.attributes("tbody tr", "id"), first.attributes("tbody tr", "id"));
    }
    acme.mia.get("/orgs/acme/tasks?after=nonsense").await.expect(400);
    let page = acme.mia.get(&acme.project).await.expect(200);
    assert_eq!(page.count(".task"), 53);
}

#[tokio::test]
async fn a_day_that_no_task_has_is_no_place_in_the_list() {
    let acme = Acme::new().await;
    add_task(&acme.mia, &acme.project, "Paint").await;
    for list in ["tasks", "projects"] {
        for day in ["-9999-01-01", "0000-12-31"] {
            let cursor = format!(r#"[{{"D":"{day}"}},"00000000-0000-0000-0000-000000000000",1]"#);
            let cursor = URL_SAFE_NO_PAD.encode(cursor);
            let path = format!("/orgs/acme/{list}?sort=due&after={cursor}");
            acme.mia.get(&path).await.expect(400);
        }
    }
}
