//! Tests of the product from outside: over HTTP, with a mail server, on either engine. `bin/test`
//! runs them on SQLite and on PostgreSQL.

mod core;
mod platform;
mod support;
mod work;
