//! A task on its own page.

use crate::support::World;

#[tokio::test]
async fn the_keyboard_goes_on_where_it_was_after_a_choice() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.open("/orgs/analytical-engines/projects/new").await;
    ada.fill("Name", "Engine").await;
    ada.press("Create project").await;
    ada.reads_in("h1", "Engine").await;
    ada.fill("New task", "Rivets").await;
    ada.press("Add task").await;
    ada.press("Rivets").await;
    ada.reads_in("h1", "Rivets").await;
    ada.choose("Status", "Done").await;
    ada.reads_in(".page-sub", "Done").await;
    assert_eq!(ada.focused().await, "Status");
    ada.fill("Write a comment", "Counted twice").await;
    ada.press("Comment").await;
    ada.press("More actions for the comment by Ada Lovelace").await;
    ada.press_in(".comment", "Edit").await;
    ada.see("#comment-form").await;
    assert_eq!(ada.focused().await, "body");
}
