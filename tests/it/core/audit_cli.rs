//! The audit log as evidence: verified on the page and on the command line, erased, purged.

#![expect(clippy::disallowed_methods, reason = "these tests start the program and wait for it")]

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::{Browser, TestApp, email_of};

/// The output and the exit code of a command.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    /// The line about one chain.
    fn line(&self, slug: &str) -> &str {
        let line = self.out.lines().find(|line| line.starts_with(&format!("{slug} (")));
        line.unwrap_or_else(|| panic!("{slug} is not in: {} {}", self.out, self.err))
    }
}

fn tenantry(url: &str, arguments: &[&str], typed: &str) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    for name in ["TENANTRY_BASE_URL", "TENANTRY_SMTP_URL", "TENANTRY_AUDIT_RETENTION_DAYS"] {
        command.env_remove(name);
    }
    let mut child = command
        .arg("audit")
        .args(arguments)
        .current_dir(folder.path())
        .env("TENANTRY_DATABASE_URL", url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it leaves no files");
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An organization with five entries in its log.
async fn busy(app: &TestApp, name: &str) -> Browser {
    let slug = name.to_lowercase();
    let owner = app.founder(&format!("{name} Owner"), name).await;
    for round in 0..4 {
        let fields = [("name", format!("{name} {round}")), ("slug", slug.clone())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        owner.post(&format!("/orgs/{slug}/settings"), &fields).await.expect(303);
    }
    owner
}

#[tokio::test]
async fn whatever_is_changed_removed_or_moved_in_the_log_is_found() {
    const BREAKS: &[(&str, &str, &[&str])] = &[
        (
            "Action",
            "entry 2 was changed",
            &["update audit_log set action = 'member.left' where sequence = 2 and ORG"],
        ),
        (
            "Details",
            "entry 3 has details that were changed",
            &["update audit_details set content = replace(content, 'Owner', 'Nobody')
               where sequence = 3 and ORG"],
        ),
        ("Row", "entry 2 is missing", &["delete from audit_log where sequence = 2 and ORG"]),
        (
            "Swap",
            "entry 2 was changed",
            &[
                "delete from audit_details where sequence in (2, 3) and ORG",
                "update audit_log set sequence = -1 where sequence = 2 and ORG",
                "update audit_log set sequence = 2 where sequence = 3 and ORG",
                "update audit_log set sequence = 3 where sequence = -1 and ORG",
            ],
        ),
        (
            "Cut",
            "entry 4 is missing, and all after it",
            &["delete from audit_log where sequence >= 4 and ORG"],
        ),
        (
            "Added",
            "entry 6 was added past the end",
            &["insert into audit_log (organization_id, sequence, at, actor_kind, action,
                   object_kind, details_hash, hash)
               select organization_id, 6, at, actor_kind, action, object_kind, details_hash, hash
               from audit_log where sequence = 5 and ORG"],
        ),
    ];
    let app = TestApp::spawn().await;
    let whole = busy(&app, "Whole").await;
    let mut owners = Vec::new();
    for (name, ..) in BREAKS {
        owners.push(busy(&app, name).await);
    }
    let before = tenantry(&app.database.url, &["verify"], "");
    assert_eq!(before.code, Some(0), "{}{}", before.out, before.err);
    assert_eq!(before.out.lines().count(), BREAKS.len() + 2, "{}", before.out);
    assert!(before.line("whole").contains("5 entries, 0 erased, head "));
    app.unguard_log().await;
    for (name, _, statements) in BREAKS {
        let slug = name.to_lowercase();
        let org = format!("organization_id = (select id from organizations where slug = '{slug}')");
        for statement in *statements {
            app.database.execute(&statement.replace("ORG", &org)).await.unwrap();
        }
    }
    let said = tenantry(&app.database.url, &["verify"], "");
    assert_eq!(said.code, Some(1));
    assert_eq!(said.err, "tenantry: 6 of 8 logs altered\n");
    for ((name, found, _), owner) in BREAKS.iter().zip(&owners) {
        let slug = name.to_lowercase();
        let line = said.line(&slug);
        assert!(line.contains("BROKEN") && line.contains(found), "{line}");
        let page = owner.get(&format!("/orgs/{slug}/audit/verify")).await.expect(200);
        let faults = page.texts(".proof-broken li").join("; ");
        assert!(faults.contains(found), "{name}: {faults}");
    }
    let one = tenantry(&app.database.url, &["verify", "--organization", "cut"], "");
    assert_eq!((one.code, one.out.lines().count()), (Some(1), 1));
    assert!(!said.line("whole").contains("BROKEN") && !said.line("-").contains("BROKEN"));
    let one = tenantry(&app.database.url, &["verify", "--organization", "whole"], "");
    assert_eq!(one.code, Some(0), "{}", one.err);
    let page = whole.get("/orgs/whole/audit/verify").await.expect(200);
    let words = page.text(".notice-success");
    assert!(words.contains("5 entries, unchanged."), "{words}");
    let head = page.attribute("#fingerprint", "value");
    assert!(one.out.contains(&head) && head.len() == 64, "{head}");
    let part = whole.htmx_get("/orgs/whole/audit/verify").await.expect(200);
    assert!(part.body.trim_start().starts_with("<div id=\"proof\""), "{}", part.body);
    let none = tenantry(&app.database.url, &["verify", "--organization", "nowhere"], "");
    assert_eq!((none.code, none.err.lines().count()), (Some(1), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_proof_is_not_disturbed_by_who_adds_to_the_log_meanwhile() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let olga = olga.clone();
            tokio::spawn(async move {
                for round in 0..40 {
                    let name = format!("Acme {writer} {round}");
                    let fields = [("name", name.as_str()), ("slug", "acme")];
                    olga.post("/orgs/acme/settings", &fields).await.expect(303);
                }
            })
        })
        .collect();
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        let page = olga.get("/orgs/acme/audit/verify").await.expect(200);
        assert_eq!(page.count(".notice-success"), 1, "{}", page.text("#proof"));
    }
    futures_util::future::join_all(writers).await;
}

#[tokio::test]
async fn the_log_is_only_ever_added_to() {
    let app = TestApp::spawn().await;
    app.founder("Olga Owner", "Acme").await;
    for statement in [
        "update audit_log set action = 'member.left'",
        "delete from audit_log",
        "update audit_details set content = '{}'",
        "update audit_chains set sequence = sequence - 1",
        "delete from audit_chains",
    ] {
        // As the owner of the tables: the triggers prevent it.
        let error = app.database.execute(statement).await.expect_err(statement).to_string();
        assert!(error.contains("the audit log is only added to"), "{statement}: {error}");
    }
    if !app.database.is_postgres() {
        return;
    }
    let mut connection = app.database.as_application().await;
    sqlx::raw_sql("set app.organization_id = '00000000-0000-0000-0000-000000000000'")
        .execute(&mut connection)
        .await
        .unwrap();
    for statement in [
        "update audit_log set action = 'member.left'",
        "delete from audit_log",
        "update audit_details set content = '{}'",
        "delete from audit_chains",
        "truncate audit_log",
    ] {
        let done = sqlx::raw_sql(statement).execute(&mut connection).await;
        let error = done.expect_err(statement).to_string();
        assert!(error.contains("permission denied"), "{statement}: {error}");
    }
}

#[tokio::test]
async fn erasing_a_person_takes_what_tells_about_them_and_the_log_still_proves_itself() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let vera = app.member(&olga, "acme", "Vera Viewer", "viewer").await;
    vera.get("/orgs/acme/audit").await.expect(403);
    app.founder("Sid Stranger", "Elsewhere").await;
    app.work().await;
    let email = email_of("Vera Viewer");
    let details = app.dump_tables(&["audit_details"]).await;
    assert!(details.contains(&email) && details.contains("Vera Viewer"));

    let no = tenantry(&app.database.url, &["erase", &email], "no\n");
    assert_eq!(no.code, Some(1));
    assert!(no.err.contains("can't be undone") && no.err.contains("nothing was erased"));
    assert_eq!(details, app.dump_tables(&["audit_details"]).await);
    let said = tenantry(&app.database.url, &["erase", &email], "yes\n");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.line("acme").contains("3 entries"), "{}", said.out);
    assert!(said.line("-").contains("1 entry"), "{}", said.out);
    assert_eq!(said.out.lines().count(), 2, "nothing was told elsewhere: {}", said.out);
    let details = app.dump_tables(&["audit_details"]).await;
    assert!(!details.contains(&email) && !details.contains("Vera Viewer"), "{details}");
    assert!(details.contains("Olga Owner") && details.contains("Sid Stranger"));

    let page = olga.get("/orgs/acme/audit").await.expect(200);
    let rows = page.texts("tbody tr");
    assert!(rows[0].contains("Tenantry erased the details of an account"), "{}", rows[0]);
    assert!(rows[1].contains("Someone wasn't allowed to do this"), "{}", rows[1]);
    assert!(rows[1].contains("details erased"), "{}", rows[1]);
    let page = olga.get("/orgs/acme/audit/verify").await.expect(200);
    let words = page.text(".notice-success");
    assert!(words.contains("5 entries, unchanged, with the details of 3 erased"), "{words}");
    let verified = tenantry(&app.database.url, &["verify"], "");
    assert_eq!(verified.code, Some(0), "{}", verified.out);
    // A person who was erased already is not erased again, and nothing is recorded.
    let again = tenantry(&app.database.url, &["erase", &email, "--yes"], "");
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert!(again.out.contains("says nothing about"), "{}", again.out);
    let wrong = tenantry(&app.database.url, &["erase", "nobody", "--yes"], "");
    assert_eq!((wrong.code, wrong.err.lines().count()), (Some(1), 1));
}

#[tokio::test]
async fn entries_outlive_the_member_and_the_organization_until_they_are_purged() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    let vera = app.member(&olga, "acme", "Vera Viewer", "viewer").await;
    app.founder("Sid Stranger", "Elsewhere").await;
    vera.post("/orgs/acme/leave", &[]).await.expect(303);
    app.work().await;
    let acme = app.database.texts(
        "select cast(sequence as text) from audit_log where organization_id =
            (select id from organizations where slug = 'acme')",
    );
    assert_eq!(acme.await.len(), 4);
    let count = "select count(*) from audit_log";
    let before = app.database.number(count).await;
    app.database.execute("delete from organizations where slug = 'acme'").await.unwrap();
    assert_eq!(app.database.number(count).await, before, "nothing goes with the organization");
    let details = "select count(*) from audit_details";
    assert_eq!(app.database.number(details).await, before);

    let owner = app.database.owner_url.clone();
    let verified = tenantry(&owner, &["verify"], "");
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
    assert!(verified.out.contains("an organization that is gone): 4 entries"), "{}", verified.out);
    let young = tenantry(&owner, &["purge", "--retention-days", "36500"], "");
    assert_eq!(young.code, Some(0), "{}", young.err);
    assert_eq!(young.out, "There is nothing to remove.\n");
    if app.database.is_postgres() {
        let refused = tenantry(&app.database.url, &["purge", "--retention-days", "0"], "");
        assert_eq!((refused.code, refused.err.lines().count()), (Some(1), 1), "{}", refused.err);
        assert!(refused.err.contains("the URL of the database's owner"), "{}", refused.err);
    }
    assert_eq!(app.database.number(count).await, before);
    let purged = tenantry(&owner, &["purge", "--retention-days", "0"], "");
    assert_eq!(purged.code, Some(0), "{}", purged.err);
    assert!(purged.out.ends_with(": 4 entries removed\n"), "{}", purged.out);
    // What is left: the logs of existing organizations, and one more entry about the purge.
    assert_eq!(app.database.number(count).await, before - 4 + 1);
    assert_eq!(app.database.number(details).await, before - 4 + 1);
    assert_eq!(app.database.number("select count(*) from audit_chains").await, 2);
    let told = "select count(*) from audit_log where action = 'audit.purged'";
    assert_eq!(app.database.number(told).await, 1);
    let verified = tenantry(&owner, &["verify"], "");
    assert_eq!(verified.code, Some(0), "{}", verified.out);
    assert_eq!(verified.out.lines().count(), 2, "{}", verified.out);
}

#[tokio::test]
async fn a_log_is_read_at_the_command_line_with_who_what_when_and_from_where() {
    let app = TestApp::spawn().await;
    busy(&app, "Acme").await;
    busy(&app, "Other").await;
    let url = app.database.url.as_str();
    let said = tenantry(url, &["list", "--organization", "acme"], "");
    assert_eq!(said.code, Some(0), "{}", said.err);
    let lines: Vec<Vec<&str>> = said.out.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), 5, "{}", said.out);
    let [at, who, action, what, changed, address, request] = lines[1][..] else {
        panic!("{}", said.out);
    };
    assert!(at.ends_with('Z') && who.starts_with("Acme Owner <"), "{}", said.out);
    assert_eq!((action, what), ("organization.changed", "Acme 0"), "{}", said.out);
    assert!(changed.contains("\"Acme 0\"") && request.len() == 36, "{}", said.out);
    assert!(address.parse::<std::net::IpAddr>().is_ok(), "{address}");
    assert!(!said.out.contains("Other"), "{}", said.out);

    // The installation's log in the format for programs, filtered.
    let said = tenantry(url, &["list", "--json", "--who", "other owner"], "");
    let entries: Vec<serde_json::Value> =
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!entries.is_empty(), "{}", said.err);
    let is_meant = |entry: &serde_json::Value| {
        ["actor_email", "object_name"]
            .map(|name| entry[name].as_str())
            .contains(&Some("other.owner@example.test"))
    };
    assert!(entries.iter().all(is_meant), "{}", said.out);
    let said = tenantry(url, &["list", "--from", "2999-01-01"], "");
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""));
    let said = tenantry(url, &["list", "--to", "yesterday"], "");
    assert!(said.code == Some(1) && said.err.contains("--to: Write the day as"), "{}", said.err);
    let said = tenantry(url, &["list", "--organization", "nobodys"], "");
    assert!(said.err.contains("no organization at"), "{}", said.err);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nothing.db");
    let said = tenantry(&format!("sqlite:{}", path.display()), &["verify"], "");
    assert_eq!((said.code, said.err.lines().count()), (Some(1), 1), "{}", said.err);
    assert!(!path.exists());
}
