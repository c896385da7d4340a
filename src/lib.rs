//! Tenantry: organizations, their people, and the data they work with, kept apart.
//!
//! A request passes through the middleware of [`platform::web`] to the table in [`router`], which
//! says who may call the handler. The handler's first argument proves it: [`CurrentUser`] for
//! people who are signed in, `CurrentOperator` for operators of the installation, [`CurrentOrg<P>`]
//! for members whose role includes the permission `P`, read from the database for each request.
//! From there, an [`OrgTx`] reaches the rows of that organization and no others. Forms are parsed
//! at the boundary into types that guarantee what they promise. The feature's model decides, in one
//! transaction that includes the emails it causes. A template renders the page, or the part of it
//! that htmx asked for. Errors are values until [`platform::web::problem`] renders them.
//!
//! [`CurrentUser`]: platform::session::CurrentUser
//! [`CurrentOrg<P>`]: platform::tenant::CurrentOrg
//! [`OrgTx`]: platform::tenant::OrgTx

#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::dbg_macro,
    reason = "they end the process when nobody can read it: cli::say, cli::complain or tracing"
)]

pub mod cli;
pub mod core;
pub mod demo;
pub mod doctor;
pub mod modules;
pub mod platform;
pub mod router;
pub mod server;
pub mod workers;
