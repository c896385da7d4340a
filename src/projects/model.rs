//! What a project is.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::platform::audit::{Action, Entry, Object, ObjectKind};
use crate::platform::clock::{Day, Timestamp};
use crate::platform::ids::{ClientId, ProjectId};
use crate::platform::money;
use crate::platform::text::{name_key, search_key};
use crate::platform::web::pager::{Key, KeyKind};

/// How far a project is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It has not begun.
    Planned,
    /// It is worked on.
    #[default]
    Active,
    /// It waits.
    Paused,
    /// It is finished.
    Done,
}

impl Status {
    /// All of them, as a project passes them.
    pub const ALL: [Self; 4] = [Self::Planned, Self::Active, Self::Paused, Self::Done];

    /// Its word in forms, addresses and the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Done => "done",
        }
    }

    /// Its name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Planned => "Planned",
            Self::Active => "Active",
            Self::Paused => "Paused",
            Self::Done => "Done",
        }
    }

    /// The badge that fits it.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Planned => "badge-neutral",
            Self::Active => "badge-info",
            Self::Paused => "badge-warning",
            Self::Done => "badge-success",
        }
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

/// A project.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Project {
    /// Its identifier.
    pub id: ProjectId,
    /// What people write about it.
    #[sqlx(flatten)]
    pub details: Details,
    /// The client's name, deleted or not.
    pub client_name: Option<String>,
    /// Whether only its own members find it.
    pub is_restricted: bool,
    /// Counts its changes.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was put into the archive.
    pub archived_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// What people write about a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Details {
    /// For whom it is.
    pub client_id: Option<ClientId>,
    /// A short name in capitals, unique in the organization.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// How far it is.
    pub status: Status,
    /// The day it starts.
    pub starts_on: Option<Day>,
    /// The day it is due.
    pub due_on: Option<Day>,
    /// In hundredths of the currency that the organization works in.
    pub budget_cents: Option<i64>,
}

impl Details {
    /// What a search looks into.
    pub fn search_key(&self) -> String {
        search_key(&format!("{}\n{}", self.code, self.name))
    }

    /// The budget, as people write it: `12 500.00`.
    pub fn budget(&self) -> Option<String> {
        self.budget_cents.map(money::shown)
    }
}

impl Project {
    /// That `action` was done to this project.
    pub fn entry(&self, action: Action) -> Entry {
        entry(action, self.id, &self.details)
    }
}

/// That `action` was done to a project.
pub fn entry(action: Action, id: ProjectId, details: &Details) -> Entry {
    let name = format!("{} {}", details.code, details.name);
    Entry::new(action, Object::new(ObjectKind::Project, id.uuid(), name)).project(id)
}

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By name, from A.
    #[default]
    Name,
    /// By the day it is due, the next one first.
    Due,
    /// By the last change, the newest first.
    Changed,
}

impl Sort {
    /// All of them, as the columns stand.
    pub const ALL: [Self; 3] = [Self::Name, Self::Due, Self::Changed];

    /// Its word in the URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Due => "due",
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
            Self::Name => KeyKind::Text,
            Self::Due => KeyKind::Day,
            Self::Changed => KeyKind::Time,
        }
    }

    /// Whether it begins with the greatest key.
    pub const fn is_descending(self) -> bool {
        matches!(self, Self::Changed)
    }

    /// What a project is sorted by.
    pub fn key(self, project: &Project) -> Key {
        match self {
            Self::Name => Key::Text(name_key(&project.details.name)),
            Self::Due => Key::Day(project.details.due_on.unwrap_or(Day::LAST)),
            Self::Changed => Key::Time(project.updated_at),
        }
    }
}
