//! Every URL of the product, with who may call it: the sum of what its modules say.

use crate::core::{factors, mailbox};
use crate::platform::mail::outbox::has_mailbox;
use crate::platform::web::led::IdentityPages;
use crate::platform::web::route::Route;
use crate::platform::{App, module};

/// The pages on which people show who they are.
pub const IDENTITY_PAGES: IdentityPages =
    IdentityPages { has_passkeys: factors::has_passkeys, confirm: factors::confirm::carry_on };

/// The table. Development routes are in it only where they exist.
pub fn routes(app: &App) -> Vec<Route> {
    let mut routes = table();
    if has_mailbox(app) {
        routes.extend(mailbox::routes());
    }
    routes
}

/// The table of every installation.
pub fn table() -> Vec<Route> {
    module::all().iter().flat_map(|module| (module.routes)()).collect()
}
