//! Faults, to prove what the layers of isolation are worth: with one of them taken away, do the
//! others still keep organizations apart?
//!
//! This exists only with the cargo feature `prove`, which `bin/prove-isolation` alone turns on and
//! which no default or release build has; a test looks into the program for it. The two layers in
//! the database are taken away in the database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex};

use super::db::Engine;

/// What a program that can do this says of itself; a test looks for it in the one that is served.
pub const MARK: &str = "tenantry can take its own isolation away";

static MEMBERSHIP: AtomicBool = AtomicBool::new(true);
static STATEMENTS: AtomicBool = AtomicBool::new(true);
static REWRITTEN: LazyLock<Mutex<HashMap<&'static str, &'static str>>> =
    LazyLock::new(Mutex::default);

/// Which layers of the program stand from here on: the membership check of
/// [`CurrentOrg`](super::tenant::CurrentOrg), and the condition on `$1` in statements.
pub fn stand(membership: bool, statements: bool) {
    tracing::warn!(membership, statements, "{MARK}");
    MEMBERSHIP.store(membership, Ordering::SeqCst);
    STATEMENTS.store(statements, Ordering::SeqCst);
}

/// Whether whoever is signed in is taken for an owner of every organization.
pub(super) fn everybody_is_an_owner() -> bool {
    !MEMBERSHIP.load(Ordering::SeqCst)
}

/// The statement with its condition, or with one that every organization meets. The audit log's
/// own statements keep theirs: without it the log breaks, and an attack would fail for that alone.
pub(super) fn statement(text: &'static str, engine: Engine) -> &'static str {
    if STATEMENTS.load(Ordering::SeqCst) || text.contains("audit_") {
        return text;
    }
    let mut rewritten = REWRITTEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    rewritten.entry(text).or_insert_with(|| {
        // PostgreSQL refuses a statement that does not use a parameter it is given.
        let given = match engine {
            Engine::Sqlite => "$1",
            Engine::Postgres => "$1::uuid",
        };
        let any = format!("organization_id in (select id from organizations union select {given})");
        let text = format!("{text} ").replace("organization_id = $1", &any);
        // As long as the program runs, which is as long as the proof takes.
        Box::leak(text.into_boxed_str())
    })
}
