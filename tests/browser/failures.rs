//! Requests that get no answer of the program: nothing is lost, and nobody is left in doubt.

use fantoccini::key::Key;

use crate::support::{Profile, World};

const SAVED: &str = "return document.querySelector('#status').value";

/// A project with a task, on the screen of its owner.
async fn project(world: &World) -> Profile {
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.start_project("analytical-engines", "Engine").await;
    ada.fill("New task", "Rivets").await;
    ada.press("Add task").await;
    ada.reads_in(".task-title", "Rivets").await;
    ada
}

/// The task's own page.
async fn task(world: &World) -> Profile {
    let ada = project(world).await;
    ada.press("Rivets").await;
    ada.reads_in("h1", "Rivets").await;
    ada
}

#[tokio::test]
async fn a_choice_that_the_network_loses_is_taken_back_and_can_be_tried_again() {
    let world = World::start();
    let ada = task(&world).await;
    ada.be_offline(true).await;
    ada.choose("Status", "Doing").await;
    ada.reads_in(".toast-danger", "Couldn't save. Check your connection and try again.").await;
    assert_eq!(ada.script(SAVED).await, "todo", "the control shows what is saved");
    ada.press("Try again").await;
    ada.reads_in(".toast-danger", "Couldn't save").await;
    assert_eq!(ada.script(SAVED).await, "todo");
    ada.be_offline(false).await;
    ada.press("Try again").await;
    ada.loses(".toast-danger").await;
    ada.reload().await;
    assert_eq!(ada.script(SAVED).await, "doing");
}

#[tokio::test]
async fn a_proxy_without_a_server_behind_it_leaves_what_was_typed() {
    let (world, proxy) = World::start_behind_a_proxy();
    let ada = project(&world).await;
    proxy.set_down(true);
    ada.fill("New task", "Bolts").await;
    ada.press("Add task").await;
    ada.reads_in(".toast-danger", "The server isn't available right now").await;
    assert_eq!(ada.value("#new-task").await, "Bolts");
    assert!(!ada.texts("body").await.concat().contains("Bad Gateway"));
    proxy.set_down(false);
    ada.press("Try again").await;
    ada.reads_in("#tasks", "Bolts").await;
    // A list that could not be searched says so, too.
    ada.open("/orgs/analytical-engines/projects").await;
    proxy.set_down(true);
    ada.fill("Search projects", "Eng").await;
    ada.reads_in(".toast-danger", "Couldn't load.").await;
    proxy.set_down(false);
    ada.press("Try again").await;
    ada.loses(".toast-danger").await;
    ada.arrives_at("/orgs/analytical-engines/projects?q=Eng").await;
}

#[tokio::test]
async fn the_arrow_keys_pass_choices_without_saving_them() {
    let world = World::start();
    let ada = task(&world).await;
    let status = async || {
        let script = "return fetch(location.href).then((answer) => answer.text()).then((text) =>
            new DOMParser().parseFromString(text, 'text/html')
                .querySelector('#status').value)";
        ada.script(script).await
    };
    ada.script("document.querySelector('#status').focus()").await;
    ada.key(Key::Down).await;
    assert_eq!(ada.script(SAVED).await, "doing");
    assert_eq!(status().await, "todo", "an arrow key saves nothing");
    ada.key(Key::Down).await;
    ada.key(Key::Enter).await;
    ada.reads_in("#thread", "Status: To do → Done").await;
    assert_eq!(status().await, "done");
}
