//! An invitation that is opened by somebody with another address.

use super::{NEW, acme};
use crate::support::email_of;

#[tokio::test]
async fn an_invitation_for_somebody_else_names_both_and_spends_nothing() {
    let (app, ada) = acme().await;
    let bo = app.founder("Bo Other", "Other").await;
    let link = app.invite(&ada, "acme", "nia.new@example.test", "member").await;
    let page = bo.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "This invitation is for someone else");
    assert!(page.text(".lead").contains("n•••@e•••.test"), "{}", page.text(".lead"));
    assert!(page.text(".lead").contains("bo.other@example.test"));
    assert_eq!(page.texts("form button").len(), 2);
    assert_eq!(page.text("a.btn"), "Cancel");
    bo.post(&format!("{link}/accept"), &NEW).await.expect(403);
    bo.get("/orgs/acme").await.expect(404);

    // "Sign in as …" signs out, and returns after signing in.
    let next = page.attribute("input[name=next]", "value");
    let page = bo.submit("/logout", &[("next", &next)]).await.expect(200);
    assert_eq!(page.path, next);
    assert_eq!(page.attribute("#email", "value"), "nia.new@example.test");
    let nia = app.browser();
    nia.post(&format!("{link}/accept"), &NEW).await.expect_redirect("/orgs/acme");
    app.work().await;
}

#[tokio::test]
async fn the_inviter_changes_the_address_with_one_click() {
    let (app, ada) = acme().await;
    let bo = app.founder("Bo Other", "Other").await;
    let link = app.invite(&ada, "acme", "bo.work@example.test", "member").await;
    let page = bo.submit(&format!("{link}/ask"), &[]).await.expect(200);
    assert!(page.text(".notice").contains("We've asked Ada Lovelace"), "{}", page.body);
    bo.post(&format!("{link}/ask"), &[]).await.expect(303);
    app.work().await;
    let mails = app.mail.delivered_to(&email_of("Ada Lovelace"));
    assert_eq!(
        mails.iter().filter(|mail| mail.text.contains("bo.other@")).count(),
        1,
        "asked once"
    );
    let page = ada.get("/orgs/acme/members?show=invited").await;
    assert!(
        page.text("tbody .who").contains("Asked to be invited as bo.other@example.test instead")
    );
    let page = ada.get(&page.attribute("tbody .who a", "href")).await;
    let change = page.attribute("form[action$='/readdress']", "action");
    // The click agrees to the address that was shown, and to no other.
    ada.post(&change, &[("email", "bo.elsewhere@example.test")]).await.expect(409);
    let cy = app.founder("Cy Third", "Third").await;
    cy.post(&format!("{link}/ask"), &[]).await.expect(409);
    let shown = page.attribute("form[action$='/readdress'] input[name=email]", "value");
    let fields = [("email", shown.as_str())];
    let row = ada.htmx_post(&change, &fields).await.expect(200);
    assert!(row.body.contains("Invitation sent to bo.other@example.test."), "{}", row.body);
    let new = app.last_mail("bo.other@example.test").await.link("/invitations/");
    app.browser().get(&link).await.expect(410);
    bo.post(&format!("{new}/accept"), &[]).await.expect_redirect("/orgs/acme");
    app.work().await;
    ada.post(&change, &fields).await.expect(409);
}

#[tokio::test]
async fn a_member_who_opens_the_invitation_of_another_is_told_whose_it_is() {
    let (app, ada) = acme().await;
    let link = app.invite(&ada, "acme", "nia.new@example.test", "member").await;
    let page = ada.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "This invitation is for someone else");
    let page =
        ada.submit("/logout", &[("next", &page.attribute("input[name=next]", "value"))]).await;
    assert_eq!(page.text("h1"), "Join Acme", "an address without an account is asked to make one");
}
