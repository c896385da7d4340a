//! The statements and the schema, on the engine that the tests run on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr};
use tenantry::platform::config::DATABASE_ROLE;
use tenantry::platform::db::statement::Registered;
use tenantry::platform::db::{Db, constraints, migrate, statement};
use tenantry::platform::words::Words;

use crate::support::{TestApp, TestDatabase};

#[tokio::test]
async fn every_statement_is_one_that_the_engine_takes() {
    let app = TestApp::spawn().await;
    let mut wrong = Vec::new();
    if app.database.is_postgres() {
        let mut connection = PgConnection::connect(&app.database.superuser_url).await.unwrap();
        for statement in statement::all() {
            if let Err(error) = connection.prepare(statement.postgres.into_sql_str()).await {
                wrong.push(format!("{}:{}: {error}", statement.file, statement.line));
            }
        }
    } else {
        let options: SqliteConnectOptions = app.database.url.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        for statement in statement::all() {
            if let Err(error) = connection.prepare(statement.sqlite.into_sql_str()).await {
                wrong.push(format!("{}:{}: {error}", statement.file, statement.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn asvs_1_2_4_every_statement_in_the_source_is_registered() {
    let mut written = 0;
    for file in sources() {
        if file.ends_with("db/statement.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let uses = |name: &str| {
            text.match_indices(name)
                .filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
                .count()
        };
        written += uses("sql!(") + uses("unscoped_sql!(");
    }
    let places: std::collections::BTreeSet<_> =
        statement::all().map(|statement| (statement.file, statement.line)).collect();
    // A macro that writes several statements counts as one use of `sql!`.
    assert!(written >= 60, "{written} statements");
    assert!(places.len() >= written, "{} registered of {written}", places.len());
}

/// Where one text cannot serve both engines, although it does more than lock what it reads.
const FORKS: &[&str] = &[
    "src/platform/mail/strangers.rs",
    "src/platform/search/index.rs",
    "src/platform/session/current_user.rs",
    "src/platform/session/presence.rs",
    "src/platform/session/presence.rs",
    "src/platform/session/presence.rs",
    "src/platform/tenant/org_tx.rs",
];

/// Whether the text for PostgreSQL is the other one, perhaps with locks on the rows that it reads:
/// on SQLite, a transaction that changes something is the only one.
fn is_same_but_for_locks(statement: &Registered) -> bool {
    let normal = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (sqlite, postgres) = (normal(statement.sqlite), normal(statement.postgres));
    let rest = postgres.strip_prefix(&sqlite).map(str::trim_start);
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.starts_with("for share") || rest.starts_with("for update")
    })
}

#[test]
fn statements_that_differ_between_the_engines_are_known() {
    let mut forks: Vec<_> = statement::all()
        .filter(|statement| !is_same_but_for_locks(statement))
        .map(|statement| statement.file)
        .collect();
    forks.sort();
    assert_eq!(forks, FORKS, "a new fork needs a reason and a line in this list");
}

/// The folders or files that may work outside organizations, and why.
const UNSCOPED: &[(&str, &str)] = &[
    ("src/core/accounts/", "accounts belong to people, not to organizations"),
    ("src/core/deletion/", "so does their end"),
    ("src/core/factors/", "so do second factors"),
    ("src/core/pictures/", "and pictures"),
    ("src/core/notices/commands.rs", "a mail's link names the person before the organization"),
    ("src/core/notices/unsubscribe.rs", "a mail's link names the person before the organization"),
    ("src/core/invitations/", "a person who is invited is not in the organization yet"),
    ("src/core/join/", "and neither is who joins with a link"),
    ("src/core/organizations/", "an organization is found, or made, before one is in it"),
    ("src/core/operators/", "operators look after all organizations"),
    ("src/core/audit/command.rs", "the operator reads any organization's log"),
    ("src/core/restored.rs", "a restored backup is all organizations'"),
    ("src/demo/", "the demonstration makes people and organizations"),
];

#[test]
fn only_known_modules_work_outside_organizations() {
    let naming = files_with(&[
        "UnscopedTx",
        "user.read(",
        "user.write(",
        "operator.read(",
        "operator.write(",
    ]);
    let is_known = |file: &str| UNSCOPED.iter().any(|(place, _)| file.starts_with(place));
    let unknown: Vec<_> = naming
        .iter()
        .filter(|file| !file.starts_with("src/platform/") && !is_known(file))
        .collect();
    assert!(
        unknown.is_empty(),
        "work outside organizations needs a reason in the list: {unknown:?}"
    );
    for (place, _) in UNSCOPED {
        assert!(
            naming.iter().any(|file| file.starts_with(place)),
            "{place} needs no line any more"
        );
    }
}

/// Where changes are made without an entry in the audit log: when somebody was last seen, the
/// progress of an email or a job, what has expired, what a person put away on their own pages, how these
/// look, and what is already in the log.
const UNRECORDED: &[&str] = &[
    "src/core/accounts/commands.rs",
    "src/core/accounts/help/act.rs",
    "src/core/accounts/notices.rs",
    "src/core/accounts/preferences.rs",
    "src/core/accounts/sql/expired.rs",
    "src/core/accounts/sql/password.rs",
    "src/core/accounts/told.rs",
    "src/core/deletion/erase.rs",
    "src/core/factors/commands.rs",
    "src/core/factors/prove.rs",
    "src/core/factors/sql/mod.rs",
    "src/core/notices/commands.rs",
    "src/core/notices/digest.rs",
    "src/core/organizations/overview.rs",
    "src/core/restored.rs",
    "src/demo/mod.rs",
    "src/demo/story.rs",
    "src/platform/jobs/mod.rs",
    "src/platform/mail/outbox/delivery.rs",
    "src/platform/mail/outbox/mod.rs",
    "src/platform/mail/strangers.rs",
    "src/platform/newest.rs",
    "src/platform/retention.rs",
    "src/platform/sealed/reseal.rs",
    "src/platform/session/known.rs",
    "src/platform/session/presence.rs",
    "src/platform/tenant/once.rs",
    "src/platform/tenant/org_tx.rs",
    "src/platform/tenant/unscoped.rs",
    "src/platform/throttle/counter.rs",
    "src/platform/throttle/mod.rs",
];

#[test]
fn only_known_modules_change_something_that_is_not_recorded() {
    let naming = files_with(&["commit_unrecorded"]);
    assert_eq!(naming, UNRECORDED, "what records nothing is in this list, with a reason");
}

/// Returns the source files that contain one of `words`.
fn files_with(words: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut naming: Vec<String> = sources()
        .into_iter()
        .filter(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            words.iter().any(|word| text.contains(word))
        })
        .map(|file| file.strip_prefix(root).unwrap().to_str().unwrap().to_owned())
        .collect();
    naming.sort();
    naming
}

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files
}

#[tokio::test]
async fn every_named_unique_constraint_is_in_the_schema() {
    let app = TestApp::spawn().await;
    for unique in constraints::all() {
        let count = if app.database.is_postgres() {
            let name = unique.name;
            app.database
                .number(&format!("select count(*) from pg_class where relname = '{name}'"))
                .await
        } else {
            // On SQLite `columns` is what an error names: the table must have a unique index on
            // exactly these.
            let table = unique.columns.split('.').next().unwrap();
            let columns = unique.columns.replace(&format!("{table}."), "");
            app.database
                .number(&format!(
                "select count(*) from pragma_index_list('{table}') l where l.\"unique\" = 1 and (
                    select group_concat(name, ', ') from pragma_index_info(l.name)) = '{columns}'"
            ))
                .await
        };
        assert!(count >= 1, "{}", unique.name);
    }
}

/// The words that the schema allows in columns, a list for each check of a single column.
async fn words_of_checks(database: &TestDatabase) -> Vec<BTreeSet<String>> {
    let checks = database
        .texts(if database.is_postgres() {
            "select pg_get_constraintdef(oid) from pg_constraint
             where contype = 'c' and connamespace = 'public'::regnamespace"
        } else {
            "select sql from sqlite_schema where type = 'table'"
        })
        .await;
    let after_check =
        checks.iter().flat_map(|text| text.split("check (").chain(text.split("CHECK ((")).skip(1));
    let list_of = |check: &str| {
        let rest = check.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        let list = rest.strip_prefix(" in (").or(rest.strip_prefix(" = ANY (ARRAY["))?;
        let words = list.split([')', ']']).next().unwrap().split(',');
        let words = words.filter_map(|word| word.trim().strip_prefix('\'')?.split('\'').next());
        Some(words.map(str::to_owned).collect())
    };
    after_check.filter_map(list_of).collect()
}

#[tokio::test]
async fn the_words_of_every_column_are_those_of_one_enum() {
    let database = TestDatabase::create().await;
    let declared: BTreeSet<BTreeSet<String>> = inventory::iter::<Words>
        .into_iter()
        .map(|declared| (declared.words)().into_iter().map(str::to_owned).collect())
        .collect();
    let checks = words_of_checks(&database).await;
    database.remove().await;
    assert!(checks.len() >= 6, "{checks:?}");
    for words in checks {
        assert!(declared.contains(&words), "no enum has the words {words:?}");
    }
}

#[tokio::test]
async fn a_row_cannot_refer_to_another_organization_nor_move_to_it() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.founder("Bo", "Other").await;
    app.invite(&ada, "acme", "n@example.test", "viewer").await;
    let fields = [("role", "viewer"), ("lifetime", "7")];
    ada.post("/orgs/acme/join-link", &fields).await.expect(303);
    let other = "(select id from organizations where slug = 'other')";
    for table in ["roles", "memberships", "invitations", "invitation_links", "join_links"] {
        let moved =
            app.database.execute(&format!("update {table} set organization_id = {other}")).await;
        let error = moved.expect_err(table).to_string();
        assert!(error.contains("organization_id cannot change"), "{table}: {error}");
    }
    let insert = format!(
        "insert into invitation_links
            (organization_id, id, invitation_id, token_hash, sealed, mail_id, created_at)
         select {other}, mail_id, invitation_id, sealed, sealed, mail_id, created_at
         from invitation_links"
    );
    assert!(app.database.execute(&insert).await.is_err(), "a link of a foreign invitation");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_programs_that_start_at_once_migrate_once() {
    let database = TestDatabase::empty().await;
    let starts = (0..8).map(|_| async {
        let db = Db::connect(&database.owner_url).await.unwrap();
        migrate(&db, DATABASE_ROLE).await.unwrap();
        db.close().await;
    });
    futures_util::future::join_all(starts).await;
    assert_eq!(database.number("select count(*) from users").await, 0);
    database.remove().await;
}
