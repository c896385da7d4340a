//! What a project is.

use serde::Serialize;

use crate::core::access::noun;
use crate::core::access::noun::ClientId;
use crate::platform::audit::{Action, Entry, Object, ToldField};
use crate::platform::clock::{Day, Timestamp};
use crate::platform::ids::ProjectId;
use crate::platform::money;
use crate::platform::text::search_key;
use crate::platform::words::words;

words! {
    /// How far a project is.
    #[derive(Default)]
    pub enum Status, "Choose one of the states." {
        /// It has not begun.
        Planned = "planned", "Planned";
        /// It is worked on.
        #[default]
        Active = "active", "Active";
        /// It waits.
        Paused = "paused", "Paused";
        /// It is finished.
        Done = "done", "Done";
    }
}

impl Status {
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

inventory::submit!(ToldField {
    kind: "project",
    field: "status",
    name: "Status",
    label: |word| word.parse::<Status>().ok().map(|status| status.label().to_owned()),
});

inventory::submit!(ToldField {
    kind: "project",
    field: "due_on",
    name: "Due",
    label: |text| text.parse::<Day>().ok().map(|day| day.words()),
});

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
    Entry::new(action, Object::new(noun::PROJECT, id.uuid(), name)).project(id)
}
