//! The layout of the source: which parts may depend on which.

use std::collections::{BTreeMap, BTreeSet};

use tenantry::platform::audit::{Action, ObjectKind};
use tenantry::platform::db::tables;
use tenantry::platform::tenant::Permission;

use crate::support::files;

/// Pairs of features that depend on each other, and why they may.
const CIRCLES: &[(&str, &str, &str)] = &[
    (
        "core::accounts",
        "core::factors",
        "signing in asks for a second factor, and a second factor belongs to an account",
    ),
    (
        "core::accounts",
        "core::operators",
        "operators look after accounts, and the first operator's account gets its rights in the \
         transaction that makes it",
    ),
];

/// Returns the part to which a file or an import belongs: `platform`, `core::accounts`,
/// `modules::work::tasks`, or a part of the program itself such as `cli`.
fn room(path: &[&str]) -> Option<String> {
    match path {
        ["platform", ..] => Some("platform".to_owned()),
        ["core", feature, ..] => Some(format!("core::{feature}")),
        ["modules", module, feature, ..] => Some(format!("modules::{module}::{feature}")),
        [part, ..] => Some((*part).to_owned()),
        [] => None,
    }
}

/// The level of a part: it may import from its own level and from those below.
fn floor(room: &str) -> u8 {
    match room.split("::").next() {
        Some("platform") => 0,
        Some("core") => 1,
        Some("modules") => 2,
        _ => 3,
    }
}

/// Returns every import of one part from another: from, to, and where it is.
fn imports() -> BTreeMap<(String, String), String> {
    let mut imports = BTreeMap::new();
    for (path, text) in files("src", ".rs") {
        let inner = path.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src/")).unwrap();
        let inner = inner.trim_end_matches(".rs");
        let parts: Vec<&str> = inner.split('/').collect();
        let Some(from) = room(&parts) else { continue };
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = code.collect::<Vec<_>>().join("\n");
        for path in paths(&code) {
            let parts: Vec<&str> = path.split("::").collect();
            let Some(to) = room(&parts) else { continue };
            if to != from {
                imports.insert((from.clone(), to), format!("{inner}: {path}"));
            }
        }
    }
    imports
}

/// Returns the paths after `crate::` in a source text, with braces expanded.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .unwrap_or(rest.len());
        let stem = rest[..end].trim_end_matches("::");
        match rest[end..].strip_prefix('{') {
            Some(list) if rest[..end].ends_with("::") || end == 0 => {
                let list = &list[..list.find('}').unwrap_or(list.len())];
                for item in list.split(',').map(str::trim).filter(|item| !item.is_empty()) {
                    let join = if stem.is_empty() { "" } else { "::" };
                    found.push(format!("{stem}{join}{}", item.split(' ').next().unwrap()));
                }
            }
            _ => found.push(stem.to_owned()),
        }
    }
    found
}

#[test]
fn nothing_imports_from_a_floor_above() {
    let wrong: Vec<_> = imports()
        .into_iter()
        .filter(|((from, to), _)| floor(from) < floor(to))
        .map(|((from, to), place)| format!("{from} knows {to} ({place})"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn features_know_each_other_one_way_only() {
    let imports = imports();
    let is_feature = |room: &str| matches!(floor(room), 1 | 2);
    let mut circles = BTreeSet::new();
    for (from, to) in imports.keys() {
        let back = imports.contains_key(&(to.clone(), from.clone()));
        if back && from < to && is_feature(from) && is_feature(to) {
            circles.insert((from.as_str(), to.as_str()));
        }
    }
    let known: BTreeSet<_> = CIRCLES.iter().map(|(one, other, _)| (*one, *other)).collect();
    assert_eq!(circles, known, "a circle needs a reason, or goes");
    assert!(CIRCLES.len() <= 3);
}

#[test]
fn documentation_stands_alone() {
    let mut leaning = Vec::new();
    for (path, text) in files("src", ".rs") {
        let mut before = "";
        for (number, line) in text.lines().enumerate() {
            let begins = !before.trim_start().starts_with("///");
            if begins && line.trim_start().starts_with("/// The same") {
                leaning.push(format!("{path}:{}", number + 1));
            }
            before = line;
        }
    }
    let leaning = leaning.join("\n");
    assert!(
        leaning.is_empty(),
        "what is documented as \"the same\" says nothing alone:\n{leaning}"
    );
}

/// The folders with source, each with the most lines of a file in it.
const LONGEST: &[(&str, usize)] = &[("src", 300), ("tests", 400)];

#[test]
fn files_fit_on_a_screen_or_two() {
    let mut long = Vec::new();
    for (folder, most) in LONGEST {
        for (path, text) in files(folder, ".rs") {
            let lines = text.lines().count();
            if lines > *most {
                long.push(format!("{path}: {lines} lines, and {most} are the most"));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn what_features_declare_is_theirs_alone() {
    let mut known = BTreeSet::new();
    let actions = Action::all().iter().map(|action| format!("action {action}"));
    let permissions = Permission::all().iter().map(|one| format!("permission {}", one.word()));
    let kinds = ObjectKind::all().iter().map(|kind| format!("kind {kind}"));
    let tables = tables::all().map(|table| format!("table {}", table.name));
    let places = tables::all().filter_map(|table| table.locked);
    let places = places.map(|place| format!("place {place} among locks"));
    let declared = actions.chain(permissions).chain(kinds).chain(tables).chain(places);
    let twice: Vec<_> = declared.filter(|one| !known.insert(one.clone())).collect();
    assert!(twice.is_empty(), "declared twice: {twice:?}");
    assert!(known.len() > 150, "{}", known.len());
}
