//! Invitations, from the form to the new member.

use crate::support::{World, email_of, link_in};

#[tokio::test]
async fn somebody_invited_joins_in_a_browser_of_their_own() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.press("Members").await;
    ada.invite("Charles Babbage").await;
    ada.reads_in(".toast", &email_of("Charles Babbage")).await;
    let mail = ada.read_mail("Ada Lovelace invited you to Analytical Engines").await;
    let link = link_in(&mail, "/invitations/");

    let charles = world.profile().await;
    charles.open(&link).await;
    charles.reads_in("h1", "Join Analytical Engines").await;
    assert_eq!(charles.value("#email").await, email_of("Charles Babbage"));
    charles.accept(&link, "Charles Babbage").await;
    charles.arrives_at("/orgs/analytical-engines").await;
    charles.reads_in("h1", "Analytical Engines").await;

    ada.open("/orgs/analytical-engines/members").await;
    ada.reads_in(".who", "Charles Babbage").await;
    let mail = ada.read_mail("Charles Babbage joined Analytical Engines").await;
    assert!(mail.contains(&email_of("Charles Babbage")), "{mail}");
}

#[tokio::test]
async fn the_link_of_an_invitation_is_copied_from_its_row() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.press("Members").await;
    ada.invite("Charles Babbage").await;
    ada.mark_page().await;
    ada.ask_for_link("Charles Babbage").await;
    ada.reads_in("tbody h3", "Link for charles.babbage@example.test").await;

    assert!(ada.attribute(".copy .input", "readonly").await.is_some());
    let link = ada.value(".copy .input").await;
    assert!(link.starts_with(&format!("{}/invitations/", ada.origin)), "{link}");

    ada.press("Copy").await;
    ada.reads_in(".copy .btn", "Copied").await;
    ada.press("Close").await;
    ada.reads_in(".who", "charles.babbage@example.test").await;
    assert!(ada.is_same_page().await);

    // The copied text can be pasted.
    ada.paste_into("Search members").await;
    assert_eq!(ada.value("input[name=q]").await, link);
}
