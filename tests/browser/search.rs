//! Finding and going by keyboard, from any page.

use fantoccini::key::Key;

use crate::support::{Profile, World};

/// Presses keys where nothing takes text.
async fn press_keys(ada: &Profile, keys: &str) {
    ada.see("body").await.send_keys(keys).await.unwrap();
}

/// Types into the menu.
async fn type_in(ada: &Profile, text: &str) {
    ada.see(".palette[open] input").await.send_keys(text).await.unwrap();
}

#[tokio::test]
async fn a_slash_finds_a_task_and_opens_it_without_the_mouse() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.start_project("analytical-engines", "Engine").await;
    for title in ["Rivets for the frame", "Cards"] {
        ada.fill("New task", title).await;
        ada.press("Add task").await;
        ada.reads_in(".tasks li:last-child", title).await;
    }
    ada.open("/orgs/analytical-engines/members").await;
    press_keys(&ada, "/").await;
    ada.reads_in(".palette[open] [aria-selected=true]", "New task").await;
    assert_eq!(ada.focused().await, "INPUT");
    type_in(&ada, "frame riv").await;
    ada.reads_in(".palette[open] [aria-selected=true]", "Rivets for the frame").await;
    ada.key(Key::Enter).await;
    ada.reads_in("h1", "Rivets for the frame").await;

    // Control and K open it from within a field, too; the arrows choose, Escape leads back.
    let field = ada.see("textarea[name=body]").await;
    field.send_keys(&format!("/?{}k", char::from(Key::Control))).await.unwrap();
    ada.see(".palette[open] [aria-selected=true]").await;
    ada.key(Key::Escape).await;
    ada.loses(".palette[open]").await;
    assert_eq!(ada.focused().await, "body");
    assert_eq!(ada.value("textarea[name=body]").await, "/?");
    field.send_keys(&format!("{}k", char::from(Key::Control))).await.unwrap();
    type_in(&ada, "cl").await;
    ada.reads_in(".palette[open] [aria-selected=true]", "New client").await;
    ada.key(Key::Down).await;
    ada.reads_in(".palette[open] [aria-selected=true]", "Clients").await;
    let marked = ada.attribute(".palette input", "aria-activedescendant").await;
    assert_eq!(marked, ada.attribute(".palette [aria-selected=true]", "id").await);
    ada.key(Key::Enter).await;
    ada.reads_in("h1", "Clients").await;

    press_keys(&ada, "?").await;
    ada.reads_in("dialog.dialog[open]", "Move the task that has the focus").await;
    ada.press_in("dialog.dialog[open]", "Close").await;
    ada.loses("dialog.dialog[open]").await;

    // The page of the search needs no menu.
    ada.open("/orgs/analytical-engines/search").await;
    press_keys(&ada, "/").await;
    ada.see("#filters input[name=q]").await.send_keys("card").await.unwrap();
    ada.reads_in("#list", "Cards").await;
    ada.loses(".palette[open]").await;
}

#[tokio::test]
async fn single_keys_do_nothing_for_those_who_turned_them_off_and_a_failure_says_so() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.be_offline(true).await;
    press_keys(&ada, "/").await;
    ada.reads_in(".palette[open]", "Search isn't available right now").await;
    ada.be_offline(false).await;
    type_in(&ada, "memb").await;
    ada.reads_in(".palette[open] [aria-selected=true]", "Members").await;
    // A session that has ended leads to the page to sign in.
    ada.key(Key::Escape).await;
    let other = world.profile().await;
    other.sign_in("Ada Lovelace").await;
    other.open("/account/sessions").await;
    other.press("Sign out all other sessions").await;
    press_keys(&ada, "/").await;
    ada.reads_in("h1", "Sign in").await;
    ada.sign_in("Ada Lovelace").await;
    ada.open("/account/preferences").await;
    ada.see("[name=shortcuts]").await.click().await.unwrap();
    ada.press("Save").await;
    ada.see("html[data-shortcuts=off]").await;
    press_keys(&ada, "/?").await;
    press_keys(&ada, &format!("{}k", char::from(Key::Control))).await;
    ada.see(".palette[open]").await;
    ada.loses("dialog.dialog[open]").await;
    assert_eq!(ada.value(".palette input").await, "");
}
