//! `tenantry routes`.

use super::say;
use crate::platform::web::route::{Access, Route};
use crate::router;

/// Prints every URL of the product, with its method and who may call it.
pub(super) fn print() {
    for route in router::table() {
        say(line(&route));
    }
}

fn line(route: &Route) -> String {
    let who = match route.access {
        Access::Anyone => "anyone".to_owned(),
        Access::SignedIn => "signed in".to_owned(),
        Access::Member(None) => "member".to_owned(),
        Access::Member(Some(permission)) => permission.word().to_owned(),
        Access::Object { kind, role } => format!("{kind}: {role}"),
        Access::Operator => "operator".to_owned(),
    };
    format!("{:<5} {:<24} {}", route.method, who, route.path)
}
