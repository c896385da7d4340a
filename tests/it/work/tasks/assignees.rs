//! Whom a task is given to, who is told, and what becomes of it when they leave.

use futures_util::future::join_all;

use super::{Acme, add_task, save, start};
use crate::support::email_of;

#[tokio::test]
async fn a_task_goes_only_to_somebody_who_sees_the_project_and_they_are_told() {
    let acme = Acme::new().await;
    let elsewhere = acme.app.founder("Sid Stranger", "Elsewhere").await;
    let stranger = acme.app.membership_id(&elsewhere, "elsewhere", "Sid Stranger").await;
    let secret = start(&acme.mia, &[("name", "Secret"), ("restricted", "yes")]).await;
    let task = add_task(&acme.mia, &secret, "Whisper").await;
    let max = acme.id_of("Max Member").await;
    for wrong in [stranger.as_str(), max.as_str(), "nonsense", &task[task.len() - 36..]] {
        let page = save(&acme.mia, &task, &[("assignee", wrong)]).await.expect(422);
        assert!(page.text("#assignee-error").contains("who can see this project"), "{wrong}");
    }
    let form = acme.mia.get(&format!("{task}/edit")).await.expect(200);
    let people = form.attribute("#assignee", "data-people");
    let part = acme.mia.htmx_get(&format!("{people}?q=member")).await.expect(200);
    assert_eq!(part.texts("[role=option]"), ["MM Mia Member"], "Max can't see the project");
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
async fn a_task_of_somebody_who_was_suspended_stays_theirs_when_it_is_edited() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    let max = acme.id_of("Max Member").await;
    save(&acme.mia, &task, &[("assignee", &max)]).await.expect(303);
    acme.owner.post(&format!("/orgs/acme/members/{max}/suspend"), &[]).await.expect(303);
    let form = acme.mia.get(&format!("{task}/edit")).await.expect(200);
    assert_eq!(form.attribute("#assignee", "value"), "Max Member");
    for typed in [max.as_str(), "Max Member"] {
        let fields = [("title", "Paint it"), ("assignee", typed)];
        save(&acme.mia, &task, &fields).await.expect(303);
        let page = acme.mia.get(&task).await.expect(200);
        assert_eq!(page.attribute("#assignee", "value"), "Max Member");
    }
    // Nobody else's task becomes theirs.
    let other = add_task(&acme.mia, &acme.project, "Sand").await;
    save(&acme.mia, &other, &[("assignee", &max)]).await.expect(422);
    acme.app.work().await;
}

#[tokio::test]
async fn someone_who_lost_the_task_or_the_project_before_the_mail_was_written_gets_none() {
    let acme = Acme::new().await;
    let secret = start(&acme.mia, &[("name", "Secret"), ("restricted", "yes")]).await;
    let put = [("email", email_of("Max Member")), ("role", "contributor".to_owned())];
    let put: Vec<(&str, &str)> = put.iter().map(|(a, b)| (*a, b.as_str())).collect();
    let max = acme.id_of("Max Member").await;
    acme.app.work().await;
    let before = acme.app.mail.count();
    // The assignment is taken back.
    acme.mia.post(&format!("{secret}/members"), &put).await.expect(303);
    let task = add_task(&acme.mia, &secret, "First").await;
    save(&acme.mia, &task, &[("assignee", &max)]).await.expect(303);
    save(&acme.mia, &task, &[("assignee", "")]).await.expect(303);
    acme.app.work().await;
    // The task is deleted.
    save(&acme.mia, &task, &[("assignee", &max)]).await.expect(303);
    acme.mia.post(&format!("{task}/delete"), &[]).await.expect(303);
    acme.app.work().await;
    // The assignee is removed from the project, and so from its tasks.
    let task = add_task(&acme.mia, &secret, "Second").await;
    save(&acme.mia, &task, &[("assignee", &max)]).await.expect(303);
    acme.mia.post(&format!("{secret}/members/{max}/remove"), &[]).await.expect(303);
    acme.app.work().await;
    assert_eq!(acme.mia.get(&task).await.expect(200).attribute("#assignee", "value"), "");
    // The assignee is removed from the organization.
    let task = add_task(&acme.mia, &acme.project, "Third").await;
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
        tasks.push(add_task(&acme.mia, &acme.project, &format!("task {number}")).await);
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
async fn a_member_whose_new_role_sees_fewer_projects_loses_the_tasks_there() {
    let acme = Acme::new().await;
    let secret = start(&acme.mia, &[("name", "Xylophone"), ("restricted", "yes")]).await;
    let (hidden, open) = (
        add_task(&acme.mia, &secret, "Hidden").await,
        add_task(&acme.mia, &acme.project, "Open").await,
    );
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

#[tokio::test]
async fn properties_are_set_one_by_one_and_the_thread_tells_it() {
    let acme = Acme::new().await;
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    let set = format!("{task}/properties");
    for (field, typed, shown) in [
        ("priority", "urgent", "Priority: Normal → Urgent"),
        ("due_on", "2026-12-24", "Due: — → 24 Dec 2026"),
        ("assignee", &email_of("Mia Member"), "for Mia Member"),
        ("assignee", "", "Assignee removed"),
        ("status", "done", "Status: To do → Done"),
    ] {
        let fields = [(field, typed), ("view", "task")];
        let part = acme.max.htmx_post(&set, &fields).await.expect(200);
        assert!(part.body.trim_start().starts_with("<section"), "{}", part.body);
        let thread = part.texts(".thread-event");
        assert!(thread.last().unwrap().contains(shown), "{field}: {thread:?}");
    }
    let page = acme.mia.get(&task).await.expect(200);
    assert_eq!(page.attribute("#due_on", "value"), "2026-12-24");
    assert_eq!(page.attribute("#priority option[selected]", "value"), "urgent");
    for (field, typed) in
        [("status", "x"), ("priority", ""), ("due_on", "soon"), ("assignee", "Zed")]
    {
        for htmx in [true, false] {
            let fields = [(field, typed), ("view", "task")];
            let page = match htmx {
                true => acme.max.htmx_post(&set, &fields).await.expect(422),
                false => acme.max.post(&set, &fields).await.expect(422),
            };
            assert!(!page.text(&format!("#{field}-error")).is_empty(), "{field}");
        }
    }
    let page = acme.viewer.get(&task).await.expect(200);
    assert_eq!(page.count("#properties form"), 0);
    acme.viewer.post(&set, &[("status", "todo")]).await.expect(403);
    acme.viewer.get(&format!("{task}/menu")).await.expect(403);
    acme.app.work().await;
}

#[tokio::test]
async fn of_two_with_the_same_name_the_address_tells_who_is_meant() {
    let acme = Acme::new().await;
    acme.max.submit("/account", &[("name", "Mia  MEMBER")]).await.expect(200);
    let task = add_task(&acme.mia, &acme.project, "Paint").await;
    let set = format!("{task}/properties");
    let page = acme.mia.post(&set, &[("assignee", "Mia Member"), ("view", "task")]).await;
    assert!(page.expect(422).text("#assignee-error").contains("email address"));
    let part = acme.mia.htmx_get(&format!("{}/people?q=mia", acme.project)).await.expect(200);
    let mut values = part.attributes("[role=option]", "data-value");
    values.sort();
    assert_eq!(values, [email_of("Max Member"), email_of("Mia Member")]);
    let fields = [("assignee", values[0].as_str()), ("view", "task")];
    acme.mia.post(&set, &fields).await.expect(303);
    assert_eq!(
        acme.owner.get(&task).await.expect(200).attribute("#assignee", "value"),
        "Mia  MEMBER"
    );
    acme.app.work().await;
}
