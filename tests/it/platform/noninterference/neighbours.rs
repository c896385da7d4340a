//! Busy and hostile neighbours.

use super::Stage;
use crate::support::chance::Dice;
use crate::support::{Browser, email_of};

/// Another organization of the same name.
pub struct Organization {
    mallory: Browser,
    path: String,
    projects: Vec<String>,
    /// The number of successful and of refused requests.
    pub done: usize,
    pub refused: usize,
}

impl Organization {
    pub async fn found(stage: &Stage) -> Self {
        let mallory = stage.app.founder("Mallory", "Acme").await;
        let path = mallory.visit("/").await.path;
        assert_eq!(path, "/orgs/acme-2", "the second of its name");
        Self { mallory, path, projects: Vec::new(), done: 0, refused: 0 }
    }

    /// Does something in its own organization, or tries something on the other one.
    pub async fn act(&mut self, dice: &mut Dice, stage: &Stage) {
        let number = self.done + self.refused;
        let name = dice.pick(&["Acme client", "Acme project", "Harbour", "Website", "Ada"]);
        let own = |rest: &str| format!("{}{rest}", self.path);
        let project = self.projects.get(dice.below(self.projects.len().max(1))).cloned();
        let (answer, is_own) = match (dice.below(8), project) {
            (0, _) => {
                let fields = [("name", format!("{name} {number}"))];
                let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
                (self.mallory.post(&own("/clients"), &fields).await, true)
            }
            (1, _) | (2, None) => {
                let fields = [("name", name), ("code", ["", "ONE", "HAR"][dice.below(3)])];
                let answer = self.mallory.post(&own("/projects"), &fields).await;
                self.projects.extend(answer.location());
                (answer, true)
            }
            (2, Some(project)) => {
                let fields = [("title", name)];
                (self.mallory.post(&format!("{project}/tasks"), &fields).await, true)
            }
            (3, Some(project)) => {
                let fields = [("body", "@Acme Owner, @Acme Member and @Mallory")];
                (self.mallory.post(&format!("{project}/comments"), &fields).await, true)
            }
            (4, _) => {
                let fields = [("name", "Acme"), ("slug", "acme")];
                (self.mallory.post(&own("/settings"), &fields).await, false)
            }
            // Ids of the other organization, at its own address and at ours.
            (5, _) => {
                let path = stage.things.path("/orgs/acme/projects/{projects/tasks:7}/delete");
                (self.mallory.post(&path, &[]).await, false)
            }
            (6, _) => {
                let path = stage.things.path(&own("/clients/{clients:3}/delete"));
                (self.mallory.post(&path, &[]).await, false)
            }
            (_, _) => {
                let page = ["/orgs/acme", "/orgs/acme/members?q=a", "/orgs/acme/search?q=acme"];
                (self.mallory.get(dice.pick(&page)).await, false)
            }
        };
        let is_refused = answer.status.is_client_error();
        assert!(is_own || is_refused, "{}: {}", answer.path, answer.status);
        *(if is_refused { &mut self.refused } else { &mut self.done }) += 1;
    }
}

/// Restricted projects of another member of the same organization.
pub struct HiddenProject {
    projects: Vec<String>,
    tasks: Vec<String>,
    pub done: usize,
}

impl HiddenProject {
    pub async fn start(stage: &Stage) -> Self {
        let mut hidden = Self { projects: Vec::new(), tasks: Vec::new(), done: 0 };
        hidden.open(stage, "Hidden").await;
        hidden
    }

    /// Opens another restricted project, for a client that everybody sees, unless somebody has
    /// deleted that client.
    async fn open(&mut self, stage: &Stage, name: &str) {
        let code = format!("HID-{}", self.projects.len());
        let client = stage.things.path("{clients:0}");
        let fields = [("name", name), ("code", &code), ("client", &client), ("restricted", "yes")];
        let answer = stage.insider.post("/orgs/acme/projects", &fields).await;
        self.projects.extend(answer.location());
    }

    pub async fn act(&mut self, dice: &mut Dice, stage: &Stage) {
        let insider = &stage.insider;
        let project = self.projects[dice.below(self.projects.len())].clone();
        let name = format!("Hidden {}", self.done);
        let answer = match dice.below(9) {
            0 if self.projects.len() < 40 => return self.open(stage, &name).await,
            1 => {
                let answer = insider.post(&format!("{project}/tasks"), &[("title", &name)]).await;
                if let Some((_, task)) = answer.location().unwrap_or_default().split_once("#task-")
                {
                    self.tasks.push(format!("{project}/tasks/{task}"));
                }
                answer
            }
            2 => {
                let fields = [("body", "@Acme Member, @Acme Viewer and @Ina Insider")];
                insider.post(&format!("{project}/comments"), &fields).await
            }
            3 if !self.tasks.is_empty() => {
                let task = &self.tasks[dice.below(self.tasks.len())];
                let status = ["todo", "doing", "done"][dice.below(3)];
                insider.post(&format!("{task}/properties"), &[("status", status)]).await
            }
            4 => insider.post(&format!("{project}/archive"), &[]).await,
            5 => insider.post(&format!("{project}/unarchive"), &[]).await,
            6 => insider.post(&format!("{project}/delete"), &[]).await,
            7 => insider.post(&format!("{project}/restore"), &[]).await,
            _ => {
                let email = email_of("Acme Admin");
                let fields = [("email", email.as_str()), ("role", "contributor")];
                insider.post(&format!("{project}/members"), &fields).await
            }
        };
        self.done += usize::from(answer.status.is_redirection());
    }
}
