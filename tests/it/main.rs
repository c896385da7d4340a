//! The product from outside: over HTTP, with a mail server, on either engine. `bin/test` runs it
//! on SQLite and on PostgreSQL.

mod core;
mod platform;
mod support;
mod work;
