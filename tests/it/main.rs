//! The product from outside: over HTTP, with a mail server, on either engine. `bin/test` runs it
//! on SQLite and on PostgreSQL.

mod support;

mod accounts;
mod activity;
mod address;
mod asvs;
mod audit;
mod audit_cli;
mod audit_writes;
mod catalogue;
mod clients;
mod comments;
mod concurrency;
mod cookies;
mod cross_site;
mod database;
mod deletion;
mod devices;
mod doctor;
mod factors;
mod headers;
mod hostile;
mod invitations;
mod isolation;
mod mail;
mod members;
mod network;
mod notices;
mod operators;
mod organizations;
mod pages;
mod passkeys;
mod passwords;
mod permissions;
mod pictures;
mod pool;
mod process;
mod projects;
mod proof;
mod secrets;
mod sign_ins;
mod sign_ups;
mod tasks;
mod throttle;
mod twin;
