//! Comments: who gets a mail.

use crate::support::World;

#[tokio::test]
async fn whom_a_comment_tells_shows_while_it_is_typed_and_behind_a_button() {
    let world = World::start();
    let (ada, charles) = (world.profile().await, world.profile().await);
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.press("Members").await;
    ada.welcome(&charles, "Charles Babbage").await;
    ada.open("/orgs/analytical-engines/projects/new").await;
    ada.fill("Name", "Engine").await;
    ada.press("Start project").await;
    ada.reads_in("h1", "Engine").await;
    ada.mark_page().await;
    ada.fill("Write a comment", "你好@charles babbage请看 @Grace").await;
    ada.reads_in(
        "#mentions",
        "Gets a mail: Charles Babbage. Nobody who sees this project is called @Grace.",
    )
    .await;
    assert!(ada.is_same_page().await);
    ada.press("Who gets a mail?").await;
    ada.reads_in("#mentions", "Gets a mail: Charles Babbage.").await;
    assert!(ada.texts(".comment-body").await.is_empty(), "nothing is sent yet");
    ada.press("Comment").await;
    ada.reads_in(".mention", "@charles babbage").await;
    // Two forms on one page: each says whom its own text names.
    ada.press("More for the comment of Ada Lovelace").await;
    ada.press_in(".comment", "Edit").await;
    ada.fill("Comment", "@Grace alone").await;
    ada.reads_in("#comment-form #mentions", "called @Grace.").await;
    assert!(ada.texts(".new-comment #mentions").await.concat().is_empty());
    assert!(ada.is_same_page().await);
}
