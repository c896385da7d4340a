//! Signing up.

use crate::support::{PASSWORD, World, email_of};

#[tokio::test]
async fn somebody_signs_up_and_lands_on_the_first_page() {
    let world = World::start();
    let ada = world.profile().await;
    ada.open("/").await;
    ada.press("Create an account").await;
    ada.fill("Your name", "Ada Lovelace").await;
    ada.fill("Email", &email_of("Ada Lovelace")).await;
    ada.fill("Password", PASSWORD).await;
    ada.fill("Organization", "Analytical Engines").await;
    ada.press("Create account").await;

    ada.arrives_at("/orgs/analytical-engines").await;
    ada.reads_in("h1", "Analytical Engines").await;
    ada.reads_in(".card", "Get started").await;
    ada.reads_in(".user-button", "Ada Lovelace").await;
}

#[tokio::test]
async fn a_password_that_is_too_short_is_told_at_its_field() {
    let world = World::start();
    let ada = world.profile().await;
    ada.open("/signup").await;
    ada.fill("Your name", "Ada Lovelace").await;
    ada.fill("Email", &email_of("Ada Lovelace")).await;
    ada.fill("Password", "short").await;
    ada.fill("Organization", "Analytical Engines").await;
    ada.press("Create account").await;

    ada.reads_in("#password-error", "Use at least 12").await;
    assert_eq!(ada.attribute("#password", "aria-invalid").await.as_deref(), Some("true"));
    let described_by = ada.attribute("#password", "aria-describedby").await.unwrap_or_default();
    assert!(described_by.contains("password-error"), "{described_by}");
    assert_eq!(ada.value("#password").await, "", "a password never comes back");

    assert_eq!(ada.value("#name").await, "Ada Lovelace");
    assert_eq!(ada.value("#email").await, "ada.lovelace@example.test");
    assert_eq!(ada.value("#organization").await, "Analytical Engines");
    assert_eq!(ada.attribute("#name", "aria-invalid").await, None);
    assert_eq!(ada.focused().await, "password", "what is wrong has the focus");

    ada.fill("Password", PASSWORD).await;
    ada.press("Create account").await;
    ada.arrives_at("/orgs/analytical-engines").await;
}
