//! Deleting an account while something else happens at the same moment.

use futures_util::future::join_all;

use super::{ADA, DONE, PATH, send};
use crate::support::{PASSWORD, TestApp, email_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_is_deleted_once_however_often_it_is_asked() {
    let app = TestApp::spawn().await;
    let ada = app.founder(ADA, "Solo").await;
    let page = ada.get(PATH).await.expect(200);
    let agreed = page.attribute("input[name=organizations]", "value");
    let answers = join_all((0..6).map(|_| send(&ada, ADA, &agreed))).await;
    let done = answers.iter().filter(|answer| answer.location().as_deref() == Some(DONE)).count();
    assert_eq!(done, 1, "{:?}", answers.iter().map(|a| a.status.as_u16()).collect::<Vec<_>>());
    for answer in answers {
        let is_signed_out = answer.status == 403 && answer.text("h1") == "Sign in to continue";
        let to = answer.location().unwrap_or_default();
        assert!(is_signed_out || to == DONE || to.starts_with("/login"), "{to}: {}", answer.body);
    }
    app.work().await;
    let mails = app.mail.delivered_to(&email_of(ADA));
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("deleted")).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_owners_who_delete_their_accounts_at_once_leave_one() {
    let app = TestApp::spawn().await;
    for round in 0..6 {
        let (one, two) = (format!("One {round}"), format!("Two {round}"));
        let first = app.founder(&one, &format!("House {round}")).await;
        let slug = format!("house-{round}");
        let second = app.member(&first, &slug, &two, "owner").await;
        app.member(&first, &slug, &format!("Mia {round}"), "viewer").await;
        // Each has another organization, too, so that there are several locks to take.
        let (a, b) = tokio::join!(send(&first, &one, ""), send(&second, &two, ""));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "round {round}");
    }
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn someone_who_joins_at_the_same_moment_has_an_owner_or_does_not_join() {
    let app = TestApp::spawn().await;
    for round in 0..6 {
        let name = format!("Ada {round}");
        let ada = app.founder(&name, &format!("House {round}")).await;
        let email = format!("guest{round}@example.test");
        let link = app.invite(&ada, &format!("house-{round}"), &email, "member").await;
        let page = ada.get(PATH).await.expect(200);
        let agreed = page.attribute("input[name=organizations]", "value");
        let guest = app.browser();
        let accept = format!("{link}/accept");
        let fields = [("name", "Guest"), ("password", PASSWORD)];
        let (deleted, joined) =
            tokio::join!(send(&ada, &name, &agreed), guest.post(&accept, &fields));
        let both = (deleted.status.as_u16(), joined.status.as_u16());
        assert!(both == (303, 410) || both == (409, 303), "round {round}: {both:?}");
    }
    app.work().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_person_is_nowhere_afterwards_whatever_they_did_at_the_same_moment() {
    let app = TestApp::spawn().await;
    let olga = app.founder("Olga Owner", "Acme").await;
    for round in 0..6 {
        let name = format!("Ada {round}");
        let ada = app.member(&olga, "acme", &name, "admin").await;
        let other = app.sign_in(&name).await;
        let link = app.founder(&format!("Otto {round}"), &format!("House {round}")).await;
        let link = app.invite(&link, &format!("house-{round}"), &email_of(&name), "viewer").await;
        let id = app.membership_id(&olga, "acme", &name).await;
        let accept = format!("{link}/accept");
        let (remove, promote) =
            (format!("/orgs/acme/members/{id}/remove"), format!("/orgs/acme/members/{id}/role"));
        let founded = format!("Too late {round}");
        let founded = [("name", founded.as_str())];
        let (phone, email) = (app.browser(), email_of(&name));
        let login = [("email", email.as_str()), ("password", PASSWORD)];
        let (deleted, ..) = tokio::join!(
            send(&ada, &name, ""),
            phone.post("/login", &login),
            other.post(&accept, &[]),
            other.post("/orgs/acme/clients", &[("name", "Mine")]),
            other.post("/orgs", &founded),
            olga.post(&promote, &[("role", "member")]),
            olga.post(&remove, &[]),
        );
        // An organization that was created just before was not named on the page; and if two
        // transactions deadlock, one is told to try again.
        let status = deleted.status.as_u16();
        assert!([303, 409, 503].contains(&status), "round {round}: {status}");
        let gone = format!("select count(*) from users where name = '{name}'");
        let is_gone = app.database.number(&gone).await == 0;
        assert_eq!(is_gone, deleted.location().as_deref() == Some(DONE), "round {round}");
    }
    app.work().await;
}
