//! Saved filters, above a list that htmx swaps.

use crate::support::World;

#[tokio::test]
async fn what_is_shown_is_what_is_saved() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.open("/orgs/analytical-engines/projects/new").await;
    ada.fill("Name", "Engine").await;
    ada.press("Create project").await;
    ada.fill("New task", "Rivets").await;
    ada.press("Add task").await;
    ada.reads_in(".task-title", "Rivets").await;
    ada.open("/orgs/analytical-engines/tasks").await;
    assert!(ada.texts(".saved-filters").await.is_empty(), "nothing is filtered");
    ada.mark_page().await;
    ada.choose("Status", "To do").await;
    ada.see(".saved-filters").await;
    ada.choose("Status", "Done").await;
    ada.loses(".saved-filters:has([value='?status=todo'])").await;
    ada.see(".saved-filters:has([value='?status=done'])").await;
    assert!(ada.is_same_page().await);
    ada.fill("Name this filter", "What is done").await;
    ada.press("Save filter").await;
    ada.reads_in(".chip.is-current", "What is done").await;
    ada.arrives_at("/orgs/analytical-engines/tasks?status=done").await;

    // The list contains the marker of the current filter, which is updated, too.
    ada.mark_page().await;
    ada.choose("Status", "To do").await;
    ada.loses(".chip.is-current").await;
    ada.see("[aria-label='Name this filter']").await;
    assert!(ada.is_same_page().await);
}
