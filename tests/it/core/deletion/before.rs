//! What the page says before an account is deleted, and what stands against it.

use time::Duration;

use super::{ADA, DONE, PATH, acme, delete, send, signs_in, work};
use crate::support::{PASSWORD, Snapshot, TestApp, email_of};

#[tokio::test]
async fn the_page_says_before_what_happens_in_each_organization() {
    let (app, olga, ada, _) = acme().await;
    work(&app, &olga, &ada).await;
    app.invite(&ada, "acme", "nia@example.test", "viewer").await;
    let other = app.founder("Otto Other", "Other").await;
    app.invite(&other, "other", &email_of(ADA), "viewer").await;
    let page = ada.get("/account").await.expect(200);
    assert_eq!(page.attribute(".card-danger a", "href"), PATH);
    let page = ada.get(PATH).await.expect(200);
    let ends = page.texts(".consequences li").join("\n");
    for words in [
        "1 session",
        "1 invitation for you is declined",
        "Access to Acme",
        "1 pending invitation from you",
        "1 open task assigned to you",
        "The lead role in 1 project",
    ] {
        assert!(ends.contains(words), "{words}: {ends}");
    }
    let told = page.text("main");
    assert!(told.contains("It has no other members: it's deleted with your account"), "{told}");
    assert!(told.contains("shown as by “Deleted account”"), "{told}");
    let before = Snapshot::take(&app).await;
    for typed in ["", "ada", "olga.owner@example.test"] {
        let page = ada.post(PATH, &[("email", typed)]).await.expect(422);
        assert_ne!(page.text("#email-error"), "", "{typed}");
        assert_eq!(page.attribute("#email", "value"), typed);
    }
    // The organization that would be deleted was not named.
    let page = send(&ada, ADA, "").await.expect(409);
    assert!(page.text("[role=alert]").contains("wasn't deleted"), "{}", page.body);
    before.expect_unmoved(&app).await;
}

#[tokio::test]
async fn the_only_owner_makes_somebody_else_one_first() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    let bo = app.member(&ada, "acme", "Bo Both", "viewer").await;
    let page = ada.get(PATH).await.expect(200);
    assert!(page.text(".card-danger").contains("You're the only owner"), "{}", page.body);
    assert_eq!(page.count("form[action='/account/delete']"), 0);
    let page = send(&ada, ADA, "").await.expect(409);
    assert!(page.text("[role=alert]").contains("left without an owner"), "{}", page.body);
    assert!(signs_in(&app, ADA).await);
    let form = page.attribute("main form[action$='/owners']", "action");
    assert_eq!(form, "/orgs/acme/owners");
    let chosen = page.attribute("select[name=member] option", "value");
    bo.post(&form, &[("member", &chosen)]).await.expect(403);
    ada.post(&form, &[("member", &chosen)]).await.expect_redirect(PATH);
    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
    let page = bo.get("/orgs/acme/members").await.expect(200);
    assert_eq!(page.count("tbody tr"), 1);
    assert!(page.text("tbody tr").contains("Owner"), "{}", page.body);
}

#[tokio::test]
async fn where_nobody_else_can_act_the_page_says_what_to_do() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.member(&ada, "acme", "Bo Both", "admin").await;
    let id = app.membership_id(&ada, "acme", "Bo Both").await;
    ada.post(&format!("/orgs/acme/members/{id}/suspend"), &[]).await.expect(303);
    let page = ada.get(PATH).await.expect(200);
    assert_eq!(page.attribute(".card-danger a.btn", "href"), "/orgs/acme/members");
    send(&ada, ADA, "").await.expect(409);
    ada.post(&format!("/orgs/acme/members/{id}/reactivate"), &[]).await.expect(303);
    // People without a second factor see nothing of an organization that requires one.
    let require = "update organizations set requires_factor = true";
    app.database.execute(require).await.unwrap();
    let page = ada.get(PATH).await.expect(200);
    assert_eq!(page.attribute(".card-danger a.btn", "href"), "/account/security");
    assert!(!page.text("main").contains("Bo Both"), "{}", page.body);
    send(&ada, ADA, "").await.expect(409);
    let suspend = "update organizations set suspended_at = created_at, requires_factor = false";
    app.database.execute(suspend).await.unwrap();
    let page = ada.get(PATH).await.expect(200);
    let words = page.text(".card-danger");
    assert!(words.contains("Ask the operator of this installation to reactivate it"), "{words}");
    send(&ada, ADA, "").await.expect(409);
}

#[tokio::test]
async fn asvs_7_5_3_deleting_and_making_an_owner_need_a_fresh_proof() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Acme").await;
    app.member(&ada, "acme", "Bo Both", "viewer").await;
    let bo = app.membership_id(&ada, "acme", "Bo Both").await;
    app.advance(Duration::minutes(11));
    let role = format!("/orgs/acme/members/{bo}/role");
    for answer in [
        ada.get(PATH).await,
        send(&ada, ADA, "").await,
        ada.post("/orgs/acme/owners", &[("member", &bo)]).await,
        ada.post(&role, &[("role", "owner")]).await,
    ] {
        answer.expect_step_up();
    }
    let owners = "select count(*) from memberships where role = 'owner'";
    assert_eq!(app.database.number(owners).await, 1);
    ada.post(&role, &[("role", "admin")]).await.expect(303);
    let fields = [("password", PASSWORD), ("next", PATH)];
    ada.post("/account/confirm", &fields).await.expect_redirect(PATH);
    ada.post("/orgs/acme/owners", &[("member", &bo)]).await.expect_redirect(PATH);
    delete(&ada, ADA).await.expect_redirect(DONE);
    app.work().await;
}
