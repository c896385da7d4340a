//! `tenantry doctor`, and what makes `serve` refuse to start.

#![expect(clippy::disallowed_methods, reason = "these tests start the program and wait for it")]

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{MailServer, TestDatabase};

/// An installation: a folder with a secret key, and a database.
struct Installation {
    folder: tempfile::TempDir,
    mail: MailServer,
    database: TestDatabase,
}

/// The output of a command and its exit code.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    /// Returns the lines that begin with `word`.
    fn lines(&self, word: &str) -> Vec<&str> {
        self.out.lines().filter(|line| line.starts_with(word)).collect()
    }

    /// Fails unless `what` failed, is followed by `mend`, and is the only failure.
    #[track_caller]
    fn fails_with(&self, what: &str, mend: &str) {
        let failed = self.lines("FAIL");
        assert!(failed.len() == 1 && failed[0].contains(what), "{what}: {}", self.out);
        let after = self.out.split(failed[0]).nth(1).unwrap().trim_start();
        let next = after.lines().next().unwrap_or_default();
        assert!(next.contains(mend), "{mend}: {}", self.out);
        assert_eq!(self.code, Some(1), "{}", self.out);
        assert!(self.err.contains("1 check failed"), "{}", self.err);
    }
}

impl Installation {
    async fn new() -> Self {
        let this = Self {
            folder: tempfile::tempdir().unwrap(),
            mail: MailServer::start().await,
            database: TestDatabase::create().await,
        };
        let data = this.folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let key = data.join("secret.key");
        std::fs::write(&key, "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n").unwrap();
        set_mode(&key, 0o600);
        if let Some(path) = this.database.url.strip_prefix("sqlite:") {
            set_mode(Path::new(path).parent().unwrap(), 0o700);
        }
        this.add_operator().await;
        let owner = [("TENANTRY_DATABASE_URL", this.database.owner_url.as_str())];
        let made = this.run("backup", &owner).await;
        assert_eq!(made.code, Some(0), "{}", made.err);
        this
    }

    /// Adds an operator with a confirmed address and a passkey.
    async fn add_operator(&self) {
        let (id, now, bytes) = match self.database.is_postgres() {
            true => ("gen_random_uuid()", "clock_timestamp()", r"'\x00'::bytea"),
            false => ("randomblob(16)", "unixepoch() * 1000000", "x'00'"),
        };
        self.execute(&format!(
            "insert into users
                (id, name, name_key, email, email_verified_at, password_hash, created_at)
             values ({id}, 'Ona', 'ona', 'ona@example.test', {now}, '', {now})"
        ))
        .await;
        self.execute(&format!(
            "insert into operators (user_id, granted_at) select id, {now} from users"
        ))
        .await;
        self.execute(&format!(
            "insert into passkeys
                (id, user_id, name, credential_id, public_key, state, transports, created_at)
             select {id}, id, 'Key', {bytes}, {bytes}, {bytes}, 0, {now} from users"
        ))
        .await;
    }

    /// Runs the program with a good public URL and with `variables` in addition.
    async fn run(&self, command: &str, variables: &[(&str, &str)]) -> Said {
        self.run_all(&[command], variables).await
    }

    async fn run_all(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        let mut tenantry = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TENANTRY_")) {
            tenantry.env_remove(name);
        }
        tenantry
            .args(arguments)
            .current_dir(self.folder.path())
            .env("TENANTRY_LISTEN", "127.0.0.1:0")
            .env("TENANTRY_BASE_URL", "https://tenantry.example.test")
            .env("TENANTRY_DATABASE_URL", &self.database.url)
            .env("TENANTRY_BACKUP_FOLDER", "backups")
            .env("TENANTRY_DATABASE_WAIT", "0")
            .env("TENANTRY_TRUSTED_PROXIES", "1")
            .env("TENANTRY_SMTP_URL", format!("smtp://127.0.0.1:{}", self.mail.port))
            .envs(variables.iter().copied());
        // Meanwhile the mail server of the test must be able to answer.
        let run = tokio::task::spawn_blocking(move || tenantry.output().unwrap());
        let Output { status, stdout, stderr } = run.await.unwrap();
        Said {
            code: status.code(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }

    async fn doctor(&self) -> Said {
        self.run("doctor", &[]).await
    }

    /// Runs the command from the doctor's line that contains `part`, exactly as printed. After that
    /// nothing may fail any more.
    async fn mends(&self, part: &str) {
        let said = self.doctor().await;
        let printed = said.out.lines().find(|line| line.contains(part)).unwrap_or_default().trim();
        assert!(printed.ends_with(';'), "{printed} is no command: {}", said.out);
        self.execute(printed).await;
        let said = self.doctor().await;
        assert_eq!(said.code, Some(0), "{printed} does not mend it: {}", said.out);
    }

    async fn execute(&self, sql: &str) {
        self.database.execute(sql).await.unwrap();
    }
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_good_installation_is_told_so_line_by_line() {
    let here = Installation::new().await;
    let said = here.doctor().await;
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.lines("FAIL").is_empty() && said.lines("warn").is_empty(), "{}", said.out);
    let mut expected = vec!["base URL", "cookies", "secret key", "passwords", "places", "program"];
    expected.extend(["settings", "proxies"]);
    expected.extend(["database", "migrations", "backups", "mail", "operators"]);
    expected.push("sealed values");
    expected.extend(["composite keys", "row-level security", "newest row", "audit log"]);
    if here.database.is_postgres() {
        expected.extend(["database role", "ownership", "back doors", "transactions", "pooler"]);
        expected.extend(["session settings", "clock", "writing", "connected role"]);
    } else {
        expected.extend(["write-ahead log", "foreign keys", "immovable rows", "database file"]);
        expected.push("free space");
    }
    for about in expected {
        assert!(said.out.contains(&format!("ok    {about}: ")), "{about}: {}", said.out);
    }
    assert_eq!(here.mail.count(), 0, "no mail is sent");
    let passwords = "At least 12 characters, none of 415945 common ones, and no list of your own";
    assert!(said.out.contains(passwords), "{}", said.out);
    let first = said.out.lines().next().unwrap();
    assert!(first.contains(concat!("Tenantry ", env!("CARGO_PKG_VERSION"), " (")), "{first}");
    here.database.remove().await;
}

#[tokio::test]
async fn operators_who_are_none_unproved_suspended_or_without_a_second_factor_are_warned_of() {
    let here = Installation::new().await;
    let fine =
        "ok    operators: There is one (1), each with a confirmed address and a second factor.";
    let said = here.doctor().await;
    assert!(said.out.contains(fine), "{}", said.out);
    for (change, warned, mend) in [
        (
            "update passkeys set removed_at = created_at",
            "ona@example.test has no second factor",
            "under Security",
        ),
        (
            "update users set email_verified_at = null",
            "The address ona@example.test has not been confirmed",
            "tenantry user confirm ona@example.test",
        ),
        (
            "update users set suspended_at = created_at, suspended_reason = 'x'",
            "All of them are suspended",
            "tenantry user reactivate ADDRESS",
        ),
        ("delete from operators", "There is none", "tenantry operator first-link"),
    ] {
        here.execute(change).await;
        let said = here.doctor().await;
        assert_eq!(said.code, Some(0), "{}", said.out);
        let warned = format!("warn  operators: {warned}");
        let (_, after) = said.out.split_once(&warned).unwrap_or_else(|| panic!("{}", said.out));
        let next = after.lines().nth(1).unwrap_or_default();
        assert!(next.contains(mend), "{mend}: {}", said.out);
    }
    // Following the advice helps.
    let advised = here.run_all(&["operator", "first-link"], &[]).await;
    assert_eq!(advised.code, Some(0), "{}", advised.err);
    assert!(advised.out.contains("https://tenantry.example.test/first/"), "{}", advised.out);
    here.database.remove().await;
}

#[tokio::test]
async fn settings_that_leak_or_do_not_work_fail() {
    let here = Installation::new().await;
    let http = [("TENANTRY_BASE_URL", "http://a.test"), ("TENANTRY_ALLOW_HTTP", "true")];
    let said = here.run("doctor", &http).await;
    assert_eq!((said.code, said.lines("FAIL").len()), (Some(1), 2), "{}", said.out);
    assert!(said.out.contains("FAIL  base URL: http://a.test is plain http"), "{}", said.out);
    assert!(said.out.contains("TENANTRY_BASE_URL=https://"), "{}", said.out);
    assert!(said.out.contains("FAIL  cookies: "), "{}", said.out);

    let said = here.run("doctor", &[("TENANTRY_SMTP_URL", "smtp://127.0.0.1:1")]).await;
    said.fails_with("mail: 127.0.0.1:1: ", "TENANTRY_SMTP_URL");

    // People would wait for emails that never come, except on a developer's machine.
    let none = ("TENANTRY_SMTP_URL", "");
    here.run("doctor", &[none])
        .await
        .fails_with("mail: No mail server is set", "TENANTRY_SMTP_URL");
    let own = [none, ("TENANTRY_BASE_URL", "http://127.0.0.1:3000")];
    let said = here.run("doctor", &own).await;
    assert_eq!((said.code, said.lines("warn").len()), (Some(0), 1), "{}", said.out);
    let proxies = [("TENANTRY_TRUSTED_PROXIES", "0"), ("TENANTRY_BASEURL", "https://a.test")];
    let said = here.run("doctor", &proxies).await;
    assert_eq!((said.code, said.lines("warn").len()), (Some(0), 2), "{}", said.out);
    assert!(said.out.contains("warn  proxies: Behind https there is a proxy"), "{}", said.out);
    assert!(said.out.contains("warn  settings: TENANTRY_BASEURL (environment) is not one."));
    assert!(said.out.contains("Call it TENANTRY_BASE_URL"), "{}", said.out);
    let secret = here.folder.path().join("smtp");
    std::fs::write(&secret, format!("smtp://127.0.0.1:{}\n", here.mail.port)).unwrap();
    set_mode(&secret, 0o644);
    let secret = [none, ("TENANTRY_SMTP_URL_FILE", secret.to_str().unwrap())];
    here.run("doctor", &secret).await.fails_with("settings: Others can read /", "chmod 600 /");

    let list = here.folder.path().join("list.txt");
    let list = [("TENANTRY_PASSWORD_BLOCKLIST", list.to_str().unwrap())];
    let said = here.run("doctor", &list).await;
    assert_eq!((said.code, said.err.lines().count()), (Some(1), 1), "{}", said.err);
    assert!(said.err.contains("TENANTRY_PASSWORD_BLOCKLIST: /"), "{}", said.err);
    std::fs::write(list[0].1, "nine brass lanterns\nnightjar\n").unwrap();
    let said = here.run("doctor", &list).await;
    assert!(said.out.contains("none of the 2 in TENANTRY_PASSWORD_BLOCKLIST"), "{}", said.out);

    let key = here.folder.path().join("data/secret.key");
    set_mode(&key, 0o644);
    here.doctor().await.fails_with("secret key: Others can read", "chmod 600 data/secret.key");
    set_mode(&key, 0o600);
    std::fs::write(&key, "nonsense").unwrap();
    here.doctor().await.fails_with("secret key: ", "backup");
    std::fs::remove_file(&key).unwrap();
    let said = here.doctor().await;
    assert!(said.lines("warn")[0].contains("There is no data/secret.key yet."), "{}", said.out);
    assert!(!key.exists(), "the doctor changes nothing");
    here.database.remove().await;
}

#[tokio::test]
async fn a_database_that_is_not_there_fails_and_is_not_made() {
    let here = Installation::new().await;
    let said = here.run("doctor", &[("TENANTRY_DATABASE_URL", "sqlite:data/none.db")]).await;
    said.fails_with("database: There is no file data/none.db.", "tenantry migrate");
    assert!(!here.folder.path().join("data/none.db").exists());
    let url = [("TENANTRY_DATABASE_URL", "postgres://u:secret@127.0.0.1:1/d")];
    let said = here.run("doctor", &url).await;
    said.fails_with(
        "database: It cannot be reached: the database d at 127.0.0.1:1: Connection \
         refused",
        "TENANTRY_DATABASE_URL",
    );
    assert!(!said.out.contains("secret@"), "{}", said.out);
    here.database.remove().await;
}

#[tokio::test]
async fn a_pending_migration_fails_and_postgresql_is_not_served_from() {
    let here = Installation::new().await;
    here.execute(
        "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)",
    )
    .await;
    here.doctor()
        .await
        .fails_with("migrations: The database is not up to date", "tenantry migrate");
    if here.database.is_postgres() {
        let said = here.run("serve", &[]).await;
        assert_eq!(said.code, Some(1));
        assert!(said.err.contains("not up to date"), "{}", said.err);
        assert!(
            said.err.contains("Run `tenantry migrate` with the URL of its owner"),
            "{}",
            said.err
        );
    }
    here.database.remove().await;
}

#[tokio::test]
async fn a_foreign_key_without_the_organization_fails() {
    let here = Installation::new().await;
    if here.database.is_postgres() {
        here.execute(
            "create unique index loose on projects (id);
             alter table tasks drop constraint tasks_organization_id_project_id_fkey;
             alter table tasks add constraint loose foreign key (project_id) references projects (id)",
        )
        .await;
        let said = here.doctor().await;
        said.fails_with("composite keys: The foreign key loose of tasks", "drop constraint loose");
        here.mends("drop constraint loose").await;
    } else {
        here.execute(
            "create unique index loose on clients (id);
             pragma writable_schema = on;
             update sqlite_schema set sql = replace(sql,
                'foreign key (organization_id, client_id) references clients (organization_id, id)',
                'foreign key (client_id) references clients (id)')
             where name = 'projects' and type = 'table';",
        )
        .await;
        let said = here.doctor().await;
        said.fails_with(
            "composite keys: The foreign key (client_id) of projects",
            "references clients (organization_id, …)",
        );
    }
    here.database.remove().await;
}

#[tokio::test]
async fn sqlite_rows_that_could_move_and_a_file_for_everybody_fail() {
    let here = Installation::new().await;
    if here.database.is_postgres() {
        return here.database.remove().await;
    }
    here.execute("drop trigger projects_stay").await;
    let said = here.doctor().await;
    said.fails_with("immovable rows: The trigger projects_stay", "create trigger projects_stay");
    let mend = said.out.lines().find(|line| line.contains("create trigger")).unwrap().trim();
    here.execute(mend).await;
    assert_eq!(here.doctor().await.code, Some(0), "what it says mends it");

    let path = Path::new(here.database.url.strip_prefix("sqlite:").unwrap());
    set_mode(path, 0o644);
    set_mode(path.parent().unwrap(), 0o755);
    here.doctor().await.fails_with("database file: Everyone", "chmod o= ");
    set_mode(path.parent().unwrap(), 0o700);

    here.execute(
        "insert into users (id, name, name_key, email, password_hash, created_at)
         values (zeroblob(16), 'x', 'x', 'x', '', 0);
         insert into sign_ins (id, user_id, session_hash, created_at, last_seen_at, expires_at,
                               kept, address, user_agent)
         values (zeroblob(16), zeroblob(16), x'00', 0, 9000000000000000, 0, false, '', '')",
    )
    .await;
    let said = here.doctor().await;
    assert!(said.lines("warn").iter().any(|line| line.contains("in the future")), "{}", said.out);

    here.execute(
        "pragma foreign_keys = off;
         insert into organization_slugs (slug, organization_id, created_at)
         values ('lost', x'00000000000000000000000000000001', 0)",
    )
    .await;
    here.doctor()
        .await
        .fails_with("foreign keys: 1 rows of organization_slugs", "foreign_key_check");
    here.database.remove().await;
}

/// A defect of PostgreSQL, the line that reports it, and a part of the command that mends it. The
/// test runs that command.
const DEFECTS: &[(&str, &str, &str)] = &[
    (
        "drop policy tenant on projects",
        "row-level security: The policy `tenant` on projects is missing",
        "create policy tenant on projects",
    ),
    (
        "alter table projects no force row level security",
        "row-level security: Row-level security is not forced on projects.",
        "force row level security",
    ),
    (
        "create policy open on projects using (true)",
        "row-level security: The policy open on projects is not one of ours.",
        "drop policy open on projects;",
    ),
    (
        "create view everything as select * from projects",
        "back doors: The view everything works with its owner's rights",
        "alter view everything set (security_invoker = true);",
    ),
    (
        "create materialized view \"Every Thing\" as select 1 as one",
        "back doors: The view Every Thing works with its owner's rights",
        "alter materialized view \"Every Thing\" set schema elsewhere;",
    ),
    (
        "create function peep(\"of\" text, n int) returns bigint language sql security definer
         as 'select count(*) from projects'",
        "back doors: The function peep works with its owner's rights",
        "alter function peep(text,integer) security invoker;",
    ),
    (
        "create policy \"let in\" on tasks for select using (true)",
        "row-level security: The policy let in on tasks is not one of ours.",
        "drop policy \"let in\" on tasks;",
    ),
];

#[tokio::test]
async fn a_dump_that_came_without_the_policies_for_looking_things_up_is_told_of() {
    let here = Installation::new().await;
    if here.database.is_postgres() {
        here.execute("drop policy to_member on memberships").await;
        let what = "row-level security: The policy to_member on memberships is missing";
        here.doctor().await.fails_with(what, "restore it again");
        assert!(here.run("serve", &[]).await.err.contains("to_member on memberships"));
    }
    here.database.remove().await;
}

#[tokio::test]
async fn each_hole_in_postgresql_has_its_line_and_serve_says_the_same() {
    for (defect, what, mend) in DEFECTS {
        let here = Installation::new().await;
        if !here.database.is_postgres() {
            return;
        }
        here.execute(defect).await;
        here.doctor().await.fails_with(what, mend);
        let said = here.run("serve", &[]).await;
        let (_, words) = what.split_once(": ").unwrap();
        assert_eq!(said.code, Some(1), "{}", said.err);
        assert!(said.err.contains(words) && said.err.contains(mend), "{}", said.err);
        here.mends(mend).await;
        here.database.remove().await;
    }
}

#[tokio::test]
async fn extensions_to_watch_a_server_are_let_through_and_what_hides_behind_them_is_not() {
    let here = Installation::new().await;
    if !here.database.is_postgres() {
        return here.database.remove().await;
    }
    here.execute("create extension pg_stat_statements; create extension pg_buffercache").await;
    let said = here.doctor().await;
    assert_eq!(said.code, Some(0), "{}", said.out);
    assert!(said.out.contains("ok    back doors: "), "{}", said.out);
    here.execute(
        "create view everything as select * from projects;
         alter extension pg_buffercache add view everything",
    )
    .await;
    here.doctor().await.fails_with(
        "back doors: The view everything of the extension pg_buffercache works with",
        "alter extension pg_buffercache set schema extensions;",
    );
    here.mends("alter extension pg_buffercache set schema extensions;").await;
    // Migrating does not touch what belongs to others.
    let owner = [("TENANTRY_DATABASE_URL", here.database.owner_url.as_str())];
    assert_eq!(here.run("migrate", &owner).await.code, Some(0));
    here.database.remove().await;
}

#[tokio::test]
async fn a_database_that_takes_no_writes_fails() {
    let here = Installation::new().await;
    if here.database.is_postgres() {
        let name = url::Url::parse(&here.database.url).unwrap().path()[1..].to_owned();
        here.execute(&format!("alter database {name} set default_transaction_read_only = on"))
            .await;
        let said = here.doctor().await;
        said.fails_with("writing: Transactions are read-only here", "alter database");
    }
    here.database.remove().await;
}

#[tokio::test]
async fn a_database_from_a_newer_version_is_called_so_and_left_alone() {
    let here = Installation::new().await;
    here.execute(
        "insert into _sqlx_migrations
            (version, description, success, checksum, execution_time)
         select 9001, 'of tomorrow', success, checksum, 0 from _sqlx_migrations where version = 1",
    )
    .await;
    let words = "is newer than this program";
    let said = here.doctor().await;
    said.fails_with(words, "Run the version of Tenantry that migrated it");
    let owner = [("TENANTRY_DATABASE_URL", here.database.owner_url.as_str())];
    for (command, variables) in [("serve", &[][..]), ("migrate", &owner), ("audit", &[])] {
        let said = match command {
            "audit" => here.run_all(&["audit", "verify"], variables).await,
            command => here.run(command, variables).await,
        };
        assert_eq!(said.code, Some(1), "{command}: {}", said.err);
        assert!(said.err.contains(words) && said.err.contains("9001"), "{command}: {}", said.err);
        assert!(!said.err.contains("tenantry migrate"), "{command}: {}", said.err);
    }
    here.database.remove().await;
}

#[tokio::test]
async fn asvs_13_2_2_neither_a_superuser_nor_the_owner_is_served() {
    let here = Installation::new().await;
    if !here.database.is_postgres() {
        return here.database.remove().await;
    }
    let superuser = [("TENANTRY_DATABASE_URL", here.database.superuser_url.as_str())];
    let said = here.run("doctor", &superuser).await;
    said.fails_with("database role: The database role", "Leave this role as it is");
    // It may be the only superuser of the server: no advice may take its rights away.
    assert!(!said.out.contains("alter role"), "{}", said.out);
    let said = here.run("serve", &superuser).await;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("can bypass row-level security."), "{}", said.err);
    assert!(said.err.contains("Leave this role as it is"), "{}", said.err);
    assert!(!said.err.contains("alter role"), "{}", said.err);

    // An owner who is not a superuser, as the manual sets it up.
    let owner = [("TENANTRY_DATABASE_URL", here.database.owner_url.as_str())];
    let said = here.run("doctor", &owner).await;
    said.fails_with("ownership: The database role", "`tenantry migrate` with the owner's URL");
    let other = said.lines("warn").iter().any(|line| line.contains("TENANTRY_DATABASE_ROLE says"));
    assert!(other, "{}", said.out);
    let said = here.run("serve", &owner).await;
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("owns the table"), "{}", said.err);
    assert!(said.err.contains("Run `tenantry migrate` with the owner's URL"), "{}", said.err);
    here.database.remove().await;
}
