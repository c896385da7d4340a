//! The statements and the schema, on the engine that the tests run on.

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use tenantry::config::DATABASE_ROLE;
use tenantry::platform::db::{Db, constraints, migrate, statement};

use crate::support::{TestApp, TestDatabase};

#[tokio::test]
async fn every_statement_is_one_that_the_engine_takes() {
    let app = TestApp::spawn().await;
    let mut wrong = Vec::new();
    if app.database.is_postgres() {
        let mut connection = PgConnection::connect(&app.database.superuser_url).await.unwrap();
        for statement in statement::all() {
            if let Err(error) = connection.prepare(statement.postgres).await {
                wrong.push(format!("{}:{}: {error}", statement.file, statement.line));
            }
        }
    } else {
        let options: SqliteConnectOptions = app.database.url.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        for statement in statement::all() {
            if let Err(error) = connection.prepare(statement.sqlite).await {
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
    // A macro that writes several statements has one place where `sql!` stands for all of them.
    assert!(written >= 60, "{written} statements");
    assert!(places.len() >= written, "{} registered of {written}", places.len());
}

/// Where one text cannot serve both engines.
const FORKS: &[&str] = &[
    "src/platform/mail/strangers.rs",
    "src/platform/session/current_user.rs",
    "src/platform/session/presence.rs",
    "src/platform/session/presence.rs",
    "src/platform/session/presence.rs",
    "src/platform/tenant/org_tx.rs",
    "src/platform/tenant/org_tx.rs",
    "src/platform/tenant/org_tx.rs",
    "src/platform/tenant/visit.rs",
    "src/projects/audience.rs",
    "src/projects/members.rs",
    "src/projects/sql.rs",
];

#[test]
fn statements_that_differ_between_the_engines_are_known() {
    let mut forks: Vec<_> = statement::all()
        .filter(|statement| statement.sqlite != statement.postgres)
        .map(|statement| statement.file)
        .collect();
    forks.sort();
    assert_eq!(forks, FORKS, "a new fork needs a reason and a line in this list");
}

/// The modules that may work outside organizations.
const UNSCOPED: &[&str] = &[
    "src/accounts/address.rs",
    "src/accounts/changes.rs",
    "src/accounts/claim.rs",
    "src/accounts/deletion/act.rs",
    "src/accounts/deletion/erase.rs",
    "src/accounts/deletion/preview.rs",
    "src/accounts/deletion/sql.rs",
    "src/accounts/dispute/acts.rs",
    "src/accounts/dispute/page.rs",
    "src/accounts/dispute/sql.rs",
    "src/accounts/dispute/take_back.rs",
    "src/accounts/help/act.rs",
    "src/accounts/help/page.rs",
    "src/accounts/help/sql.rs",
    "src/accounts/login.rs",
    "src/accounts/made.rs",
    "src/accounts/newcomer.rs",
    "src/accounts/notices.rs",
    "src/accounts/password.rs",
    "src/accounts/profile.rs",
    "src/accounts/reset.rs",
    "src/accounts/sign_ins.rs",
    "src/accounts/signup.rs",
    "src/accounts/signup_link.rs",
    "src/accounts/sql.rs",
    "src/accounts/suspension.rs",
    "src/accounts/tokens.rs",
    "src/accounts/told.rs",
    "src/accounts/verify.rs",
    "src/audit/command.rs",
    "src/demo/mod.rs",
    "src/demo/work.rs",
    "src/factors/challenge.rs",
    "src/factors/disputed.rs",
    "src/factors/guesses.rs",
    "src/factors/mail.rs",
    "src/factors/pages/confirm.rs",
    "src/factors/pages/passkeys.rs",
    "src/factors/pages/recovery_codes.rs",
    "src/factors/pages/remove.rs",
    "src/factors/pages/security.rs",
    "src/factors/pages/sign_in.rs",
    "src/factors/pages/totp.rs",
    "src/factors/passkeys.rs",
    "src/factors/redeem.rs",
    "src/factors/sql.rs",
    "src/invitations/accept.rs",
    "src/invitations/ask.rs",
    "src/invitations/landing.rs",
    "src/invitations/sql.rs",
    "src/invitations/waiting.rs",
    "src/notices/unsubscribe.rs",
    "src/operators/checkup.rs",
    "src/operators/command.rs",
    "src/operators/first/link.rs",
    "src/operators/first/page.rs",
    "src/operators/first/sql.rs",
    "src/operators/organizations/list.rs",
    "src/operators/organizations/sql.rs",
    "src/operators/organizations/suspend.rs",
    "src/operators/people/acts.rs",
    "src/operators/people/command.rs",
    "src/operators/people/everybody.rs",
    "src/operators/people/list.rs",
    "src/operators/people/show.rs",
    "src/operators/people/sql.rs",
    "src/operators/people/told.rs",
    "src/operators/sql.rs",
    "src/operators/system/again.rs",
    "src/operators/visits/end.rs",
    "src/operators/visits/enter.rs",
    "src/operators/visits/sql.rs",
    "src/orgs/list.rs",
    "src/orgs/mod.rs",
    "src/orgs/model.rs",
    "src/orgs/sql.rs",
    "src/pictures/edit.rs",
    "src/pictures/show.rs",
    "src/pictures/sql.rs",
    "src/restored.rs",
];

#[test]
fn only_known_modules_work_outside_organizations() {
    let mut naming = files_with(&[
        "UnscopedTx",
        "user.read(",
        "user.write(",
        "operator.read(",
        "operator.write(",
    ]);
    naming.retain(|file| !file.starts_with("src/platform/"));
    assert_eq!(naming, UNSCOPED, "whoever works outside organizations stands in this list");
}

/// Where changes are made that the audit log does not hold: when somebody was seen, how far a mail
/// or a job has come, what has expired; and what is in the log already.
const UNRECORDED: &[&str] = &[
    "src/accounts/deletion/erase.rs",
    "src/accounts/help/act.rs",
    "src/accounts/notices.rs",
    "src/accounts/password.rs",
    "src/accounts/sql.rs",
    "src/accounts/told.rs",
    "src/accounts/verify.rs",
    "src/demo/mod.rs",
    "src/factors/pages/sign_in.rs",
    "src/factors/pages/totp.rs",
    "src/factors/sql.rs",
    "src/notices/choose.rs",
    "src/notices/unsubscribe.rs",
    "src/platform/jobs/mod.rs",
    "src/platform/mail/outbox/delivery.rs",
    "src/platform/mail/outbox/mod.rs",
    "src/platform/mail/strangers.rs",
    "src/platform/newest.rs",
    "src/platform/sealed/reseal.rs",
    "src/platform/session/known.rs",
    "src/platform/session/presence.rs",
    "src/platform/tenant/once.rs",
    "src/platform/tenant/org_tx.rs",
    "src/platform/tenant/unscoped.rs",
    "src/platform/throttle/counter.rs",
    "src/platform/throttle/mod.rs",
    "src/restored.rs",
    "src/retention.rs",
];

#[test]
fn only_known_modules_change_something_that_is_not_recorded() {
    let naming = files_with(&["commit_unrecorded"]);
    assert_eq!(naming, UNRECORDED, "whoever records nothing stands in this list, with a reason");
}

/// The source files in which one of `words` stands.
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
    for unique in constraints::ALL {
        let count = if app.database.is_postgres() {
            let name = unique.name;
            app.database
                .number(&format!("select count(*) from pg_class where relname = '{name}'"))
                .await
        } else {
            // SQLite names the columns: the table must have a unique index over exactly these.
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

#[tokio::test]
async fn a_row_cannot_refer_to_another_organization_nor_move_to_it() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.founder("Bo", "Other").await;
    app.invite(&ada, "acme", "n@example.test", "viewer").await;
    let other = "(select id from organizations where slug = 'other')";
    for table in ["roles", "memberships", "invitations", "invitation_links"] {
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
