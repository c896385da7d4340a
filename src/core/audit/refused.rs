//! Refused requests in words.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::platform::module;
use crate::platform::web::route::Access;

/// What each route that not everybody can use lets people do, by its method and path.
static DOINGS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let parts = module::all().iter().flat_map(|module| module.routes);
    let doings = parts.flat_map(|part| part()).filter_map(|route| {
        let doing = match route.access {
            Access::Member(Some(permission)) => permission.does().replace("its ", "the "),
            Access::Object { kind, role } => format!("do what a {role} of the {kind} can"),
            Access::Operator => "open the operator's pages".to_owned(),
            Access::Anyone | Access::SignedIn | Access::Member(None) => return None,
        };
        Some((format!("{} {}", route.method, route.path), doing))
    });
    doings.collect()
});

/// What somebody was not allowed to do, in words that follow "to", from the method and path in the
/// entry.
pub(super) fn words(request: &str) -> String {
    DOINGS.get(request).cloned().unwrap_or_else(|| match request.strip_prefix("GET ") {
        Some(path) => format!("open {path}"),
        None => format!("send {request}"),
    })
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_refusal_says_what_was_not_allowed() {
        assert_eq!(words("GET /orgs/{slug}/invitations"), "invite people");
        assert_eq!(words("POST /orgs/{slug}/settings"), "change the settings");
        assert_eq!(words("GET /orgs/{slug}/gone"), "open /orgs/{slug}/gone");
    }
}
