//! Compares the rules of the route table with those of the roles; `isolation` calls all routes that
//! must refuse.

use tenantry::core::access::noun::{ManageProjects, ViewAllProjects};
use tenantry::core::operators::{self, OperatorCommand};
use tenantry::platform::tenant::Permission;
use tenantry::platform::web::route::Access;
use tenantry::router;

use crate::support::{Browser, TestApp, email_of};

#[tokio::test]
async fn asvs_8_1_1_every_permission_guards_a_route_and_belongs_to_a_role() {
    let app = TestApp::spawn().await;
    app.founder("Olga Owner", "Acme").await;
    let routes = router::routes(&app.app);
    let roles = app.roles("acme").await;
    for permission in Permission::all() {
        // These two determine the role in a project, which guards routes of its own.
        let in_projects = [ViewAllProjects::PERMISSION, ManageProjects::PERMISSION];
        assert!(
            in_projects.contains(permission)
                || routes.iter().any(|route| route.access == Access::Member(Some(*permission))),
            "{permission:?} guards nothing"
        );
        assert!(
            roles.iter().any(|(_, set)| set.include(*permission)),
            "{permission:?} belongs to no role"
        );
    }
}

#[tokio::test]
async fn routes_for_people_who_are_signed_in_send_everybody_else_to_sign_in() {
    let app = TestApp::spawn().await;
    let nobody = app.browser();
    let mut tested = 0;
    for route in router::routes(&app.app) {
        if route.access != Access::SignedIn {
            continue;
        }
        let id = "00000000-0000-0000-0000-000000000000";
        let path = route.path.replace("{id}", id).replace("{link}", "0123456789abcdef");
        let answer = nobody.send(nobody.request(route.method.as_str(), &path)).await;
        let to = answer.location().unwrap_or_default();
        assert!(to.starts_with("/login?next="), "{} {path}: {}", route.method, answer.status);
        tested += 1;
    }
    assert!(tested >= 10, "{tested} routes");
}

#[tokio::test]
async fn the_pages_of_operators_are_found_by_operators_alone() {
    let app = TestApp::spawn().await;
    let owner = app.founder("Olga Owner", "Acme").await;
    app.member(&owner, "acme", "Mia Member", "member").await;
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
        let call = async |browser: &Browser, htmx: bool| {
            let request = browser.request(route.method.as_str(), &path);
            let request = if htmx { request.header("hx-request", "true") } else { request };
            browser.send(request).await
        };
        let answer = call(&nobody, false).await;
        let to = answer.location().unwrap_or_default();
        assert!(to.starts_with("/login?next="), "{} {path}: {}", route.method, answer.status);
        call(&nobody, true).await.expect(204);
        for (who, browser) in [("a person", &person), ("an owner", &owner)] {
            for htmx in [false, true] {
                let answer = call(browser, htmx).await;
                assert_eq!(answer.status.as_u16(), 404, "{who} {} {path}", route.method);
                if !htmx {
                    assert_eq!(answer.text("main"), plain.text("main"), "{who} {path}");
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
