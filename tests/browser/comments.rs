//! Comments: who gets an email, and what happens to one whose author was signed out meanwhile.

use fantoccini::key::Key;

use crate::support::{PASSWORD, World, email_of};

#[tokio::test]
async fn mentions_are_previewed_while_typing_and_behind_a_button() {
    let world = World::start();
    let (ada, charles) = (world.profile().await, world.profile().await);
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.press("Members").await;
    ada.welcome(&charles, "Charles Babbage").await;
    ada.start_project("analytical-engines", "Engine").await;
    ada.mark_page().await;
    ada.fill("Write a comment", "你好@charles babbage请看 @Grace").await;
    ada.reads_in(
        "#mentions",
        "Will be notified: Charles Babbage. No one with access to this project is named @Grace.",
    )
    .await;
    assert!(ada.is_same_page().await);
    ada.press("Preview").await;
    ada.reads_in("#body-preview .mention", "@charles babbage").await;
    assert!(ada.texts(".comment-body").await.is_empty(), "nothing is sent yet");
    ada.press("Comment").await;
    ada.reads_in(".mention", "@charles babbage").await;
    // With two forms on one page, each previews its own text.
    ada.press("More actions for the comment by Ada Lovelace").await;
    ada.press_in(".comment", "Edit").await;
    ada.fill("Comment", "@Grace alone").await;
    ada.reads_in("#comment-mentions", "named @Grace.").await;
    assert!(ada.texts(".new-comment #mentions").await.concat().is_empty());
    ada.press("Cancel").await;
    ada.reads_in(".mention", "@charles babbage").await;
    assert!(ada.is_same_page().await);
    // Saved twice in a row, it stands there each time.
    for text in ["Once", "Twice"] {
        ada.press("More actions for the comment by Ada Lovelace").await;
        ada.press_in(".comment", "Edit").await;
        ada.fill("Comment", text).await;
        ada.press("Save").await;
        ada.reads_in(".comment-body", text).await;
        ada.reads("Comment saved.").await;
    }
}

/// Sends a form of the open page, as another tab would.
const ELSEWHERE: &str = "
    const send = async (page, path, fields) => {
        const html = new DOMParser().parseFromString(await (await fetch(page)).text(), 'text/html');
        const token = html.querySelector(`form[action='${path}'] input[name=csrf]`).value;
        const body = new URLSearchParams({ csrf: token, ...fields });
        return (await fetch(path, { method: 'POST', body, redirect: 'manual' })).type;
    };";

#[tokio::test]
async fn what_was_typed_stays_in_its_form_while_its_writer_signs_in_again() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.start_project("analytical-engines", "Engine").await;
    ada.mark_page().await;
    ada.fill("Write a comment", "It weaves patterns").await;
    let sign_out = format!("{ELSEWHERE} return send(location.href, '/logout', {{}});");
    ada.script(&sign_out).await;
    ada.press("Comment").await;
    ada.reads_in(".toast", "You've been signed out").await;
    assert_eq!(ada.texts(".toast a").await, ["Sign in"]);
    let fields = serde_json::json!({ "email": email_of("Ada Lovelace"), "password": PASSWORD });
    let sign_in = format!("{ELSEWHERE} return send('/login', '/login', {fields});");
    ada.script(&sign_in).await;
    ada.press("Comment").await;
    ada.reads_in(".comment-body", "It weaves patterns").await;
    ada.loses(".toast-danger").await;
    assert_eq!(ada.texts(".comment-body").await.len(), 1);
    // Continuing to type sends nothing.
    ada.script(&sign_out).await;
    ada.script(&sign_in).await;
    ada.fill("Write a comment", "Not yet").await;
    ada.reads_in(".toast", "Your session has changed").await;
    ada.fill("Write a comment", "Not yet, @Grace").await;
    ada.reads_in("#mentions", "named @Grace.").await;
    assert_eq!(ada.texts(".comment-body").await.len(), 1);
    assert!(ada.is_same_page().await);
}

#[tokio::test]
async fn a_name_is_picked_from_a_list_while_it_is_typed() {
    let world = World::start();
    let (ada, charles) = (world.profile().await, world.profile().await);
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.press("Members").await;
    ada.welcome(&charles, "Charles Babbage").await;
    ada.start_project("analytical-engines", "Engine").await;
    ada.fill("Write a comment", "Ask @bab").await;
    ada.reads_in("#people [aria-selected=true]", "Charles Babbage").await;
    ada.key(Key::Enter).await;
    assert_eq!(ada.value("#body").await, "Ask @Charles Babbage ");
    ada.loses("#people:popover-open").await;
    // Escape leaves the text as it is, and the next @ asks again.
    ada.fill("Write a comment", "Ask @").await;
    ada.reads_in("#people", "Ada Lovelace").await;
    ada.key(Key::Down).await;
    ada.reads_in("#people [aria-selected=true]", "Charles Babbage").await;
    ada.key(Key::Escape).await;
    ada.loses("#people:popover-open").await;
    assert_eq!(ada.value("#body").await, "Ask @");
    // Nobody is named like this: the key does what it does in any text.
    ada.fill("Write a comment", "Ask @zz").await;
    ada.loses("#people:popover-open").await;
    ada.key(Key::Enter).await;
    assert_eq!(ada.value("#body").await, "Ask @zz\n");
    ada.fill("Write a comment", "Thank you, @cha").await;
    ada.reads_in("#people [aria-selected=true]", "Charles Babbage").await;
    ada.see("#people [aria-selected=true]").await.click().await.unwrap();
    assert_eq!(ada.value("#body").await, "Thank you, @Charles Babbage ");
    ada.press("Comment").await;
    ada.reads_in(".mention", "@Charles Babbage").await;
}
