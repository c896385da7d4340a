//! The audit log in a browser.

use crate::support::World;

#[tokio::test]
async fn the_log_is_filtered_and_proved_without_leaving_the_page() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Acme").await;
    ada.open("/orgs/acme/members").await;
    ada.invite("Charles Babbage").await;
    ada.open("/orgs/acme").await;
    ada.press_in(".nav", "Audit log").await;
    ada.arrives_at("/orgs/acme/audit").await;
    ada.reads("invited charles.babbage@example.test").await;
    ada.mark_page().await;
    ada.press("Verify").await;
    ada.reads("Verified: 2 entries, unchanged.").await;
    ada.choose("Action", "Created the organization").await;
    ada.arrives_at("/orgs/acme/audit?action=organization.created").await;
    ada.loses("#entry-2").await;
    ada.press("Details of entry 1").await;
    ada.reads("127.0.0.1").await;
    assert!(ada.is_same_page().await);
}
