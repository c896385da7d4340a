//! The module Work: clients, projects, tasks, comments.

pub(crate) mod clients;
pub(crate) mod comments;
pub(crate) mod isolation_of_projects;
pub(crate) mod projects;
pub(crate) mod search;
pub(crate) mod tasks;
pub(crate) mod visibility;

use crate::support::{Browser, TestApp};

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

/// Starts a project in Acme, and gives its path.
async fn start(browser: &Browser, fields: &[(&str, &str)]) -> String {
    browser.post("/orgs/acme/projects", fields).await.expect(303).location().unwrap()
}

/// Adds a task, and returns its path.
async fn add_task(browser: &Browser, project: &str, title: &str) -> String {
    let answer = browser.post(&format!("{project}/tasks"), &[("title", title)]).await.expect(303);
    let place = answer.location().unwrap();
    let (page, id) = place.split_once("#task-").unwrap();
    format!("{page}/tasks/{id}")
}
