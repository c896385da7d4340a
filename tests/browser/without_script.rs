//! A tour of the product with JavaScript turned off, which no page needs.

use crate::support::{World, link_in};

#[tokio::test]
async fn everything_works_with_scripts_switched_off() {
    let world = World::start();
    let ada = world.profile_without_script().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    assert_eq!(ada.attribute("html", "class").await, None, "no script has run");

    ada.press("Members").await;
    ada.invite("Charles Babbage").await;
    let mail = ada.read_mail("Ada Lovelace invited you to Analytical Engines").await;
    let charles = world.profile_without_script().await;
    charles.accept(&link_in(&mail, "/invitations/"), "Charles Babbage").await;
    charles.arrives_at("/orgs/analytical-engines").await;

    ada.open("/orgs/analytical-engines/members").await;
    let row = ada.row_of("Charles Babbage").await;
    ada.press("Member, role of Charles Babbage").await;
    ada.reads_in("h1", "Charles Babbage").await;
    ada.see("main [value=admin]").await.click().await.unwrap();
    ada.reads_in(".toast", "Charles Babbage").await;
    ada.arrives_at("/orgs/analytical-engines/members").await;
    ada.reads_in(&row, "Admin").await;

    ada.press("Actions for Charles Babbage").await;
    ada.press("Remove…").await;
    ada.reads_in("h1", "Remove Charles Babbage?").await;
    ada.reads_in(".consequences", "Access to").await;
    ada.press("Cancel").await;
    ada.arrives_at("/orgs/analytical-engines/members").await;
    ada.press("Actions for Charles Babbage").await;
    ada.press("Remove…").await;
    ada.press("Remove Charles Babbage").await;
    ada.reads_in(".toast", "Charles Babbage is no longer a member").await;
    assert!(ada.texts(&row).await.is_empty(), "the row is gone");

    // A former member learns nothing about the organization.
    charles.open("/orgs/analytical-engines").await;
    charles.reads("404").await;

    ada.sign_out().await;
    ada.arrives_at("/login").await;
    ada.open("/orgs/analytical-engines").await;
    ada.reads_in("h1", "Sign in").await;
}
