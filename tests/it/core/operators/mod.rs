//! Operators of the installation: who is one, and helpers for the tests of what they do.

#![expect(clippy::disallowed_methods, reason = "a test starts the program and waits for it")]

mod first;
mod organizations;
mod people;
mod suspension;
mod system;
mod users;
mod visits;

use tenantry::core::operators::{OperatorCommand, run};

use crate::support::world::{self, House};
use crate::support::{Answer, Browser, TestApp, email_of};

const LIST: &str = "/operator/organizations";
const REASON: &str = "Ticket 42: the invitations do not arrive";

/// Makes somebody an operator.
pub(crate) async fn grant(app: &TestApp, name: &str) {
    run(&app.app, &OperatorCommand::Grant { email: email_of(name) }).await.unwrap();
}

async fn revoke(app: &TestApp, name: &str) -> String {
    run(&app.app, &OperatorCommand::Revoke { email: email_of(name) }).await.unwrap()
}

/// An operator, who has an organization of their own.
pub(crate) async fn operator(app: &TestApp, name: &str) -> Browser {
    let browser = app.founder(name, &format!("{name} Ltd")).await;
    grant(app, name).await;
    browser
}

/// Acme with its owner, and an operator who is not a member.
async fn acme() -> (TestApp, Browser, Browser) {
    let app = TestApp::spawn().await;
    let owner = app.founder("Olga Owner", "Acme").await;
    let operator = operator(&app, "Otto Operator").await;
    (app, owner, operator)
}

/// The id of an organization, as an operator's list has it.
pub(crate) async fn organization_id(operator: &Browser, slug: &str) -> String {
    let page = operator.get(&format!("{LIST}?q={slug}")).await.expect(200);
    page.attribute("tbody tr", "id").strip_prefix("organization-").unwrap().to_owned()
}

async fn path(operator: &Browser, slug: &str, act: &str) -> String {
    format!("{LIST}/{}/{act}", organization_id(operator, slug).await)
}

async fn suspend(operator: &Browser, slug: &str, reason: &str) {
    let path = path(operator, slug, "suspend").await;
    operator.post(&path, &[("reason", reason)]).await.expect_redirect(LIST);
}

async fn enter(operator: &Browser, slug: &str, may_write: bool) {
    let mut fields = vec![("reason", REASON), ("minutes", "30")];
    if may_write {
        fields.push(("may_write", "yes"));
    }
    let answer = operator.post(&path(operator, slug, "enter").await, &fields).await;
    answer.expect_redirect(&format!("/orgs/{slug}"));
}

/// The audit log of an organization: action, kind of actor, details.
async fn log(app: &TestApp, slug: &str) -> Vec<String> {
    app.work().await;
    app.database
        .texts(&format!(
            "select l.action || ' ' || l.actor_kind || ' ' || d.content
             from audit_log l
             join audit_details d
                on d.organization_id = l.organization_id and d.sequence = l.sequence
             join organizations o on o.id = l.organization_id
             where o.slug = '{slug}' order by l.sequence"
        ))
        .await
}

/// All pages and changes of Acme, with real ids, which are created for this.
async fn calls(app: &TestApp, owner: &Browser) -> Vec<(String, String)> {
    let house = House::furnish(app, owner.clone(), "Acme", "acme").await;
    world::calls(app, &house).into_iter().map(|call| (call.method, call.path)).collect()
}

#[derive(Clone, Copy, Debug)]
enum As {
    Page,
    Htmx,
    Json,
}

async fn call(browser: &Browser, method: &str, path: &str, kind: As) -> Answer {
    let mut request = browser.request(method, path);
    if method == "POST" {
        request = request.header("content-type", "application/x-www-form-urlencoded").body("");
    }
    browser
        .send(match kind {
            As::Page => request,
            As::Htmx => request.header("hx-request", "true").header("hx-request-type", "partial"),
            As::Json => request.header("accept", "application/json"),
        })
        .await
}

/// Runs the program on the application's database, in an empty folder that it must leave empty;
/// returns its exit code and output.
fn command(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tenantry"))
        .args(arguments)
        .current_dir(folder.path())
        .env("TENANTRY_DATABASE_URL", &app.database.url)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(folder.path().read_dir().unwrap().next().is_none(), "a command makes no file");
    let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn operators_are_made_listed_and_unmade_at_the_command_line_alone() {
    let app = TestApp::spawn().await;
    app.founder("Otto Operator", "Ops").await;
    let command = |arguments: &[&str]| command(&app, arguments);
    let email = "otto.operator@example.test";
    assert_eq!(command(&["operator", "list"]).1, "There is no operator.");
    let (code, said, _) = command(&["operator", "grant", "OTTO.Operator@example.test"]);
    assert_eq!(code, Some(0));
    assert!(said.starts_with(&format!("{email} is now an operator.\n")), "{said}");
    assert!(
        said.contains("two-factor authentication") && said.contains("/account/security"),
        "{said}"
    );
    let (code, said, _) = command(&["operator", "grant", email]);
    assert_eq!(code, Some(0));
    assert!(said.starts_with(&format!("{email} is already an operator.\n")), "{said}");
    let (_, said, _) = command(&["operator", "list"]);
    assert!(said.starts_with(&format!("{email}\tOtto Operator\t")), "{said}");
    for act in ["grant", "revoke"] {
        for unknown in ["nobody@example.test", "no address"] {
            let (code, said, error) = command(&["operator", act, unknown]);
            assert_eq!((code, said.as_str()), (Some(1), ""), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
            assert!(error.contains("nobody has an account with this address"), "{error}");
        }
    }
    let (code, said, _) = command(&["operator", "revoke", email]);
    assert_eq!((code, said), (Some(0), format!("{email} is no longer an operator.")));
    let (code, said, _) = command(&["operator", "revoke", email]);
    assert_eq!((code, said), (Some(0), format!("{email} is not an operator.")));
    let recorded = "select action || ' ' || actor_kind from audit_log
         where action like 'operator.%' and person_id is not null
            and organization_id not in (select id from organizations) order by sequence";
    let recorded = app.database.texts(recorded).await;
    assert_eq!(recorded, ["operator.granted system", "operator.revoked system"]);
}

#[tokio::test]
async fn the_account_menu_leads_operators_to_the_list_and_nobody_else() {
    let (_app, owner, operator) = acme().await;
    let link = |page: &Answer| page.count(".user-menu a[href='/operator/organizations']");
    assert_eq!(link(&operator.get("/orgs").await.expect(200)), 1);
    assert_eq!(link(&owner.get("/orgs/acme").await.expect(200)), 0);
}
