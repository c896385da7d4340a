//! How an invitation ends, and who is told.

use time::Duration;

use super::{NEW, acme};
use crate::support::email_of;

#[tokio::test]
async fn each_way_an_invitation_ends_has_its_own_sentence() {
    let (app, ada) = acme().await;
    let heading =
        async |link: &str, status: u16| app.browser().get(link).await.expect(status).text("h1");

    let replaced = app.invite(&ada, "acme", "r@example.test", "member").await;
    let id = app.row_id(&ada, "acme", "r@example.test").await;
    ada.post(&format!("/orgs/acme/invitations/{id}/resend"), &[]).await.expect(303);
    let newest = app.last_mail("r@example.test").await.link("/invitations/");
    assert_ne!(replaced, newest);
    assert_eq!(heading(&replaced, 410).await, "There's a newer link");
    assert_eq!(heading(&newest, 200).await, "Join Acme");

    ada.post(&format!("/orgs/acme/invitations/{id}/revoke"), &[]).await.expect(303);
    assert_eq!(heading(&newest, 410).await, "This invitation was revoked");
    ada.post(&format!("/orgs/acme/invitations/{id}/resend"), &[]).await.expect(409);

    let declined = app.invite(&ada, "acme", "d@example.test", "member").await;
    let page = app.browser().post(&format!("{declined}/decline"), &[]).await.expect(200);
    assert_eq!(page.text("h1"), "This invitation was declined");
    let told = app.last_mail(&email_of("Ada Lovelace")).await;
    assert_eq!(told.subject, "d@example.test declined your invitation to Acme");
    assert!(told.text.contains("/orgs/acme/members"), "{}", told.text);
    app.browser().post(&format!("{declined}/decline"), &[]).await.expect(200);
    app.work().await;
    let mails = app.mail.delivered_to(&email_of("Ada Lovelace"));
    let told = mails.iter().filter(|mail| mail.subject.contains("declined"));
    assert_eq!(told.count(), 1, "whoever sent it is told once");
    assert_eq!(heading(&declined, 410).await, "This invitation was declined");
    app.browser().post(&format!("{declined}/accept"), &NEW).await.expect(410);

    let accepted = app.invite(&ada, "acme", "a@example.test", "member").await;
    let member = app.browser();
    member.post(&format!("{accepted}/accept"), &NEW).await.expect(303);
    assert_eq!(heading(&accepted, 410).await, "This invitation has been accepted");
    let page = member.get(&accepted).await.expect(200);
    assert_eq!(page.text("h1"), "You're already a member");
    member.post(&format!("{accepted}/accept"), &[]).await.expect_redirect("/orgs/acme");

    let expired = app.invite(&ada, "acme", "e@example.test", "member").await;
    app.advance(Duration::days(7));
    assert_eq!(heading(&expired, 410).await, "This invitation has expired");
    app.browser().post(&format!("{expired}/accept"), &NEW).await.expect(410);

    let ada = app.sign_in("Ada Lovelace").await;
    let gone = app.invite(&ada, "acme", "g@example.test", "member").await;
    app.database.execute("update organizations set deleted_at = created_at").await.unwrap();
    assert_eq!(heading(&gone, 410).await, "This organization no longer exists");
    ada.get("/orgs/acme").await.expect(404);
    for rest in [
        "delete from memberships",
        "update invitations set status = 'revoked' where status = 'pending'",
    ] {
        app.database.execute(rest).await.unwrap();
    }
    app.browser().get("/invitations/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await.expect(404);
    app.work().await;
}

#[tokio::test]
async fn someone_who_wants_no_mail_about_answers_gets_none_when_somebody_declines() {
    let (app, ada) = acme().await;
    let choice = [("invitations", "page")];
    ada.post("/orgs/acme/notices", &choice).await.expect(303);
    let link = app.invite(&ada, "acme", "d@example.test", "member").await;
    app.browser().post(&format!("{link}/decline"), &[]).await.expect(200);
    app.work().await;
    let mails = app.mail.delivered_to(&email_of("Ada Lovelace"));
    assert!(mails.iter().all(|mail| !mail.subject.contains("declined")));
}
