//! Adding tasks, finishing, moving and editing them, archiving and deleting.

use futures_util::future::join_all;

use super::{Acme, add_task, titles};
use crate::support::email_of;

#[tokio::test]
async fn a_line_adds_a_task_and_a_choice_finishes_it() {
    let acme = Acme::new().await;
    let page = acme.mia.get(&acme.project).await.expect(200);
    assert!(page.text("#tasks").contains("Add the first one"));
    add_task(&acme.mia, &acme.project, "Buy <b>nails</b>").await;
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
    let set = part.attributes(".task form", "action")[0].clone();
    acme.mia.post(&set, &[("status", "nonsense")]).await.expect(422);
    acme.mia.post(&set, &[("status", "doing")]).await.expect(303);
    let part = acme.mia.htmx_post(&set, &[("status", "done")]).await.expect(200);
    assert_eq!(part.texts(".task-title"), ["Buy wood"]);
    assert!(part.text("#task-list .card-head").contains("1 open, 1 done"));
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
        tasks.push(add_task(&acme.mia, &acme.project, title).await);
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
        tasks.push(add_task(&acme.mia, &acme.project, &format!("task {number}")).await);
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
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
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
    assert_eq!(page.attribute("#due_on", "value"), "2026-10-01");
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
async fn archiving_and_deleting_a_task_are_undone() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
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
    for act in ["properties", "move", "archive", "unarchive", "edit"] {
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
async fn what_is_typed_stays_because_htmx_swaps_the_list_alone() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    let page = acme.mia.get(&acme.project).await.expect(200);
    let menu = acme.mia.htmx_get(&format!("{task}/menu")).await.expect(200);
    for (page, forms) in [(&page, "#tasks li form"), (&menu, "form[hx-post]")] {
        let targets = page.attributes(forms, "hx-target");
        assert!(!targets.is_empty() && targets.iter().all(|part| part == "#task-list"));
    }
    assert_eq!(page.count("#task-list .new-task"), 0);
    assert_eq!(page.count("#tasks .new-task"), 1);
    let set = format!("{task}/properties");
    let part = acme.mia.htmx_post(&set, &[("status", "doing")]).await.expect(200);
    assert!(part.body.contains("id=\"task-list\"") && part.count(".new-task") == 0);
}

#[tokio::test]
async fn a_line_adds_a_task_with_its_assignee_and_due_date() {
    let acme = Acme::new().await;
    let create = format!("{}/tasks", acme.project);
    let fields = [("title", "Paint"), ("assignee", "mia MEMBER"), ("due_on", "2026-12-24")];
    acme.max.post(&create, &fields).await.expect(303);
    let page = acme.mia.get(&acme.project).await.expect(200);
    let line = page.text(".task-sub");
    assert!(line.contains("Mia Member") && line.contains("due 24 Dec 2026"), "{line}");
    assert!(acme.app.last_mail(&email_of("Mia Member")).await.subject.ends_with("a task: Paint"));
    // What is wrong is said, and all of it stays.
    let wrong = [("title", "Sand"), ("assignee", "Nobody Here"), ("due_on", "soon")];
    let page = acme.max.post(&create, &wrong).await.expect(422);
    for (name, typed) in wrong {
        assert_eq!(page.attribute(&format!(".new-task [name={name}]"), "value"), typed);
    }
    assert!(page.text("#assignee-error").contains("who can see this project"));
    assert!(!page.text("#due_on-error").is_empty());
}

#[tokio::test]
async fn a_task_is_dragged_before_any_other_one() {
    let acme = Acme::new().await;
    let mut tasks = Vec::new();
    for title in ["a", "b", "c", "d"] {
        tasks.push(add_task(&acme.mia, &acme.project, title).await);
    }
    let id = |task: usize| tasks[task][tasks[task].len() - 36..].to_owned();
    let drag = async |task: usize, before: &str| {
        acme.mia.htmx_post(&format!("{}/move", tasks[task]), &[("before", before)]).await
    };
    let part = drag(3, &id(0)).await.expect(200);
    assert_eq!(part.texts(".task-title"), ["d", "a", "b", "c"]);
    drag(3, "end").await.expect(200);
    drag(0, &id(2)).await.expect(200);
    assert_eq!(titles(&acme.mia, &acme.project).await, ["b", "a", "c", "d"]);
    // Where it is already, nothing is recorded; what is gone counts as the end.
    drag(0, &id(2)).await.expect(200);
    drag(0, &id(0)).await.expect(200);
    let recorded = "select count(*) from audit_log where action = 'task.moved'";
    assert_eq!(acme.app.database.number(recorded).await, 3);
    acme.mia.post(&format!("{}/delete", tasks[3]), &[]).await.expect(303);
    drag(1, &id(3)).await.expect(200);
    assert_eq!(titles(&acme.mia, &acme.project).await, ["a", "c", "b"]);
    for _ in 0..30 {
        drag(0, "end").await.expect(200);
        drag(0, &id(2)).await.expect(200);
    }
    drag(0, "nonsense").await.expect(422);
    assert_eq!(titles(&acme.mia, &acme.project).await, ["a", "c", "b"]);
}
