//! A task on its own page.

use fantoccini::key::Key;

use crate::support::World;

#[tokio::test]
async fn the_keyboard_goes_on_where_it_was_after_a_choice() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.start_project("analytical-engines", "Engine").await;
    ada.fill("New task", "Rivets").await;
    ada.press("Add task").await;
    ada.press("Rivets").await;
    ada.reads_in("h1", "Rivets").await;
    ada.mark_page().await;
    ada.choose("Status", "Done").await;
    ada.reads_in("#thread", "Status: To do → Done").await;
    assert!(ada.is_same_page().await);
    assert_eq!(ada.focused().await, "status");
    ada.fill("Assignee", "love").await;
    ada.reads_in("#people [aria-selected=true]", "Ada Lovelace").await;
    ada.key(Key::Enter).await;
    ada.reads_in("#thread", "for Ada Lovelace").await;
    // An empty field means nobody; going on saves it.
    ada.see("#assignee").await.clear().await.unwrap();
    ada.key(Key::Tab).await;
    ada.reads_in("#thread", "Assignee removed").await;
    assert!(ada.is_same_page().await);
    ada.fill("Write a comment", "Counted twice").await;
    ada.press("Comment").await;
    ada.press("More actions for the comment by Ada Lovelace").await;
    ada.press_in(".comment", "Edit").await;
    ada.see("#comment-form").await;
    assert_eq!(ada.focused().await, "body");
}

#[tokio::test]
async fn tasks_are_ticked_and_put_in_order_by_keys_and_by_hand() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.start_project("analytical-engines", "Engine").await;
    for title in ["Rivets", "Cards", "Wheels"] {
        ada.fill("New task", title).await;
        ada.press("Add task").await;
        ada.reads_in(".tasks li:last-child", title).await;
    }
    ada.mark_page().await;
    ada.fill("New task", "Half a ta").await;
    ada.press("Mark Rivets as done").await;
    ada.reads_in("#task-list .card-head", "2 open, 1 done").await;
    assert_eq!(ada.texts(".task-title").await, ["Cards", "Wheels"]);
    assert_eq!(ada.focused().await, "Mark Cards as done");
    ada.script(
        "
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {
            key: 'ArrowDown', altKey: true, bubbles: true,
        }))",
    )
    .await;
    ada.reads_in(".tasks li:first-child", "Wheels").await;
    assert_eq!(ada.focused().await, "Mark Cards as done");
    // By hand: the last row is dragged above the first one.
    ada.script(
        "
        const [first, last] = document.querySelectorAll('.tasks > li');
        const handle = last.querySelector('.task-handle');
        handle.setPointerCapture = () => {};
        const top = first.getBoundingClientRect().top;
        const at = handle.getBoundingClientRect().top;
        const point = (kind, clientY) => handle.dispatchEvent(new PointerEvent(kind, {
            clientY, bubbles: true, cancelable: true, pointerId: 1,
        }));
        point('pointerdown', at);
        point('pointermove', top + 2);
        point('pointerup', top + 2);",
    )
    .await;
    ada.reads_in(".tasks li:first-child", "Cards").await;
    ada.press("Actions for Cards").await;
    ada.press_in("#row-menu", "Move down").await;
    ada.reads_in(".tasks li:first-child", "Wheels").await;
    assert_eq!(ada.value("#new-task").await, "Half a ta");
    assert!(ada.is_same_page().await);
    ada.reload().await;
    assert_eq!(ada.texts(".task-title").await, ["Wheels", "Cards"]);
}
