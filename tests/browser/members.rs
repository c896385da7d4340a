//! The table of members, where htmx swaps parts of the page.

use fantoccini::key::Key;

use crate::support::World;

#[tokio::test]
async fn a_role_is_changed_without_loading_the_page() {
    let world = World::start();
    let ada = world.profile().await;
    let charles = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.press("Members").await;
    ada.welcome(&charles, "Charles Babbage").await;
    let row = ada.row_of("Charles Babbage").await;
    ada.mark_page().await;

    ada.press("Member, role of Charles Babbage").await;
    ada.reads_in("#row-menu", "Admin").await;
    assert_eq!(ada.focused().await, "role", "the menu begins at what is chosen");
    ada.key(Key::Escape).await;
    ada.loses("#row-menu").await;
    assert_eq!(ada.focused().await, "Member, role of Charles Babbage");
    ada.press("Member, role of Charles Babbage").await;
    ada.see("#row-menu [value=admin]").await.click().await.unwrap();
    ada.reads_in(".toast", "Charles Babbage").await;
    ada.reads_in(&row, "Admin").await;
    ada.loses("#row-menu").await;
    assert!(ada.is_same_page().await);
    assert_eq!(ada.texts("tbody tr").await.len(), 2, "one row each");
    assert_eq!(ada.focused().await, "Actions for Charles Babbage", "the keyboard stays in the row");

    charles.open("/orgs/analytical-engines").await;
    charles.reads_in(".switcher-role", "Admin").await;
}

#[tokio::test]
async fn a_member_is_removed_after_a_second_thought() {
    let world = World::start();
    let ada = world.profile().await;
    let charles = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.press("Members").await;
    ada.welcome(&charles, "Charles Babbage").await;
    let row = ada.row_of("Charles Babbage").await;
    ada.mark_page().await;

    ada.press("Actions for Charles Babbage").await;
    ada.press("Remove…").await;
    ada.reads_in(&row, "Remove Charles Babbage?").await;
    ada.reads_in(&format!("{row} .consequences"), "Access to").await;
    assert_eq!(ada.focused().await, "Cancel", "the harmless answer has the focus");
    ada.press("Cancel").await;
    ada.see(&format!("{row} .opens-menu")).await;
    assert_eq!(ada.focused().await, "Actions for Charles Babbage");

    ada.press("Actions for Charles Babbage").await;
    ada.press("Remove…").await;
    ada.reads_in(&row, "This will end:").await;
    ada.press_in(&row, "Remove Charles Babbage").await;
    ada.loses(&row).await;
    ada.reads_in(".toast", "Charles Babbage is no longer a member").await;
    ada.reads_in(".pager-text", "1–1 of 1").await;
    assert!(ada.is_same_page().await);
    assert_eq!(ada.texts("tbody tr").await.len(), 1, "nobody else is gone");
    assert!(ada.focused().await.contains("Ada Lovelace"), "the row beside it has the focus");

    charles.open("/orgs/analytical-engines").await;
    charles.reads("404").await;
}

#[tokio::test]
async fn typing_in_the_search_filters_the_rows_and_is_kept_in_the_address() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.press("Members").await;
    ada.invite("Charles Babbage").await;
    let everybody = "/orgs/analytical-engines/members";
    ada.open(everybody).await;
    ada.mark_page().await;

    ada.fill("Search members", "charles").await;
    ada.loses(&ada.row_of("Ada Lovelace").await).await;
    ada.reads_in("#list tbody", "charles.babbage@example.test").await;
    assert!(ada.address().await.contains("q=charles"), "{}", ada.address().await);
    assert!(ada.is_same_page().await);

    // Leaving the field does not search again, which would add an entry to the history.
    ada.key(Key::Tab).await;
    ada.fill("Search members", "nobody like this").await;
    ada.reads_in("#list", "No results").await;

    // Loading the page from its address shows the same.
    ada.reload().await;
    ada.reads_in("#list", "No results").await;
    assert_eq!(ada.value("input[name=q]").await, "nobody like this");

    // Going back leads through the searches to the whole table.
    ada.go_back().await;
    ada.reads_in("#list tbody", "charles.babbage@example.test").await;
    assert_eq!(ada.value("input[name=q]").await, "charles");
    ada.go_back().await;
    ada.arrives_at(everybody).await;
    ada.reads_in(".who", "Ada Lovelace").await;
    ada.reads_in("h1", "Members").await;
    assert_eq!(ada.value("input[name=q]").await, "");
}

#[tokio::test]
async fn a_member_is_suspended_and_let_in_again_without_loading_the_page() {
    let world = World::start();
    let ada = world.profile().await;
    let charles = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.press("Members").await;
    ada.welcome(&charles, "Charles Babbage").await;
    let row = ada.row_of("Charles Babbage").await;
    ada.mark_page().await;

    ada.press("Actions for Charles Babbage").await;
    ada.press("Suspend…").await;
    ada.reads_in(&row, "Suspend Charles Babbage?").await;
    ada.press_in(&row, "Suspend").await;
    ada.reads_in(&format!("{row} .who"), "Suspended").await;
    ada.reads_in(".toast", "Charles Babbage suspended.").await;
    charles.open("/orgs/analytical-engines").await;
    charles.reads("You're suspended from Analytical Engines").await;

    ada.press("Actions for Charles Babbage").await;
    ada.press("Reactivate").await;
    ada.loses(&format!("{row} .badge-danger")).await;
    assert!(ada.is_same_page().await);
    charles.open("/orgs/analytical-engines").await;
    charles.reads_in("h1", "Analytical Engines").await;
}
