//! The module Work: clients, projects, tasks, comments.

pub(crate) mod clients;
pub(crate) mod comments;
pub(crate) mod isolation_of_projects;
pub(crate) mod projects;
pub(crate) mod tasks;
pub(crate) mod visibility;
