//! `tenantry doctor`, and what makes `serve` refuse to start.

#![expect(clippy::disallowed_methods, reason = "these tests start the program and wait for it")]

mod database;
mod installation;
mod postgres;
mod schema;

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{MailServer, TestDatabase, set_mode};

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
