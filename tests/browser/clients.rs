//! Clients: the form on its own page.

use crate::support::World;

#[tokio::test]
async fn a_form_that_was_opened_by_its_address_leads_to_the_client() {
    let world = World::start();
    let ada = world.profile().await;
    ada.sign_up("Ada Lovelace", "Analytical Engines").await;
    ada.open("/orgs/analytical-engines/clients/new").await;
    ada.fill("Name", "Harbour").await;
    ada.press("Create client").await;
    ada.reads_in("h1", "Harbour").await;
    ada.reads_in(".toast", "Client created.").await;
    ada.press("Edit").await;
    ada.fill("Name", "Quay").await;
    ada.press("Save").await;
    ada.reads_in("h1", "Quay").await;
    ada.reads_in(".toast", "Client saved.").await;
}
