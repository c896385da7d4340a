//! What a task is.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::platform::audit::{Action, Entry, Object, ObjectKind};
use crate::platform::clock::{Day, Timestamp};
use crate::platform::ids::{MembershipId, PictureId, ProjectId, TaskId};
use crate::platform::text::name_key;
use crate::platform::web::pager::{Key, KeyKind};

/// How far a task is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nobody works on it yet.
    #[default]
    Todo,
    /// Somebody works on it.
    Doing,
    /// It is finished.
    Done,
}

impl Status {
    /// All of them, as a task passes them.
    pub const ALL: [Self; 3] = [Self::Todo, Self::Doing, Self::Done];

    /// Its word in forms, addresses and the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Doing => "doing",
            Self::Done => "done",
        }
    }

    /// Its name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Todo => "To do",
            Self::Doing => "Doing",
            Self::Done => "Done",
        }
    }

    /// The badge that fits it.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Todo => "badge-neutral",
            Self::Doing => "badge-info",
            Self::Done => "badge-success",
        }
    }

    /// Whether this is `other`.
    pub fn is(&self, other: &Self) -> bool {
        self == other
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|status| status.word() == word);
        known.ok_or_else(|| "Choose one of the states.".to_owned())
    }
}

crate::platform::db::text_column!(Status);

/// How much a task matters; a number in the database, so that it can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[repr(i64)]
pub enum Priority {
    /// It can wait.
    Low = 0,
    /// As most tasks.
    #[default]
    Normal = 1,
    /// Before most others.
    High = 2,
    /// Before all others.
    Urgent = 3,
}

impl Priority {
    /// All of them, the greatest first.
    pub const ALL: [Self; 4] = [Self::Urgent, Self::High, Self::Normal, Self::Low];

    /// Its word in forms and addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// Its name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Normal => "Normal",
            Self::High => "High",
            Self::Urgent => "Urgent",
        }
    }

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

impl FromStr for Priority {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|priority| priority.word() == word);
        known.ok_or_else(|| "Choose one of the priorities.".to_owned())
    }
}

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
    Entry::new(action, Object::new(ObjectKind::Task, id.uuid(), title)).project(project)
}

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By the day it is due, the next one first.
    #[default]
    Due,
    /// By title, from A.
    Title,
    /// By priority, the greatest first.
    Priority,
    /// By the last change, the newest first.
    Changed,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Due, Self::Title, Self::Priority, Self::Changed];

    /// Its word in the URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Title => "title",
            Self::Priority => "priority",
            Self::Changed => "changed",
        }
    }

    /// The sort with this word; the first one for any other.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.word() == word).unwrap_or_default()
    }

    /// What kind of key its rows are sorted by.
    pub const fn key_kind(self) -> KeyKind {
        match self {
            Self::Due => KeyKind::Day,
            Self::Title => KeyKind::Text,
            Self::Priority => KeyKind::Number,
            Self::Changed => KeyKind::Time,
        }
    }

    /// Whether it begins with the greatest key.
    pub const fn is_descending(self) -> bool {
        matches!(self, Self::Priority | Self::Changed)
    }

    /// What a task is sorted by.
    pub fn key(self, task: &Task) -> Key {
        match self {
            Self::Due => Key::Day(task.details.due_on.unwrap_or(Day::LAST)),
            Self::Title => Key::Text(name_key(&task.details.title)),
            Self::Priority => Key::Number(task.details.priority as i64),
            Self::Changed => Key::Time(task.updated_at),
        }
    }
}
