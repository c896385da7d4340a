//! What a task is.

use serde::Serialize;

use crate::modules::work::tasks::noun;
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::audit::{Action, Entry, Object, ToldField};
use crate::platform::clock::{Day, Timestamp};
use crate::platform::ids::{MembershipId, PictureId, ProjectId};
use crate::platform::words::words;

words! {
    /// How far a task is.
    #[derive(Default)]
    pub enum Status, "Choose one of the states." {
        /// Nobody works on it yet.
        #[default]
        Todo = "todo", "To do";
        /// Somebody works on it.
        Doing = "doing", "Doing";
        /// It is finished.
        Done = "done", "Done";
    }
}

impl Status {
    /// The badge that fits it.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Todo => "badge-neutral",
            Self::Doing => "badge-info",
            Self::Done => "badge-success",
        }
    }
}

words! {
    /// How much a task matters; a number in the database, so that it can be sorted by.
    #[derive(Default, sqlx::Type)]
    #[repr(i64)]
    pub enum Priority without column, "Choose one of the priorities." {
        /// It can wait.
        Low = "low", "Low";
        /// As most tasks.
        #[default]
        Normal = "normal", "Normal";
        /// Before most others.
        High = "high", "High";
        /// Before all others.
        Urgent = "urgent", "Urgent";
    }
}

impl Priority {
    /// The badge that fits it.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Low | Self::Normal => "badge-neutral",
            Self::High => "badge-warning",
            Self::Urgent => "badge-danger",
        }
    }

    /// Whether it is worth saying in a list.
    pub fn is_unusual(self) -> bool {
        self != Self::Normal
    }
}

/// A field of a task that the activity tells.
macro_rules! told {
    ($field:literal, $name:literal, $type:ty, $label:expr) => {
        inventory::submit!(ToldField {
            kind: "task",
            field: $field,
            name: $name,
            label: |text| text.parse::<$type>().ok().map($label),
        });
    };
}

told!("status", "Status", Status, |status| status.label().to_owned());
told!("priority", "Priority", Priority, |priority| priority.label().to_owned());
told!("due_on", "Due", Day, |day| day.words());

/// A task.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Task {
    /// Its identifier.
    pub id: TaskId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// What people write about it.
    #[sqlx(flatten)]
    pub details: Details,
    /// The name of whoever is to do it.
    pub assignee_name: Option<String>,
    /// Their picture.
    pub assignee_picture: Option<PictureId>,
    /// Its place among the project's tasks, lowest first.
    pub position: i64,
    /// Counts its changes.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was finished.
    pub completed_at: Option<Timestamp>,
    /// When it was put into the archive.
    pub archived_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// What people write about a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Details {
    /// What is to be done, in a line.
    pub title: String,
    /// What there is to know about it.
    pub description: String,
    /// Who is to do it.
    pub assignee_id: Option<MembershipId>,
    /// How far it is.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// The day it is due.
    pub due_on: Option<Day>,
}

impl Task {
    /// That `action` was done to this task.
    pub fn entry(&self, action: Action) -> Entry {
        entry(action, self.project_id, self.id, &self.details.title)
    }

    /// Whether it is late on the day of `now`.
    pub fn is_overdue(&self, now: &Timestamp) -> bool {
        self.details.status != Status::Done
            && self.details.due_on.is_some_and(|day| day < now.to_day())
    }

    /// Whether it has been finished.
    pub fn is_done(&self) -> bool {
        self.details.status == Status::Done
    }
}

/// That `action` was done to a task.
pub fn entry(action: Action, project: ProjectId, id: TaskId, title: &str) -> Entry {
    Entry::new(action, Object::new(noun::KIND, id.uuid(), title)).project(project)
}
