//! A sign-in that ends while somebody is working.

use crate::support::{PASSWORD, World, email_of};

#[tokio::test]
async fn after_a_sign_in_was_ended_the_next_click_leads_to_the_sign_in_page() {
    let world = World::start();
    let here = world.profile().await;
    let there = world.profile().await;
    here.sign_up("Ada Lovelace", "Analytical Engines").await;
    here.press("Members").await;
    here.invite("Charles Babbage").await;

    there.sign_in("Ada Lovelace").await;
    there.open("/account/sessions").await;
    there.press("Sign out all other sessions").await;
    there.reads("No other active sessions").await;

    here.press(&format!("Actions for {}", email_of("Charles Babbage"))).await;
    here.reads_in("h1", "Sign in").await;
    assert!(here.address().await.starts_with("/login"), "{}", here.address().await);
    assert!(here.texts("table").await.is_empty(), "it is a page, and no part of one");

    // And back to the work.
    here.fill("Email", &email_of("Ada Lovelace")).await;
    here.fill("Password", PASSWORD).await;
    here.press_in("form", "Sign in").await;
    here.arrives_at("/orgs/analytical-engines/members?show=invited").await;
}
