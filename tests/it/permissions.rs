//! Who may call what, taken from the route table itself: a route that is added is tested.

use tenantry::operators::{self, OperatorCommand};
use tenantry::platform::tenant::{Permission, Permissions};
use tenantry::platform::web::route::Access;
use tenantry::router;

use crate::support::{Browser, TestApp, email_of};

/// A route with real ids in its path.
struct Call {
    method: String,
    path: String,
    access: Access,
}

/// Every route inside an organization, with ids of Acme.
async fn calls(app: &TestApp, owner: &Browser) -> Vec<Call> {
    let member = app.membership_id(owner, "acme", "Mia Member").await;
    let invitation = app.row_id(owner, "acme", "guest@example.test").await;
    let made = |path: &str, fields: &'static [(&'static str, &'static str)]| {
        let (owner, path) = (owner.clone(), path.to_owned());
        async move {
            let answer = owner.post(&path, fields).await.expect(303);
            answer.location().unwrap().rsplit('/').next().unwrap().to_owned()
        }
    };
    let client = made("/orgs/acme/clients", &[("name", "Harbour")]).await;
    let project = made("/orgs/acme/projects", &[("name", "Alpha"), ("restricted", "yes")]).await;
    let filter = [("list", "projects"), ("name", "Mine"), ("query", "?mine=1")];
    owner.post("/orgs/acme/filters", &filter).await.expect(303);
    let filter = owner.get("/orgs/acme/projects").await.attribute(".chip form", "action");
    let filter = filter.split('/').nth(4).unwrap().to_owned();
    router::routes(&app.app)
        .into_iter()
        .filter(|route| matches!(route.access, Access::Member(_) | Access::Project(_)))
        .map(|route| {
            let id = match route.path.split('/').nth(3) {
                Some("invitations") => &invitation,
                Some("clients") => &client,
                Some("filters") => &filter,
                _ => &member,
            };
            let path = route.path.replace("{slug}", "acme").replace("{id}", id);
            let path = path.replace("{project}", &project);
            assert!(!path.contains('{'), "{path}: a parameter that this test does not know");
            Call { method: route.method.to_string(), path, access: route.access }
        })
        .collect()
}

async fn acme() -> (TestApp, Browser) {
    let app = TestApp::spawn().await;
    let owner = app.founder("Olga Owner", "Acme").await;
    app.member(&owner, "acme", "Mia Member", "member").await;
    app.invite(&owner, "acme", "guest@example.test", "viewer").await;
    (app, owner)
}

async fn call(browser: &Browser, call: &Call, htmx: bool) -> crate::support::Answer {
    let mut request = browser.request(&call.method, &call.path);
    if htmx {
        request = request.header("hx-request", "true").header("hx-request-type", "partial");
    }
    if call.method == "POST" {
        request = request.header("content-type", "application/x-www-form-urlencoded").body("");
    }
    browser.send(request).await
}

#[tokio::test]
async fn nobody_outside_the_organization_reaches_any_of_its_routes() {
    let (app, owner) = acme().await;
    let calls = calls(&app, &owner).await;
    assert!(calls.len() >= 16, "{} routes", calls.len());
    let stranger = app.founder("Sid Stranger", "Elsewhere").await;
    let gone = app.member(&owner, "acme", "Gus Gone", "admin").await;
    gone.post("/orgs/acme/leave", &[]).await.expect(303);
    let nobody = app.browser();
    let before = app.dump_tables(&["memberships", "invitations", "organizations", "roles"]).await;
    for one in &calls {
        for htmx in [false, true] {
            let answer = call(&nobody, one, htmx).await;
            let expected = if htmx { 204 } else { 303 };
            assert_eq!(answer.status.as_u16(), expected, "anonymous {} {}", one.method, one.path);
            for (who, browser) in [("a stranger", &stranger), ("a former member", &gone)] {
                let answer = call(browser, one, htmx).await;
                assert_eq!(answer.status.as_u16(), 404, "{who} {} {}", one.method, one.path);
            }
        }
    }
    let after = app.dump_tables(&["memberships", "invitations", "organizations", "roles"]).await;
    assert_eq!(before, after, "nothing changed");
}

#[tokio::test]
async fn a_role_that_lacks_the_permission_is_refused_on_every_route_that_needs_it() {
    let (app, owner) = acme().await;
    let calls = calls(&app, &owner).await;
    let roles = app.roles("acme").await;
    assert_eq!(roles.len(), 4);
    let settings = "select name || ' ' || slug from organizations";
    let before = app.database.texts(settings).await;
    let mut refused = 0;
    for (key, permissions) in &roles {
        let set: Permissions = permissions.parse().unwrap();
        let email = format!("{key}@example.test");
        let browser = app.browser();
        let link = app.invite(&owner, "acme", &email, key).await;
        let fields = [("name", key.as_str()), ("password", crate::support::PASSWORD)];
        browser.post(&format!("{link}/accept"), &fields).await.expect(303);
        app.work().await;
        for one in &calls {
            let Access::Member(Some(needed)) = one.access else { continue };
            if set.include(needed) {
                if one.method == "GET" {
                    let answer = call(&browser, one, false).await;
                    assert!(answer.status.as_u16() < 400, "{key} {}: {}", one.path, answer.status);
                }
                continue;
            }
            for htmx in [false, true] {
                let answer = call(&browser, one, htmx).await;
                assert_eq!(answer.status.as_u16(), 403, "{key} {} {}", one.method, one.path);
                refused += 1;
            }
        }
    }
    assert!(refused >= 40, "{refused} refusals");
    assert_eq!(before, app.database.texts(settings).await, "nothing of the organization changed");
}

#[tokio::test]
async fn every_permission_guards_a_route_and_belongs_to_a_role() {
    let (app, owner) = acme().await;
    let calls = calls(&app, &owner).await;
    let roles = app.roles("acme").await;
    for permission in Permission::ALL {
        // These two decide about the role in a project, which guards routes of its own.
        let in_projects = [Permission::ViewAllProjects, Permission::ManageProjects];
        assert!(
            in_projects.contains(permission)
                || calls.iter().any(|call| call.access == Access::Member(Some(*permission))),
            "{permission:?} guards nothing"
        );
        assert!(
            roles.iter().any(|(_, set)| set.parse::<Permissions>().unwrap().include(*permission)),
            "{permission:?} belongs to no role"
        );
    }
}

#[tokio::test]
async fn routes_for_whoever_is_signed_in_send_everybody_else_to_sign_in() {
    let (app, _owner) = acme().await;
    let nobody = app.browser();
    let mut tested = 0;
    for route in router::routes(&app.app) {
        if route.access != Access::SignedIn {
            continue;
        }
        let id = "00000000-0000-0000-0000-000000000000";
        let token = "A".repeat(43);
        let path = route.path.replace("{id}", id).replace("{token}", &token);
        let one = Call { method: route.method.to_string(), path, access: route.access };
        let answer = call(&nobody, &one, false).await;
        let to = answer.location().unwrap_or_default();
        assert!(to.starts_with("/login?next="), "{} {}: {}", one.method, one.path, answer.status);
        tested += 1;
    }
    assert!(tested >= 10, "{tested} routes");
}

#[tokio::test]
async fn the_pages_of_operators_are_found_by_operators_alone() {
    let (app, owner) = acme().await;
    let person = app.sign_in("Mia Member").await;
    let nobody = app.browser();
    let operator = app.founder("Otto Operator", "Ops").await;
    let grant = OperatorCommand::Grant { email: email_of("Otto Operator") };
    operators::run(&app.app, &grant).await.unwrap();
    let page = operator.get("/operator/organizations?q=acme").await.expect(200);
    let id = page.attribute("tbody tr", "id").replace("organization-", "");
    let plain = owner.get("/nowhere").await.expect(404);
    app.work().await;
    let before = app.dump_tables(&["operators", "operator_visits"]).await;
    let mut tested = 0;
    for route in router::routes(&app.app) {
        if route.access != Access::Operator {
            continue;
        }
        let path = route.path.replace("{id}", &id);
        let one = Call { method: route.method.to_string(), path, access: route.access };
        let answer = call(&nobody, &one, false).await;
        let to = answer.location().unwrap_or_default();
        assert!(to.starts_with("/login?next="), "{} {}: {}", one.method, one.path, answer.status);
        call(&nobody, &one, true).await.expect(204);
        for (who, browser) in [("a person", &person), ("an owner", &owner)] {
            for htmx in [false, true] {
                let answer = call(browser, &one, htmx).await;
                assert_eq!(answer.status.as_u16(), 404, "{who} {} {}", one.method, one.path);
                if !htmx {
                    assert_eq!(answer.text("main"), plain.text("main"), "{who} {}", one.path);
                }
            }
        }
        tested += 1;
    }
    let suspended = "select count(*) from organizations where suspended_at is not null";
    assert_eq!(app.database.number(suspended).await, 0);
    assert!(tested >= 7, "{tested} routes");
    let after = app.dump_tables(&["operators", "operator_visits"]).await;
    assert_eq!(before, after, "nothing changed");
}
