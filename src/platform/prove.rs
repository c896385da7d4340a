//! Deliberate faults that test the layers of isolation: with one of them removed, do the others
//! still keep organizations apart?
//!
//! This exists only with the cargo feature `prove`, which only `bin/prove-isolation` turns on and
//! no default or release build has; a test searches the program for it. The two layers in the
//! database are removed in the database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex};

use super::db::Engine;

/// A text that marks a program built with this feature; a test searches the served program for it.
pub const MARK: &str = "tenantry can take its own isolation away";

static MEMBERSHIP: AtomicBool = AtomicBool::new(true);
static STATEMENTS: AtomicBool = AtomicBool::new(true);
static REWRITTEN: LazyLock<Mutex<HashMap<&'static str, &'static str>>> =
    LazyLock::new(Mutex::default);

/// Sets which of the program's layers stay active from now on: the membership check of
/// [`CurrentOrg`](super::tenant::CurrentOrg), and the condition on `$1` in statements.
pub fn stand(membership: bool, statements: bool) {
    tracing::warn!(membership, statements, "{MARK}");
    MEMBERSHIP.store(membership, Ordering::SeqCst);
    STATEMENTS.store(statements, Ordering::SeqCst);
}

/// Whether every signed-in person counts as an owner of every organization.
pub(super) fn everybody_is_an_owner() -> bool {
    !MEMBERSHIP.load(Ordering::SeqCst)
}

/// The statement with its condition, or with one that every organization meets. Statements of the
/// audit log keep theirs: without it the log breaks, and an attack would fail for that reason
/// alone.
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
        // Leaked for as long as the program runs, which is as long as the proof takes.
        Box::leak(text.into_boxed_str())
    })
}
