//! The data of a task.

use super::noun::{self, TASK_LIFE, TaskId};
use crate::core::access::Contribute;
use crate::platform::clock::{Day, Timestamp};
use crate::platform::db::row::Type;
use crate::platform::ids::{MembershipId, PictureId, ProjectId};
use crate::platform::noun::record::record;
use crate::platform::words::words;

words! {
    /// The status of a task.
    #[derive(Default)]
    pub enum Status, "Choose a status." {
        /// Nobody is working on it yet.
        #[default]
        Todo = "todo", "To do";
        /// Somebody is working on it.
        Doing = "doing", "Doing";
        /// It is finished.
        Done = "done", "Done";
    }
}

impl Status {
    /// The style of its badge.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Todo => "badge-neutral",
            Self::Doing => "badge-info",
            Self::Done => "badge-success",
        }
    }
}

words! {
    /// The priority of a task; a number in the database, so that tasks can be sorted by it.
    #[derive(Default, Type)]
    #[repr(i64)]
    pub enum Priority without column, "Choose a priority." {
        /// It can wait.
        Low = "low", "Low";
        /// For most tasks.
        #[default]
        Normal = "normal", "Normal";
        /// More important than most.
        High = "high", "High";
        /// More important than all others.
        Urgent = "urgent", "Urgent";
    }
}

impl Priority {
    /// The style of its badge.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Low | Self::Normal => "badge-neutral",
            Self::High => "badge-warning",
            Self::Urgent => "badge-danger",
        }
    }

    /// Whether lists should show it.
    pub fn is_unusual(self) -> bool {
        self != Self::Normal
    }
}

words! {
    /// The direction in which a task is moved among those of its project.
    pub enum Direction without column, "Move it up or down." {
        /// Before the task above it.
        Up = "up";
        /// After the task below it.
        Down = "down";
    }
}

record! {
    /// A task.
    pub Task: TaskId, "tasks" as "t" in project_id: ProjectId, of kind noun::KIND, told by TASK_LIFE;
    changed by Contribute, at "/tasks", listed at "";
    /// The details that people enter about a task.
    #[derive(Default)]
    details Details, called title, sorted by title_key {
        /// What has to be done, in one line.
        title: String,
        /// More information about it.
        description: String,
        /// The assignee.
        assignee_id: Option<MembershipId>,
        /// Its status.
        status: Status,
        /// Its priority.
        priority: Priority,
        /// The day it is due.
        due_on: Option<Day>,
    }
    made |details, before, now| {
        completed_at: match details.status {
            Status::Done => before.and_then(|task| task.completed_at).or(Some(now)),
            Status::Todo | Status::Doing => None,
        },
    }
    appended {
        // At the end of its project, with a gap before it: see `GAP`.
        position: "(select coalesce(max(o.position), 0) + 1024 from tasks o
                    where o.organization_id = $1 and o.project_id = $project_id)",
    }
    read {
        /// The assignee's name.
        assignee_name: Option<String> = "(select u.name from memberships m
            join users u on u.id = m.user_id
            where m.organization_id = $1 and m.id = t.assignee_id)",
        /// The assignee's picture.
        assignee_picture: Option<PictureId> = "(select q.id from memberships m
            join pictures q on q.user_id = m.user_id
            where m.organization_id = $1 and m.id = t.assignee_id)",
        /// Its position among the project's tasks, lowest first.
        position: i64 = "t.position",
        /// When it was finished.
        completed_at: Option<Timestamp> = "t.completed_at",
    }
}

impl Task {
    /// Whether it is overdue on the day of `now`.
    pub fn is_overdue(&self, now: &Timestamp) -> bool {
        self.details.status != Status::Done
            && self.details.due_on.is_some_and(|day| day < now.to_day())
    }

    /// Whether somebody is working on it.
    pub fn is_underway(&self) -> bool {
        self.details.status == Status::Doing
    }

    /// Whether it has been finished.
    pub fn is_done(&self) -> bool {
        self.details.status == Status::Done
    }
}
