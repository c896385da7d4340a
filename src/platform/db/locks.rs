//! The order in which transactions lock rows, which prevents deadlocks.
//!
//! PostgreSQL locks every row that a statement changes or selects `for update` or `for share`,
//! until its transaction ends. If two transactions lock two rows in opposite orders, they wait for
//! each other, and one of them is aborted. So all of ours lock in one order, [`order`], which a
//! build with debug assertions checks in every transaction. SQLite has only one writer, so nobody
//! waits for a row.
//!
//! Some cases are left to [`again`](crate::platform::web), which retries once: two operators who
//! act on each other, because the order of rows inside a table is not checked, and rows that the
//! database itself locks for a foreign key.

use std::sync::LazyLock;

use super::tables;

/// The tables in the order in which a transaction locks their rows: a person before their sign-ins
/// and other rows of theirs, those before an organization, an organization before its rows, and
/// last the end of the audit log, for which all others wait.
///
/// Rows of one table are locked in the order of their ids. An organization's rows are locked after
/// the organization and before the next one, which has a greater id.
pub fn order() -> &'static [&'static str] {
    static ORDER: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let mut placed: Vec<_> =
            tables::all().filter_map(|table| Some((table.locked?, table.name))).collect();
        placed.sort_unstable();
        placed.into_iter().map(|(_, name)| name).collect()
    });
    &ORDER
}

/// Tables whose rows are only locked while a row of another table is locked. They may then come at
/// any time, because nobody else can be waiting for them.
const KEPT: &[(&str, &[&str])] = &[
    (
        "users",
        &[
            "sign_ups",
            "operators",
            "devices",
            "account_tokens",
            "account_acts",
            "former_passwords",
            "account_helps",
            "address_changes",
            "totp_factors",
            "passkeys",
            "recovery_codes",
            "pictures",
        ],
    ),
    ("organizations", &["invitations", "invitation_links", "join_links"]),
];

/// What a transaction has locked so far.
#[derive(Debug, Default)]
pub(super) struct Locks(Vec<&'static str>);

impl Locks {
    /// Notes what a statement locks.
    ///
    /// # Panics
    /// When the transaction has already locked something that comes later in [`order`].
    pub fn take(&mut self, text: &'static str) {
        for table in locked_by(text) {
            if self.0.contains(&table) || self.keeps(table) {
                continue;
            }
            let later = self.0.iter().find(|held| place(held) > place(table));
            if let Some(later) = later {
                panic!("{table} is locked after {later}, against the order, by: {text}");
            }
            self.0.push(table);
        }
    }

    /// Continues in another organization.
    pub fn move_on(&mut self) {
        self.0.retain(|table| place(table) < place("organizations"));
    }

    fn keeps(&self, table: &str) -> bool {
        let mut keepers = KEPT.iter().filter(|(_, kept)| kept.contains(&table));
        keepers.any(|(keeper, _)| self.0.contains(keeper))
    }
}

fn place(table: &str) -> Option<usize> {
    order().iter().position(|known| *known == table)
}

/// The tables in which a statement locks rows, as far as its text shows: those that it updates,
/// deletes from, inserts into unless the row exists, or reads `for update` or `for share`. Those
/// with `skip locked` are not included, because nobody waits for them.
pub fn locked_by(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    if words.windows(2).any(|words| words == ["skip", "locked"]) {
        return Vec::new();
    }
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let upserts = words.windows(2).any(|words| words == ["on", "conflict"]);
    let mut tables = Vec::new();
    for at in 0..words.len() {
        let before = at.checked_sub(1).map_or("", word);
        match words[at] {
            "update" if !matches!(before, "for" | "key" | "do") => tables.push(word(at + 1)),
            "delete" if word(at + 1) == "from" => tables.push(word(at + 2)),
            "insert" if upserts => tables.push(word(at + 2)),
            "for" => {
                let strength =
                    usize::from(word(at + 1) == "no") * 2 + usize::from(word(at + 1) == "key");
                if matches!(word(at + 1 + strength), "update" | "share") {
                    tables.extend(read(&words[..at], &words[at + 2 + strength..]));
                }
            }
            _ => {}
        }
    }
    tables.dedup();
    tables
}

/// The tables after `of a, b`, in that order, or all tables that are read if there is no `of`.
fn read<'t>(before: &[&'t str], after: &[&'t str]) -> Vec<&'t str> {
    let sources: Vec<_> =
        before.windows(3).filter(|words| matches!(words[0], "from" | "join")).collect();
    let called = |name: &&str| {
        let source = sources.iter().find(|words| words[1] == *name || words[2] == *name);
        source.map(|words| words[1])
    };
    match after {
        ["of", names @ ..] => names.iter().map_while(called).collect(),
        _ => sources.iter().map(|words| words[1]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Locks, locked_by};

    #[test]
    fn what_a_statement_locks_is_read_from_its_text() {
        for (text, tables) in [
            ("select id from users where id = $1", vec![]),
            ("update users set name = name where id = $1 returning id", vec!["users"]),
            ("delete from tasks where organization_id = $1", vec!["tasks"]),
            ("select id from organizations where id = $1 for no key update", vec!["organizations"]),
            (
                "select m.id from memberships m join roles r on true join sign_ins s on true
                 where m.id = $1 for share of s, m",
                vec!["sign_ins", "memberships"],
            ),
            ("insert into a (id) values ($1)", vec![]),
            ("insert into a (id) values ($1) on conflict (id) do update set id = $1", vec!["a"]),
            ("with gone as (delete from a returning id) update b set c = $1", vec!["a", "b"]),
            ("update a set b = 1 where id = (select id from a for update skip locked)", vec![]),
        ] {
            assert_eq!(locked_by(text), tables, "{text}");
        }
    }

    #[test]
    fn what_comes_too_late_is_refused_unless_something_held_keeps_it() {
        let mut locks = Locks::default();
        for text in ["update users set a = 1", "update tasks set a = 1", "delete from devices"] {
            locks.take(text);
        }
        locks.move_on();
        locks.take("update organizations set a = 1");
        let too_late = std::panic::catch_unwind(move || locks.take("delete from sign_ins"));
        let words = *too_late.unwrap_err().downcast::<String>().unwrap();
        assert!(words.starts_with("sign_ins is locked after organizations"), "{words}");
    }
}
