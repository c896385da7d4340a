//! Organizations that ask everybody for a second factor.

use super::{ADA, Phone, set_up};
use crate::core::operators;
use crate::support::TestApp;

#[tokio::test]
async fn asvs_6_3_3_an_organization_that_asks_for_a_factor_opens_to_nobody_without_one() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let bo = app.member(&ada, "acme", "Bo Both", "admin").await;
    let settings = "/orgs/acme/settings/security";
    let fields = [("requires_factor", "yes")];
    let page = ada.post(settings, &fields).await.expect(422);
    assert!(page.text("#requires_factor-error").contains("lock yourself out"), "{}", page.body);
    set_up(&app, &ada, "Phone").await;
    ada.post(settings, &fields).await.expect_redirect("/orgs/acme/settings");
    ada.post(settings, &fields).await.expect_redirect("/orgs/acme/settings");
    assert_eq!(
        ada.get("/orgs/acme/settings").await.count("input[name=requires_factor][checked]"),
        1
    );
    ada.get("/orgs/acme/members").await.expect(200);

    for path in ["/orgs/acme", "/orgs/acme/members", "/orgs/acme/projects"] {
        let led = format!("/account/security?next={}", path.replace('/', "%2F"));
        bo.get(path).await.expect_redirect(&led);
        let answer = bo.htmx_get(path).await.expect(204);
        assert_eq!(answer.header("hx-redirect"), led);
    }
    let fields = [("email", "n@example.test"), ("role", "viewer")];
    let led = "/account/security?next=%2F";
    bo.post("/orgs/acme/invitations", &fields).await.expect_redirect(led);
    assert_eq!(app.database.number("select count(*) from invitations").await, 1);
    // The reason stays on the page, and the requested page is kept until it can be opened.
    let members = "/orgs/acme/members?q=b";
    let page = bo.visit(members).await;
    assert!(page.text(".notice").contains("Acme requires two-factor authentication"));
    let again = bo.get("/account/security").await.expect(200);
    assert!(again.text(".notice").contains("Acme requires"), "{}", again.body);
    let next = page.attribute("form[action='/account/security/totp'] input[name=next]", "value");
    assert_eq!(next, members);
    let begun = bo.post("/account/security/totp", &[("next", &next)]).await.expect(303);
    let page = bo.get(&begun.location().unwrap()).await.expect(200);
    let phone = Phone(page.text("#secret"));
    let code = phone.code(&app, 0);
    let next = page.attribute("input[name=next]", "value");
    let fields = [("name", "Phone"), ("code", &code), ("next", &next)];
    let confirm = page.attribute("main form", "action");
    let page = bo.post(&confirm, &fields).await.expect(200);
    assert_eq!(page.attribute(".card-foot a", "href"), members);
    app.work().await;
    bo.get("/orgs/acme").await.expect(200);
    ada.post(settings, &[]).await.expect_redirect("/orgs/acme/settings");
    app.work().await;
    let changes = "select count(*) from audit_log where action = 'organization.changed'";
    assert_eq!(app.database.number(changes).await, 2);
}

#[tokio::test]
async fn an_operator_without_a_factor_does_not_enter_where_one_is_asked_for() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    set_up(&app, &ada, "Phone").await;
    let required = [("requires_factor", "yes")];
    ada.post("/orgs/acme/settings/security", &required).await.expect(303);
    let operator = operators::operator(&app, "Otto Operator").await;
    let id = operators::organization_id(&operator, "acme").await;
    let fields = [("reason", "They asked for help"), ("minutes", "15")];
    let enter = format!("/operator/organizations/{id}/enter");
    operator.post(&enter, &fields).await.expect_redirect("/orgs/acme");
    let page = operator.visit("/orgs/acme").await.expect(200);
    assert!(page.text(".notice").contains("requires two-factor authentication"), "{}", page.body);
    set_up(&app, &operator, "Phone").await;
    operator.get("/orgs/acme").await.expect(200);
    app.work().await;
}
