//! Passkeys, with Chromium's virtual authenticator.

use crate::support::{PASSWORD, World, email_of};

const ADA: &str = "Ada Lovelace";

#[tokio::test]
async fn a_passkey_is_made_and_signs_in_by_itself_or_after_the_password_until_it_is_removed() {
    let world = World::start_with_name();
    let ada = world.profile().await;
    ada.plug_in_authenticator().await;
    ada.sign_up(ADA, "Analytical Engines").await;
    ada.open("/account/security").await;
    ada.press("Add passkey").await;
    ada.fill("Name", "Laptop").await;
    ada.press("Create passkey").await;
    ada.reads_in(".toast", "“Laptop” added").await;
    ada.reads_in(".card-row h3", "Laptop").await;
    ada.reads("You have no recovery codes").await;

    // As the only step of signing in.
    ada.sign_out().await;
    ada.press("Sign in with a passkey").await;
    ada.press("Use a passkey").await;
    ada.reads_in("h1", "Analytical Engines").await;

    // As the second factor.
    ada.sign_out().await;
    ada.fill("Email", &email_of(ADA)).await;
    ada.fill("Password", PASSWORD).await;
    ada.press_in("form", "Sign in").await;
    ada.reads_in("h1", "Two-factor authentication").await;
    ada.press("Use a passkey").await;
    ada.reads_in("h1", "Analytical Engines").await;

    // Renaming and removing it.
    ada.open("/account/security").await;
    ada.fill("Name of Laptop", "Old laptop").await;
    ada.press("Rename Laptop").await;
    ada.reads_in(".card-row h3", "Old laptop").await;
    ada.press("Remove Old laptop…").await;
    ada.reads_in("h2", "Remove “Old laptop”?").await;
    ada.press("Remove “Old laptop”").await;
    ada.reads_in(".toast", "“Old laptop” removed").await;
    ada.sign_out().await;
    ada.press("Sign in with a passkey").await;
    ada.press("Use a passkey").await;
    ada.reads("We don't recognize this passkey").await;
    ada.fill("Email", &email_of(ADA)).await;
    ada.fill("Password", PASSWORD).await;
    ada.press_in("form", "Sign in").await;
    ada.reads_in("h1", "Analytical Engines").await;
}

#[tokio::test]
async fn without_script_the_page_says_what_passkeys_need() {
    let world = World::start_with_name();
    let ada = world.profile_without_script().await;
    ada.open("/login/passkey").await;
    ada.reads("Passkeys need JavaScript").await;
    assert_eq!(ada.attribute("form button", "disabled").await.as_deref(), Some("true"));
}
