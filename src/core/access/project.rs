//! The data of a project.

use crate::core::access::noun;
use crate::core::access::noun::ClientId;
use crate::platform::audit::{Entry, Object};
use crate::platform::clock::Day;
use crate::platform::ids::ProjectId;
use crate::platform::money;
use crate::platform::noun::record::record;
use crate::platform::text::search_key;
use crate::platform::words::words;

words! {
    /// The status of a project.
    #[derive(Default)]
    pub enum Status, "Choose a status." {
        /// It has not begun.
        Planned = "planned", "Planned";
        /// It is being worked on.
        #[default]
        Active = "active", "Active";
        /// It is on hold.
        Paused = "paused", "Paused";
        /// It is finished.
        Done = "done", "Done";
    }
}

impl Status {
    /// The style of its badge.
    pub const fn badge(self) -> &'static str {
        match self {
            Self::Planned => "badge-neutral",
            Self::Active => "badge-info",
            Self::Paused => "badge-warning",
            Self::Done => "badge-success",
        }
    }
}

record! {
    /// A project.
    pub Project: ProjectId, "projects" as "p", of kind noun::PROJECT, told by noun::PROJECT_LIFE;
    at |thing| thing.in_project("");
    unique noun::PROJECT_CODE;
    entry |action, id: ProjectId, details: &Details| {
        let name = format!("{} {}", details.code, details.name);
        Entry::new(action, Object::new(noun::PROJECT, id.uuid(), name)).project(id)
    };
    /// The details that people enter about a project.
    details Details, called name, sorted by name_key {
        /// The client it is done for.
        client_id: Option<ClientId>,
        /// A short name in capitals, unique in the organization.
        code: String,
        /// Its name.
        name: String,
        /// What it is about.
        description: String,
        /// Its status.
        status: Status,
        /// The day it starts.
        starts_on: Option<Day>,
        /// The day it is due.
        due_on: Option<Day>,
        /// The budget, in hundredths of the organization's currency.
        budget_cents: Option<i64>,
        /// Whether only its own members can see it.
        is_restricted: bool,
    }
    made |details, _, _| {
        search_key: details.search_key(),
    }
    read {
        /// The client's name, deleted or not.
        client_name: Option<String> = "(select c.name from clients c
            where c.organization_id = $1 and c.id = p.client_id)",
    }
}

impl Details {
    /// The text that searches look at.
    pub fn search_key(&self) -> String {
        search_key(&format!("{}\n{}", self.code, self.name))
    }

    /// The budget, formatted for people: `12 500.00`.
    pub fn budget(&self) -> Option<String> {
        self.budget_cents.map(money::shown)
    }
}
