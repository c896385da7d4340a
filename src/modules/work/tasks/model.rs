//! What a task is.

use super::noun::{self, TASK_LIFE, TaskId};
use crate::platform::audit::ToldField;
use crate::platform::clock::{Day, Timestamp};
use crate::platform::db::row::Type;
use crate::platform::ids::{MembershipId, PictureId, ProjectId};
use crate::platform::noun::record::record;
use crate::platform::text::name_key;
use crate::platform::words::words;

words! {
    /// How far a task is.
    #[derive(Default)]
    pub enum Status, "Choose one of the states." {
        /// Nobody works on it yet.
        #[default]
        Todo = "todo", "To do";
        /// Someone works on it.
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
    #[derive(Default, Type)]
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

words! {
    /// Which way a task is moved among those of its project.
    pub enum Direction without column, "Move it up or down." {
        /// Before the one above it.
        Up = "up";
        /// Behind the one below it.
        Down = "down";
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

record! {
    /// A task.
    pub Task: TaskId, "tasks" as "t" in project_id: ProjectId, of kind noun::KIND, told by TASK_LIFE;
    at |thing| thing.in_project(&format!("/tasks/{}", thing.id));
    /// What people write about a task.
    #[derive(Default)]
    details Details, called title {
        /// What is to be done, in a line.
        title: String,
        /// What there is to know about it.
        description: String,
        /// Who is to do it.
        assignee_id: Option<MembershipId>,
        /// How far it is.
        status: Status,
        /// How much it matters.
        priority: Priority,
        /// The day it is due.
        due_on: Option<Day>,
    }
    made |details, before, now| {
        title_key: name_key(&details.title),
        completed_at: match details.status {
            Status::Done => before.and_then(|task| task.completed_at).or(Some(now)),
            Status::Todo | Status::Doing => None,
        },
    }
    appended {
        // At the end of its project, with room between the two: see `GAP`.
        position: "(select coalesce(max(o.position), 0) + 1024 from tasks o
                    where o.organization_id = $1 and o.project_id = $project_id)",
    }
    read {
        /// The name of the person who is to do it.
        assignee_name: Option<String> = "(select u.name from memberships m
            join users u on u.id = m.user_id
            where m.organization_id = $1 and m.id = t.assignee_id)",
        /// Their picture.
        assignee_picture: Option<PictureId> = "(select q.id from memberships m
            join pictures q on q.user_id = m.user_id
            where m.organization_id = $1 and m.id = t.assignee_id)",
        /// Its place among the project's tasks, lowest first.
        position: i64 = "t.position",
        /// When it was finished.
        completed_at: Option<Timestamp> = "t.completed_at",
    }
}

impl Task {
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
