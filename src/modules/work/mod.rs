//! Work: clients, their projects, the projects' tasks, and comments.

pub mod clients;
pub mod comments;
mod overview;
pub mod pages;
pub mod projects;
mod routes;
pub mod tasks;

use crate::platform::module::Module;

inventory::submit!(Module {
    key: "work",
    name: "Work",
    sections: &[projects::SECTION, tasks::SECTION, clients::SECTION],
    routes: &[routes::routes],
    overview: Some(overview::load),
});
