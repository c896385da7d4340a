//! Switching between organizations with the keyboard only.

use fantoccini::key::Key;

use crate::support::{Profile, World};

#[tokio::test]
async fn somebody_switches_organizations_with_the_keyboard() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.open("/orgs/new").await;
    ada.fill("Name", "Difference Works").await;
    ada.press("Create organization").await;
    ada.arrives_at("/orgs/difference-works").await;
    ada.press("Members").await;
    ada.arrives_at("/orgs/difference-works/members").await;

    tab_to(&ada, "Difference Works Owner Switch organization").await;
    ada.key(Key::Enter).await;
    ada.see("#switcher-list").await;
    ada.key(Key::Escape).await;
    ada.loses("#switcher-list").await;
    assert_eq!(ada.focused().await, "Difference Works Owner Switch organization");

    ada.key(Key::Down).await;
    ada.see("#switcher-list").await;
    // The arrow key wraps around: after the last entry comes the first.
    let mut passed = vec![ada.focused().await];
    while passed.len() < 5 {
        ada.key(Key::Down).await;
        passed.push(ada.focused().await);
    }
    assert!(passed[0].contains("Difference Works"), "{passed:?}");
    assert!(passed[1].contains("Analytical Engines"), "{passed:?}");
    assert_eq!(passed[2], "All organizations");
    assert_eq!(passed[3], "New organization");
    assert_eq!(passed[4], passed[0]);

    ada.key(Key::Down).await;
    ada.key(Key::Enter).await;
    ada.arrives_at("/orgs/analytical-engines/members").await;
    ada.reads_in(".page-sub", "People in Analytical Engines").await;
}

#[tokio::test]
async fn the_switcher_closes_when_the_focus_moves_on() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    tab_to(&ada, "Analytical Engines Owner Switch organization").await;
    ada.key(Key::Enter).await;
    ada.see("#switcher-list").await;
    tab_to(&ada, "Overview").await;
    ada.loses("#switcher-list").await;
}

/// Presses Tab until `name` is focused.
async fn tab_to(person: &Profile, name: &str) {
    for _ in 0..12 {
        person.key(Key::Tab).await;
        if person.focused().await == name {
            return;
        }
    }
    person.fail(&format!("should reach “{name}” with Tab")).await;
}
