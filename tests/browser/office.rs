//! Plain http under a name other than loopback: browsers then reveal less about where a form comes
//! from, and send `Origin: null` from a page that asks for no referrer.

use crate::support::{PASSWORD, World, email_of};

#[tokio::test]
async fn forms_on_pages_with_a_token_work_over_plain_http_under_a_name() {
    let world = World::start_in_an_office();
    let ada = world.profile().await;
    ada.open("/signup").await;
    ada.fill("Your name", "Ada Lovelace").await;
    ada.fill("Email", &email_of("Ada Lovelace")).await;
    ada.fill("Password", PASSWORD).await;
    ada.fill("Organization", "Analytical Engines").await;
    ada.press("Create account").await;
    ada.arrives_at("/orgs/analytical-engines").await;
    ada.press("Members").await;
    let link = ada.make_link_for("Charles Babbage").await;

    let charles = world.profile().await;
    charles.accept(&link, "Charles Babbage").await;
    charles.arrives_at("/orgs/analytical-engines").await;

    // The address of the sign-in page may contain such a link, too.
    charles.sign_out().await;
    charles.sign_in("Charles Babbage").await;
    charles.arrives_at("/orgs/analytical-engines").await;

    let declining = world.profile_without_script().await;
    ada.open("/orgs/analytical-engines/members").await;
    let link = ada.make_link_for("Eve Else").await;
    declining.open(&link).await;
    declining.press("Decline").await;
    declining.reads("declined").await;
}
