//! Tasks: their order, their form, their list, and people who must not learn that they exist.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use time::Duration;

use crate::support::{Browser, TestApp, email_of};

/// Acme with an owner, two members, a viewer, and an open project.
struct Acme {
    app: TestApp,
    owner: Browser,
    mia: Browser,
    max: Browser,
    viewer: Browser,
    project: String,
}

impl Acme {
    async fn new() -> Self {
        let app = TestApp::spawn().await;
        let owner = app.founder("Olga Owner", "Acme").await;
        let mia = app.member(&owner, "acme", "Mia Member", "member").await;
        let max = app.member(&owner, "acme", "Max Member", "member").await;
        let viewer = app.member(&owner, "acme", "Vera Viewer", "viewer").await;
        let project = start(&mia, &[("name", "Alpha")]).await;
        Self { app, owner, mia, max, viewer, project }
    }

    async fn id_of(&self, name: &str) -> String {
        self.app.membership_id(&self.owner, "acme", name).await
    }
}

async fn start(browser: &Browser, fields: &[(&str, &str)]) -> String {
    browser.post("/orgs/acme/projects", fields).await.expect(303).location().unwrap()
}

/// Adds a task, and returns its path.
async fn add(browser: &Browser, project: &str, title: &str) -> String {
    let answer = browser.post(&format!("{project}/tasks"), &[("title", title)]).await.expect(303);
    let place = answer.location().unwrap();
    let (page, id) = place.split_once("#task-").unwrap();
    format!("{page}/tasks/{id}")
}

/// Saves a task with these fields, and the form's values for all others.
async fn save(browser: &Browser, task: &str, fields: &[(&str, &str)]) -> crate::support::Answer {
    let form = browser.get(&format!("{task}/edit")).await.expect(200);
    let version = form.attribute("input[name=version]", "value");
    let title = form.attribute("input[name=title]", "value");
    let mut all = vec![("version", version.as_str())];
    if !fields.iter().any(|(name, _)| *name == "title") {
        all.push(("title", &title));
    }
    all.extend(fields);
    browser.post(&format!("{task}/edit"), &all).await
}

async fn titles(browser: &Browser, page: &str) -> Vec<String> {
    browser.get(page).await.expect(200).texts(".task-title")
}

#[tokio::test]
async fn a_line_adds_a_task_and_a_choice_finishes_it() {
    let acme = Acme::new().await;
    let page = acme.mia.get(&acme.project).await.expect(200);
    assert!(page.text("#tasks").contains("Add the first task"));
    add(&acme.mia, &acme.project, "Buy <b>nails</b>").await;
    let create = format!("{}/tasks", acme.project);
    let part = acme.max.htmx_post(&create, &[("title", "Buy wood")]).await.expect(200);
    assert!(part.body.trim_start().starts_with("<section"), "{}", part.body);
    assert_eq!(part.texts(".task-title"), ["Buy <b>nails</b>", "Buy wood"]);
    assert!(part.body.contains("Buy &#60;b&#62;nails"), "{}", part.body);
    // The error is shown beside the line, and the input is kept.
    let long = "x".repeat(201);
    for htmx in [true, false] {
        let page = match htmx {
            true => acme.mia.htmx_post(&create, &[("title", &long)]).await,
            false => acme.mia.post(&create, &[("title", &long)]).await,
        };
        let page = page.expect(422);
        assert!(!page.text("#title-error").is_empty());
        assert_eq!(page.attribute("#new-task", "value"), long);
        assert_eq!(page.count("nav.nav") == 0, htmx);
    }
    acme.mia.post(&create, &[("title", " ")]).await.expect(422);
    let set = part.attributes(".task .inline-form", "action")[0].clone();
    acme.mia.post(&set, &[("status", "nonsense")]).await.expect(422);
    acme.mia.post(&set, &[("status", "doing")]).await.expect(303);
    let part = acme.mia.htmx_post(&set, &[("status", "done")]).await.expect(200);
    assert_eq!(part.texts(".task-title"), ["Buy wood"]);
    assert!(part.text(".card-head").contains("1 open, 1 done"));
    let all = acme.mia.get(&format!("{}?done=1", acme.project)).await.expect(200);
    assert_eq!(all.texts(".task-title"), ["Buy wood", "Buy <b>nails</b>"]);
    let fields = [("status", "todo"), ("view", "done")];
    let answer = acme.mia.post(&set, &fields).await.expect(303);
    assert!(answer.location().unwrap().contains("?done=1#task-"));
    acme.mia.post(&set, &[("status", "todo"), ("view", "moon")]).await.expect(400);
}

#[tokio::test]
async fn tasks_are_moved_up_and_down_until_there_is_no_further() {
    let acme = Acme::new().await;
    let mut tasks = Vec::new();
    for title in ["a", "b", "c", "d"] {
        tasks.push(add(&acme.mia, &acme.project, title).await);
    }
    let shift = |task: usize, direction: &'static str| {
        let (mia, path) = (acme.mia.clone(), format!("{}/move", tasks[task]));
        async move { mia.post(&path, &[("direction", direction)]).await }
    };
    shift(3, "up").await.expect(303);
    assert_eq!(titles(&acme.mia, &acme.project).await, ["a", "b", "d", "c"]);
    shift(0, "up").await.expect(303);
    shift(2, "down").await.expect(303);
    shift(0, "down").await.expect(303);
    assert_eq!(titles(&acme.mia, &acme.project).await, ["b", "a", "d", "c"]);
    shift(0, "sideways").await.expect(422);
    // The gaps between the numbers are used up, and created again.
    for _ in 0..30 {
        shift(2, "up").await.expect(303);
        shift(3, "up").await.expect(303);
    }
    assert_eq!(titles(&acme.mia, &acme.project).await, ["b", "a", "d", "c"]);
    let recorded = "select count(*) from audit_log where action = 'task.moved'";
    // The two moves past the ends changed nothing.
    assert_eq!(acme.app.database.number(recorded).await, 62);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn moves_at_the_same_time_lose_no_task_and_leave_an_order() {
    let acme = Acme::new().await;
    let mut tasks = Vec::new();
    for number in 0..6 {
        tasks.push(add(&acme.mia, &acme.project, &format!("task {number}")).await);
    }
    let moves = (0..24).map(|number| {
        let browser = if number % 2 == 0 { &acme.mia } else { &acme.max };
        let direction = if number % 3 == 0 { "down" } else { "up" };
        let path = format!("{}/move", tasks[number % tasks.len()]);
        async move { browser.post(&path, &[("direction", direction)]).await.expect(303) }
    });
    join_all(moves).await;
    let mut found = titles(&acme.mia, &acme.project).await;
    found.sort();
    assert_eq!(found.len(), 6);
    found.dedup();
    assert_eq!(found.len(), 6);
    let places = "select count(distinct position) from tasks";
    assert_eq!(acme.app.database.number(places).await, 6);
}

#[tokio::test]
async fn of_two_who_edit_a_task_the_second_is_told_and_keeps_what_was_typed() {
    let acme = Acme::new().await;
    let task = add(&acme.mia, &acme.project, "Paint").await;
    let edit = format!("{task}/edit");
    let form = acme.max.get(&edit).await.expect(200);
    let version = form.attribute("input[name=version]", "value");
    let fields = [
        ("title", "Paint it blue"),
        ("priority", "urgent"),
        ("due_on", "2026-10-01"),
        ("version", version.as_str()),
    ];
    let page = acme.mia.submit(&edit, &fields).await.expect(200);
    assert_eq!(page.text("h1"), "Paint it blue");
    assert!(page.text(".facts").contains("1 Oct 2026"));
    let fields = [
        ("title", "Paint it red"),
        ("description", "typed for an hour"),
        ("version", version.as_str()),
    ];
    let page = acme.max.post(&edit, &fields).await.expect(409);
    assert!(page.text(".notice").contains("Changed in the meantime"));
    assert!(page.text(".facts").contains("Paint it blue"));
    assert_eq!(page.attribute("input[name=title]", "value"), "Paint it red");
    assert_eq!(page.text("textarea[name=description]"), "typed for an hour");
    let fields = [("title", ""), ("due_on", "soon"), ("priority", "x"), ("status", "y")];
    let page = acme.max.htmx_post(&edit, &fields).await.expect(422);
    for field in ["title", "due_on", "priority", "status"] {
        assert!(!page.text(&format!("#{field}-error")).is_empty(), "{field}");
    }
    acme.max
        .post(&format!("{}/tasks/{}/edit", acme.project, acme.id_of("Mia Member").await), &[])
        .await
        .expect(404);
}

#[tokio::test]
async fn a_task_goes_only_to_somebody_who_sees_the_project_and_they_are_told() {
    let acme = Acme::new().await;
    let elsewhere = acme.app.founder("Sid Stranger", "Elsewhere").await;
    let stranger = acme.app.membership_id(&elsewhere, "elsewhere", "Sid Stranger").await;
    let secret = start(&acme.mia, &[("name", "Secret"), ("restricted", "yes")]).await;
    let task = add(&acme.mia, &secret, "Whisper").await;
    let max = acme.id_of("Max Member").await;
    for wrong in [stranger.as_str(), max.as_str(), "nonsense", &task[task.len() - 36..]] {
        let page = save(&acme.mia, &task, &[("assignee", wrong)]).await.expect(422);
        assert!(page.text("#assignee-error").contains("who can see this project"), "{wrong}");
    }
    let form = acme.mia.get(&format!("{task}/edit")).await.expect(200);
    assert!(!form.text("#assignee").contains("Max"), "{}", form.text("#assignee"));
    let before = acme.app.mail.count();
    let mia = acme.id_of("Mia Member").await;
    save(&acme.mia, &task, &[("assignee", &mia)]).await.expect(303);
    acme.app.work().await;
    assert_eq!(acme.app.mail.count(), before, "nobody is told what they did themselves");
    let owner = acme.id_of("Olga Owner").await;
    let fields = [("assignee", owner.as_str()), ("due_on", "2026-12-24")];
    save(&acme.mia, &task, &fields).await.expect(303);
    let mail = acme.app.last_mail(&email_of("Olga Owner")).await;
    assert_eq!(mail.subject, "Mia Member assigned you a task: Whisper");
    assert!(mail.text.contains("24 Dec 2026"), "{}", mail.text);
    assert_eq!(mail.link("/tasks/"), task);
    acme.owner.get(&task).await.expect(200);
    // Saving it again does not notify again.
    let sent = acme.app.mail.count();
    save(&acme.mia, &task, &fields).await.expect(303);
    acme.app.work().await;
    assert_eq!(acme.app.mail.count(), sent);
}

#[tokio::test]
async fn who_lost_the_task_or_the_project_before_the_mail_was_written_gets_none() {
    let acme = Acme::new().await;
    let secret = start(&acme.mia, &[("name", "Secret"), ("restricted", "yes")]).await;
    let put = [("email", email_of("Max Member")), ("role", "contributor".to_owned())];
    let put: Vec<(&str, &str)> = put.iter().map(|(a, b)| (*a, b.as_str())).collect();
    let max = acme.id_of("Max Member").await;
    acme.app.work().await;
    let before = acme.app.mail.count();
    // The assignment is taken back.
    acme.mia.post(&format!("{secret}/members"), &put).await.expect(303);
    let task = add(&acme.mia, &secret, "First").await;
    save(&acme.mia, &task, &[("assignee", &max)]).await.expect(303);
    save(&acme.mia, &task, &[("assignee", "")]).await.expect(303);
    acme.app.work().await;
    // The task is deleted.
    save(&acme.mia, &task, &[("assignee", &max)]).await.expect(303);
    acme.mia.post(&format!("{task}/delete"), &[]).await.expect(303);
    acme.app.work().await;
    // The assignee is removed from the project, and so from its tasks.
    let task = add(&acme.mia, &secret, "Second").await;
    save(&acme.mia, &task, &[("assignee", &max)]).await.expect(303);
    acme.mia.post(&format!("{secret}/members/{max}/remove"), &[]).await.expect(303);
    acme.app.work().await;
    assert!(acme.mia.get(&task).await.expect(200).text(".facts").contains("nobody"));
    // The assignee is removed from the organization.
    let task = add(&acme.mia, &acme.project, "Third").await;
    save(&acme.mia, &task, &[("assignee", &max)]).await.expect(303);
    acme.owner.post(&format!("/orgs/acme/members/{max}/remove"), &[]).await.expect(303);
    acme.app.work().await;
    assert_eq!(acme.app.mail.count(), before);
    let assigned = "select count(*) from tasks where assignee_id is not null";
    assert_eq!(acme.app.database.number(assigned).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_task_given_to_somebody_who_is_removed_at_the_same_time_is_nobodys() {
    let acme = Acme::new().await;
    let max = acme.id_of("Max Member").await;
    let mut tasks = Vec::new();
    for number in 0..8 {
        tasks.push(add(&acme.mia, &acme.project, &format!("task {number}")).await);
    }
    let given = tasks.iter().enumerate().map(|(number, task)| {
        let (mia, max) = (&acme.mia, max.as_str());
        async move {
            // Some before the removal, some after it.
            tokio::time::sleep(std::time::Duration::from_millis(4 * number as u64)).await;
            let fields = [("title", "x"), ("version", "1"), ("assignee", max)];
            mia.post(&format!("{task}/edit"), &fields).await.status.as_u16()
        }
    });
    let remove = format!("/orgs/acme/members/{max}/remove");
    let (given, removed) = tokio::join!(join_all(given), acme.owner.post(&remove, &[]));
    removed.expect(303);
    assert!(given.iter().all(|status| [303, 422].contains(status)), "{given:?}");
    let assigned = "select count(*) from tasks where assignee_id is not null";
    assert_eq!(acme.app.database.number(assigned).await, 0);
    acme.app.work().await;
}

#[tokio::test]
async fn archiving_and_deleting_a_task_are_undone() {
    let acme = Acme::new().await;
    let task = add(&acme.mia, &acme.project, "Paint").await;
    for act in ["archive", "delete"] {
        let page = acme.mia.submit(&format!("{task}/{act}"), &[]).await.expect(200);
        assert_eq!(page.count(".task"), 0, "{act}");
        let status = if act == "delete" { 404 } else { 200 };
        acme.mia.get(&task).await.expect(status);
        let page = acme.mia.submit(&page.attribute(".toast form", "action"), &[]).await;
        assert_eq!(page.expect(200).text("h1"), "Paint");
        assert_eq!(titles(&acme.mia, &acme.project).await, ["Paint"]);
    }
    acme.mia.post(&format!("{task}/delete"), &[]).await.expect(303);
    acme.mia.post(&format!("{task}/delete"), &[]).await.expect(303);
    for act in ["status", "move", "archive", "unarchive", "edit"] {
        let fields = [("status", "done"), ("direction", "up"), ("title", "x")];
        let fields = match act {
            "status" => &fields[0..1],
            "move" => &fields[1..2],
            "edit" => &fields[2..3],
            _ => &[],
        };
        acme.mia.post(&format!("{task}/{act}"), fields).await.expect(404);
    }
    let list = acme.viewer.get("/orgs/acme/tasks?state=deleted").await.expect(200);
    assert_eq!(list.text(".pager-text"), "1–1 of 1");
    let deleted = "select count(*) from audit_log where action = 'task.deleted'";
    assert_eq!(acme.app.database.number(deleted).await, 2, "what changes nothing is not told");
}

#[tokio::test]
async fn viewers_read_tasks_and_change_nothing() {
    let acme = Acme::new().await;
    let task = add(&acme.mia, &acme.project, "Paint").await;
    let before = acme.app.dump_tables(&["tasks", "comments"]).await;
    let page = acme.viewer.get(&acme.project).await.expect(200);
    assert_eq!(page.texts(".task-title"), ["Paint"]);
    assert_eq!(page.count("#tasks form") + page.count("#comments form"), 0);
    assert_eq!(acme.viewer.get(&task).await.expect(200).count("main form"), 0);
    acme.viewer.get(&format!("{task}/edit")).await.expect(403);
    acme.viewer.post(&format!("{}/tasks", acme.project), &[("title", "x")]).await.expect(403);
    for act in ["edit", "status", "move", "archive", "unarchive", "delete", "restore", "comments"] {
        acme.viewer.post(&format!("{task}/{act}"), &[]).await.expect(403);
    }
    assert_eq!(before, acme.app.dump_tables(&["tasks", "comments"]).await);
}

#[tokio::test]
async fn tasks_of_a_project_that_somebody_may_not_see_are_nowhere() {
    let acme = Acme::new().await;
    let secret = start(&acme.mia, &[("name", "Secret"), ("restricted", "yes")]).await;
    let task = add(&acme.mia, &secret, "Xylophone").await;
    add(&acme.mia, &acme.project, "Open work").await;
    let owner = acme.id_of("Olga Owner").await;
    save(&acme.mia, &task, &[("assignee", &owner)]).await.expect(303);
    acme.app.work().await;
    for path in [task.clone(), format!("{task}/edit")] {
        acme.max.get(&path).await.expect(404);
    }
    // It cannot be reached through a visible project either.
    let id = task.rsplit('/').next().unwrap();
    acme.max.get(&format!("{}/tasks/{id}", acme.project)).await.expect(404);
    acme.max.post(&format!("{}/tasks/{id}/delete", acme.project), &[]).await.expect(404);
    let project = secret.rsplit('/').next().unwrap();
    for query in ["", "?q=xylo", "?state=all", "?sort=title", &format!("?project={project}")] {
        let page = acme.max.get(&format!("/orgs/acme/tasks{query}")).await.expect(200);
        assert!(!page.body.contains("Xylophone") && !page.body.contains("Secret"), "{query}");
        // People who only have tasks there cannot be selected.
        assert!(!page.text("select[name=assignee]").contains("Olga"), "{query}");
    }
    assert_eq!(acme.max.get("/orgs/acme/tasks").await.text(".pager-text"), "1–1 of 1");
    assert_eq!(acme.mia.get("/orgs/acme/tasks").await.text(".pager-text"), "1–2 of 2");
    let figures = |page: crate::support::Answer| page.texts(".stat-value")[..2].to_vec();
    assert_eq!(figures(acme.max.get("/orgs/acme").await), ["1", "1"]);
    assert_eq!(figures(acme.mia.get("/orgs/acme").await), ["2", "2"]);
    let page = acme.owner.get("/orgs/acme").await.expect(200);
    assert_eq!(page.texts(".list-name"), ["Xylophone"]);
    // It is not on a person's overview either after they were removed from the project.
    acme.owner.post(&format!("{secret}/delete"), &[]).await.expect(303);
    assert_eq!(acme.owner.get("/orgs/acme").await.count(".list-name"), 0);
    acme.owner.get(&task).await.expect(404);
}

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
        let task = add(&acme.mia, &acme.project, title).await;
        save(&acme.mia, &task, &fields).await.expect(303);
        acme.app.advance(Duration::seconds(1));
    }
    let list = |browser: &Browser, query: &str| {
        let (browser, path) = (browser.clone(), format!("/orgs/acme/tasks{query}"));
        async move { browser.get(&path).await.expect(200).texts("tbody th .person-text > :first-child") }
    };
    for (query, expected) in [
        ("", vec!["Anchor", "Buoy", "Capstan", "Dinghy 100%"]),
        ("?q=ANCH", vec!["Anchor"]),
        ("?q=%25", vec!["Dinghy 100%"]),
        ("?assignee=me", vec!["Buoy"]),
        ("?assignee=nobody&status=unfinished", vec!["Anchor", "Dinghy 100%"]),
        ("?status=done", vec!["Capstan"]),
        ("?priority=urgent", vec!["Buoy"]),
        ("?due=overdue", vec!["Anchor"]),
        ("?due=week", vec!["Buoy"]),
        ("?state=archived", vec![]),
        ("?sort=title", vec!["Anchor", "Buoy", "Capstan", "Dinghy 100%"]),
        ("?sort=changed", vec!["Dinghy 100%", "Capstan", "Buoy", "Anchor"]),
        (
            "?assignee=moon&status=moon&project=moon&priority=moon&due=moon&state=moon&sort=moon",
            vec!["Anchor", "Buoy", "Capstan", "Dinghy 100%"],
        ),
    ] {
        assert_eq!(list(&acme.mia, query).await, expected, "{query}");
    }
    let by_priority = list(&acme.mia, "?sort=priority").await;
    assert_eq!((by_priority[0].as_str(), by_priority[3].as_str()), ("Buoy", "Anchor"));
    assert!(list(&acme.max, "?assignee=me").await.is_empty());
    assert_eq!(list(&acme.max, &format!("?assignee={mia}")).await, ["Buoy"]);
    // What belongs to an archived project counts as archived.
    acme.mia.post(&format!("{}/archive", acme.project), &[]).await.expect(303);
    assert!(list(&acme.mia, "").await.is_empty());
    assert_eq!(list(&acme.mia, "?state=archived").await.len(), 4);
    let fields = [("list", "tasks"), ("name", "Mine"), ("query", "?assignee=me&after=x")];
    acme.mia
        .post("/orgs/acme/filters", &fields)
        .await
        .expect_redirect("/orgs/acme/tasks?assignee=me");
    assert_eq!(acme.mia.get("/orgs/acme/tasks").await.text(".chip a"), "Mine");
}

#[tokio::test]
async fn pages_of_tasks_follow_each_other_in_every_order() {
    let acme = Acme::new().await;
    for number in 0..53 {
        add(&acme.mia, &acme.project, &format!("Task {number:02}")).await;
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
    add(&acme.mia, &acme.project, "Paint").await;
    for list in ["tasks", "projects"] {
        for day in ["-9999-01-01", "0000-12-31"] {
            let cursor = format!(r#"[{{"D":"{day}"}},"00000000-0000-0000-0000-000000000000",1]"#);
            let cursor = URL_SAFE_NO_PAD.encode(cursor);
            let path = format!("/orgs/acme/{list}?sort=due&after={cursor}");
            acme.mia.get(&path).await.expect(400);
        }
    }
}

#[tokio::test]
async fn whoever_loses_the_sight_of_every_project_with_a_role_loses_the_tasks_there() {
    let acme = Acme::new().await;
    let secret = start(&acme.mia, &[("name", "Xylophone"), ("restricted", "yes")]).await;
    let (hidden, open) =
        (add(&acme.mia, &secret, "Hidden").await, add(&acme.mia, &acme.project, "Open").await);
    let max = acme.id_of("Max Member").await;
    let role = format!("/orgs/acme/members/{max}/role");
    acme.owner.post(&role, &[("role", "admin")]).await.expect(303);
    for task in [&hidden, &open] {
        save(&acme.mia, task, &[("assignee", &max)]).await.expect(303);
    }
    acme.owner.post(&role, &[("role", "member")]).await.expect(303);
    acme.max.get(&hidden).await.expect(404);
    let left = "select title from tasks where assignee_id is not null";
    assert_eq!(acme.app.database.texts(left).await, ["Open"]);
    acme.app.work().await;
}
