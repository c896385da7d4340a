//! Every URL of the product, with who may call it, collected from its modules.

use crate::core::{factors, mailbox};
use crate::platform::mail::outbox::has_mailbox;
use crate::platform::web::led::IdentityPages;
use crate::platform::web::route::Route;
use crate::platform::{App, module};

/// The pages on which people authenticate.
pub const IDENTITY_PAGES: IdentityPages =
    IdentityPages { has_passkeys: factors::has_passkeys, confirm: factors::confirm::carry_on };

/// All routes of this installation; the development routes only exist where they are needed.
pub fn routes(app: &App) -> Vec<Route> {
    let mut routes = table();
    if has_mailbox(app) {
        routes.extend(mailbox::routes());
    }
    routes
}

/// The routes of every installation.
pub fn table() -> Vec<Route> {
    module::all().iter().flat_map(|module| module.routes).flat_map(|part| part()).collect()
}
