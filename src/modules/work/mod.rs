//! Work: clients, their projects, the projects' tasks, and comments.

pub mod clients;
pub mod comments;
mod overview;
pub mod pages;
pub mod projects;
mod routes;
pub mod tasks;

use crate::core::access::noun::CreateProjects;
use crate::platform::module::{Act, Module};
use clients::noun::EditClients;

inventory::submit!(Module {
    key: "work",
    name: "Work",
    sections: &[projects::SECTION, tasks::SECTION, clients::SECTION],
    acts: &[
        Act {
            label: "New task",
            icon: "plus",
            path: "/tasks/new",
            place: 10,
            needs: Some(CreateProjects::PERMISSION),
        },
        Act {
            label: "New project",
            icon: "plus",
            path: "/projects/new",
            place: 20,
            needs: Some(CreateProjects::PERMISSION),
        },
        Act {
            label: "New client",
            icon: "plus",
            path: "/clients/new",
            place: 30,
            needs: Some(EditClients::PERMISSION),
        },
    ],
    routes: &[routes::routes],
    overview: Some(overview::load),
});
