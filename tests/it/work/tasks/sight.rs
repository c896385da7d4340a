//! Who sees tasks, and who never learns that they exist.

use super::{Acme, add_task, save, start};
use crate::support::Answer;

#[tokio::test]
async fn viewers_read_tasks_and_change_nothing() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    let before = acme.app.dump_tables(&["tasks", "comments"]).await;
    let page = acme.viewer.get(&acme.project).await.expect(200);
    assert_eq!(page.texts(".task-title"), ["Paint"]);
    assert_eq!(page.count("#tasks form") + page.count("#comments form"), 0);
    assert_eq!(acme.viewer.get(&task).await.expect(200).count("main form"), 0);
    acme.viewer.get(&format!("{task}/edit")).await.expect(403);
    acme.viewer.post(&format!("{}/tasks", acme.project), &[("title", "x")]).await.expect(403);
    for act in
        ["edit", "properties", "move", "archive", "unarchive", "delete", "restore", "comments"]
    {
        acme.viewer.post(&format!("{task}/{act}"), &[]).await.expect(403);
    }
    assert_eq!(before, acme.app.dump_tables(&["tasks", "comments"]).await);
}

#[tokio::test]
async fn tasks_of_a_project_that_somebody_may_not_see_are_nowhere() {
    let acme = Acme::new().await;
    let secret = start(&acme.mia, &[("name", "Secret"), ("restricted", "yes")]).await;
    let task = add_task(&acme.mia, &secret, "Xylophone").await;
    add_task(&acme.mia, &acme.project, "Open work").await;
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
    let figures = |page: Answer| page.texts(".figures strong")[..2].to_vec();
    assert_eq!(figures(acme.max.get("/orgs/acme").await), ["1", "1"]);
    assert_eq!(figures(acme.mia.get("/orgs/acme").await), ["2", "2"]);
    let page = acme.owner.get("/orgs/acme").await.expect(200);
    assert_eq!(page.texts("[aria-label='My tasks'] .list-name"), ["Xylophone"]);
    // It is not on a person's overview either after they were removed from the project.
    acme.owner.post(&format!("{secret}/delete"), &[]).await.expect(303);
    assert_eq!(acme.owner.get("/orgs/acme").await.count("[aria-label='My tasks'] .list-name"), 0);
    acme.owner.get(&task).await.expect(404);
}

#[tokio::test]
async fn only_people_who_can_restore_something_get_a_button_for_it() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    acme.mia.post(&format!("{task}/delete"), &[]).await.expect(303);
    let gone = start(&acme.mia, &[("name", "Gone")]).await;
    acme.mia.post(&format!("{gone}/delete"), &[]).await.expect(303);
    // Max contributes to every open project, and leads none.
    for (browser, tasks, projects) in
        [(&acme.owner, 1, 1), (&acme.mia, 1, 1), (&acme.max, 1, 0), (&acme.viewer, 0, 0)]
    {
        for (list, buttons) in [("tasks", tasks), ("projects", projects)] {
            let page = browser.get(&format!("/orgs/acme/{list}?state=deleted")).await.expect(200);
            assert_eq!(page.count("tbody tr"), 1, "{list}");
            assert_eq!(page.count("tbody form[action$='/restore']"), buttons, "{list}");
        }
    }
}
