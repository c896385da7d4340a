//! A separate application for each test.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tenantry::platform::App;
use tenantry::platform::audit::refusals;
use tenantry::platform::clock::{Clock, Timestamp};
use tenantry::platform::config::Config;
use tenantry::platform::db::Patience;
use tenantry::platform::secrets::Keyring;
use tenantry::platform::session::presence;
use tenantry::platform::tenant::{Permissions, RoleKey, built_in};
use tenantry::platform::web::cookie;
use tenantry::{server, workers};
use time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::browser::Browser;
use super::database::TestDatabase;
use super::invariants;
use super::log;
use super::secrets::Secrets;
use super::smtp::{Mail, MailServer};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";

/// The application, its database, its mail server, and a clock that the test sets.
pub struct TestApp {
    pub app: App,
    pub origin: String,
    pub database: Arc<TestDatabase>,
    pub mail: MailServer,
    /// What its people saw and typed that must stay secret.
    pub secrets: Secrets,
    /// Where the log ended when the application started.
    log_start: usize,
    server: JoinHandle<()>,
    /// Whether the test has tampered with the audit log.
    is_log_broken: AtomicBool,
}

impl TestApp {
    /// An application with a mail server.
    pub async fn spawn() -> Self {
        Self::spawn_with(|config| config).await
    }

    /// An application with a mail server and other settings.
    pub async fn spawn_with(change: impl FnOnce(Config) -> Config) -> Self {
        Self::spawn_waiting(Patience::USUAL, change).await
    }

    /// An application with the database's time limits in `patience`.
    pub async fn spawn_patient(patience: Patience) -> Self {
        Self::spawn_waiting(patience, |config| config).await
    }

    async fn spawn_waiting(patience: Patience, change: impl FnOnce(Config) -> Config) -> Self {
        log::keep();
        let database = Arc::new(TestDatabase::create().await);
        let mail = MailServer::start().await;
        let config = change(Config::for_tests(database.url.clone(), Some(mail.port)));
        let db = database.connect(config.database_connections, patience).await;
        let listener = TcpListener::bind(config.listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        let clock = Clock::manual(Timestamp::from_micros(1_790_000_000_000_000));
        let app = App::new(db, clock, config.bound_to(address), Keyring::random());
        let server = tokio::spawn(server::listen(app.clone(), listener, std::future::pending()));
        Self {
            origin: format!("http://{address}"),
            app,
            database,
            mail,
            secrets: Secrets::default(),
            log_start: log::end(),
            server,
            is_log_broken: AtomicBool::new(false),
        }
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        let browser = match self.app.config.is_loopback() {
            true => Browser::new(&self.origin),
            false => Browser::under(&self.origin, &self.app.config.origin()),
        };
        browser.noting(self.secrets.clone())
    }

    /// Somebody who has signed up with an organization, through the form, and has confirmed their
    /// address if mail is sent.
    pub async fn founder(&self, name: &str, organization: &str) -> Browser {
        let browser = self.unproved_founder(name, organization).await;
        if self.app.config.smtp.is_some() {
            let link = self.last_mail(&email_of(name)).await.link("/verify/");
            browser.submit(&link, &[]).await.expect(200);
        }
        self.work().await;
        browser
    }

    /// Somebody who has signed up with an organization, and has not confirmed their address.
    pub async fn unproved_founder(&self, name: &str, organization: &str) -> Browser {
        let browser = self.browser();
        let email = email_of(name);
        let fields = [
            ("name", name),
            ("email", email.as_str()),
            ("password", PASSWORD),
            ("organization", organization),
        ];
        let page = browser.submit("/signup", &fields).await;
        assert_eq!(page.text("h1"), organization, "{}", page.body);
        self.work().await;
        browser
    }

    /// Somebody whom `inviter` has invited to `slug`, and who has accepted as a new person.
    pub async fn member(&self, inviter: &Browser, slug: &str, name: &str, role: &str) -> Browser {
        let email = email_of(name);
        let link = self.invite(inviter, slug, &email, role).await;
        let browser = self.browser();
        let fields = [("name", name), ("password", PASSWORD)];
        let answer = browser.post(&format!("{link}/accept"), &fields).await;
        answer.expect_redirect(&format!("/orgs/{slug}"));
        self.work().await;
        browser
    }

    /// Invites `email`, and returns the path of the link in the email.
    pub async fn invite(&self, inviter: &Browser, slug: &str, email: &str, role: &str) -> String {
        let fields = [("email", email), ("role", role)];
        let answer = inviter.post(&format!("/orgs/{slug}/invitations"), &fields).await;
        answer.expect_redirect(&format!("/orgs/{slug}/members?show=invited"));
        self.last_mail(email).await.link("/invitations/")
    }

    /// Makes the account of `name` two months old, with 20 people who have joined at its
    /// invitation, so that it has the highest limits on emails and may add messages.
    pub async fn trust(&self, name: &str) {
        let (id, hash, months) = match self.database.is_postgres() {
            true => {
                let hash = "sha256(gen_random_uuid()::text::bytea)";
                ("gen_random_uuid()", hash, "interval '60 days'")
            }
            false => ("randomblob(16)", "randomblob(32)", "5184000000000"),
        };
        let email = email_of(name);
        let age =
            format!("update users set created_at = created_at - {months} where email = '{email}'");
        self.database.execute(&age).await.unwrap();
        for _ in 0..20 {
            let joined = format!(
                "insert into stranger_mails (id, sender_id, recipient_hash, sent_at, joined_at)
                 select {id}, id, {hash}, created_at, created_at from users where email = '{email}'"
            );
            self.database.execute(&joined).await.unwrap();
        }
    }

    /// A second browser of somebody with an account; they are informed by email.
    pub async fn sign_in(&self, name: &str) -> Browser {
        self.work().await;
        let browser = self.browser();
        let email = email_of(name);
        let answer = browser.post("/login", &[("email", &email), ("password", PASSWORD)]).await;
        answer.expect_redirect("/");
        self.work().await;
        let mails = self.mail.delivered_to(&email);
        assert!(mails.iter().any(|mail| mail.subject.contains("New sign-in")), "{name} is told");
        browser
    }

    /// Sets a new password with the link that is emailed; returns the browser, which is not signed
    /// in.
    pub async fn set_password_by_mail(&self, email: &str, password: &str) -> Browser {
        self.work().await;
        let browser = self.browser();
        browser.post("/password/forgot", &[("email", email)]).await.expect_redirect("/login");
        let link = self.last_mail(email).await.link("/password/reset/");
        browser.get(&link).await.expect_redirect("/password/reset");
        let fields = [("password", password)];
        browser.post("/password/reset", &fields).await.expect_redirect("/login");
        self.work().await;
        browser
    }

    /// Does all background work that is due.
    pub async fn work(&self) {
        presence::flush(&self.app).await.unwrap();
        refusals::flush(&self.app).await.unwrap();
        workers::work_off(&self.app).await.unwrap();
    }

    /// The newest email to `address`.
    pub async fn last_mail(&self, address: &str) -> Mail {
        self.work().await;
        let mails = self.mail.delivered_to(address);
        mails.into_iter().next_back().unwrap_or_else(|| panic!("no mail to {address}"))
    }

    /// The beginning of `Set-Cookie` for our small cookie `name`, or for the session's with `""`.
    pub fn cookie(&self, name: &str) -> String {
        match name {
            "" => format!("{}=", cookie::session_name(&self.app.config)),
            name => format!("{}=", cookie::full_name(name, &self.app.config)),
        }
    }

    /// Advances the clock.
    pub fn advance(&self, by: Duration) {
        self.app.clock.advance(by);
    }

    /// Advances the clock to the machine's, which commands use.
    pub fn catch_up(&self) {
        let behind = Clock::System.now().since(self.app.clock.now());
        if behind.is_positive() {
            self.advance(behind + Duration::seconds(1));
        }
    }

    /// The id of a person's membership, from the table's row.
    pub async fn membership_id(&self, viewer: &Browser, slug: &str, name: &str) -> String {
        self.row_id(viewer, slug, &email_of(name)).await
    }

    /// The id of the row that a search for `search` finds in the table of members.
    pub async fn row_id(&self, viewer: &Browser, slug: &str, search: &str) -> String {
        let page = viewer.get(&format!("/orgs/{slug}/members?q={search}")).await;
        let row = page.attribute("tbody tr", "id");
        row.strip_prefix("person-").unwrap_or_else(|| panic!("{}", page.body)).to_owned()
    }

    /// The places that contain one of `secrets` in clear text.
    pub async fn leaks(&self, secrets: &Secrets) -> Vec<String> {
        let mut direct = self.database.direct().await;
        invariants::leaks(&mut direct, &self.database, secrets, self.log_start).await
    }

    /// The whole content of the database, as text.
    pub async fn dump(&self) -> String {
        let tables = self.database.tables().await;
        let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
        self.dump_tables(&tables).await
    }

    /// The content of some tables, as text.
    pub async fn dump_tables(&self, tables: &[&str]) -> String {
        let mut dump = String::new();
        let mut direct = self.database.direct().await;
        for table in tables {
            for row in direct.rows_without(table, &[]).await {
                dump.push_str(&format!("{table}: {row}\n"));
            }
        }
        dump
    }

    /// Removes the protection of the audit log, as somebody with direct access to the database
    /// could, for a test that tampers with it.
    pub async fn unguard_log(&self) {
        self.is_log_broken.store(true, Ordering::Relaxed);
        for (trigger, table) in [
            ("audit_log_is_added_to", "audit_log"),
            ("audit_log_is_kept", "audit_log"),
            ("audit_details_stand", "audit_details"),
            ("audit_chains_grow", "audit_chains"),
            ("audit_chains_are_kept", "audit_chains"),
        ] {
            let on =
                if self.database.is_postgres() { format!("on {table}") } else { String::new() };
            self.database.execute(&format!("drop trigger {trigger} {on}")).await.unwrap();
        }
        if self.database.is_postgres() {
            let refuse = "drop function refuse_change_of_audit() cascade";
            self.database.execute(refuse).await.unwrap();
        }
    }

    /// The roles of an organization with their permissions, lowest first.
    pub async fn roles(&self, slug: &str) -> Vec<(String, Permissions)> {
        let rows = self
            .database
            .texts(&format!(
                "select r.key || ':' || r.permissions from roles r
                 join organizations o on o.id = r.organization_id
                 where o.slug = '{slug}' order by r.rank"
            ))
            .await;
        let role = |row: &String| {
            let (key, stored) = row.split_once(':').expect("a key and its permissions");
            let built_in = built_in::permissions(&RoleKey::from(key.to_owned()));
            let permissions = built_in.unwrap_or_else(|| stored.parse().unwrap());
            (key.to_owned(), permissions)
        };
        rows.iter().map(role).collect()
    }

    /// How many statements `request` costs, besides `begin` and `commit`.
    pub async fn statements<T>(&self, request: impl Future<Output = T>) -> (u64, T) {
        let before = self.app.statements();
        let answer = request.await;
        (self.app.statements() - before, answer)
    }
}

/// The address of the person with this name: `Ada Lovelace` is `ada.lovelace@example.test`.
pub fn email_of(name: &str) -> String {
    format!("{}@example.test", name.to_lowercase().replace(' ', "."))
}

impl Drop for TestApp {
    /// Fails the test if emails were not sent, jobs were not done, an invariant is violated or a
    /// secret is readable.
    fn drop(&mut self) {
        self.server.abort();
        if std::thread::panicking() {
            return;
        }
        let database = Arc::clone(&self.database);
        let is_log_broken = self.is_log_broken.load(Ordering::Relaxed);
        let (secrets, log_start) = (self.secrets.clone(), self.log_start);
        self.mail.delivered().iter().for_each(|mail| secrets.note_mail(mail));
        let checked = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut direct = database.direct().await;
                let mut broken = invariants::broken(&mut direct).await;
                broken.extend(invariants::unreadable_fields(&mut direct).await);
                if !is_log_broken {
                    broken.extend(invariants::broken_logs(&database).await);
                }
                let leaks = invariants::leaks(&mut direct, &database, &secrets, log_start).await;
                broken.extend(leaks);
                direct.close().await.unwrap();
                database.remove().await;
                broken
            })
        });
        let broken = checked.join().expect("the check runs");
        assert!(broken.is_empty(), "after the test there is: {}", broken.join("; "));
    }
}
