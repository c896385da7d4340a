//! Tasks: their order, their form, their list, and people who must not learn that they exist.

mod assignees;
mod changes;
mod list;
mod sight;

use super::{Acme, add_task, start};
use crate::support::world::Fixture;
use crate::support::{Answer, Browser};

inventory::submit!(Fixture {
    place: 30,
    in_project: true,
    make: |house| {
        Box::pin(async {
            let path = format!("/projects/{}/tasks", house.id("projects", "a task"));
            let title = format!("{} task", house.word);
            house.make("tasks", &path, &[("title", &title)]).await;
        })
    },
    forms: &[
        ("/orgs/{slug}/tasks", &[("title", "One more task"), ("project", "{projects}")]),
        ("/orgs/{slug}/projects/{project}/tasks", &[("title", "Another task")]),
        (
            "/orgs/{slug}/projects/{project}/tasks/{id}/edit",
            &[("title", "Changed task"), ("assignee", "{members}"), ("version", "1")],
        ),
        ("/orgs/{slug}/projects/{project}/tasks/{id}/properties", &[("status", "doing")]),
        ("/orgs/{slug}/projects/{project}/tasks/{id}/move", &[("direction", "down")]),
    ],
    lives: &["/orgs/{slug}/projects/{project}/tasks/{id}"],
});

/// Saves a task with these fields, and the form's values for all others.
async fn save(browser: &Browser, task: &str, fields: &[(&str, &str)]) -> Answer {
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
