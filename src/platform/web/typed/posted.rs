//! A form as its request brings it: its fields, its token, and the page that contained it.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, ORIGIN};

use super::{Field, SECRETS, Sent, Typed};
use crate::platform::web::page::{local_path, referring_page};
use crate::platform::web::route::RouteLimits;
use crate::platform::web::{csrf, form, htmx, once};

/// A field that is secret unless the path is inside an organization: there it is a project's code.
const CODE: &str = "code";

/// What is known about a form when its request arrives, for a page that may have to carry it on.
#[derive(Debug)]
pub(in crate::platform::web) struct Posted {
    sent: Sent,
    path: String,
    /// The page that contained the form.
    pub back: String,
    is_form: bool,
    /// Whether the form may come from one of our pages: the browser did not hide its origin.
    pub is_open: bool,
}

impl Posted {
    /// Inspects the request, and has its body stored; `None` unless it is a POST.
    pub(in crate::platform::web) fn of(
        request: &mut Request,
        route_limits: &RouteLimits,
    ) -> Option<Self> {
        if request.method() != Method::POST {
            return None;
        }
        let sent = Sent::default();
        request.extensions_mut().insert(sent.clone());
        let headers = request.headers();
        let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
        Some(Self {
            sent,
            path: request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            back: stood(request, route_limits),
            is_form: kind
                .is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded")),
            is_open: headers.get(ORIGIN).is_none_or(|origin| origin != "null"),
        })
    }

    /// The form with its token, if somebody filled in anything.
    pub(in crate::platform::web) fn form(&self) -> Option<(Typed, String)> {
        self.act().filter(|(typed, _)| typed.is_worth_keeping())
    }

    /// The form with its token, even if it is only a button. A form without a token was not sent by
    /// one of our pages.
    pub(in crate::platform::web) fn act(&self) -> Option<(Typed, String)> {
        let body = self.sent.0.get().filter(|_| self.is_form)?;
        let (mut fields, mut token, mut once) = (Vec::new(), None, String::new());
        let mut is_whole = true;
        for (name, value) in form::decoded(body) {
            match name.as_str() {
                csrf::FIELD => token = Some(value),
                once::FIELD => once = value,
                name if is_secret(name, &self.path) => is_whole = false,
                _ => fields.push(Field { name, value }),
            }
        }
        let typed = Typed {
            action: self.path.clone(),
            back: self.back.clone(),
            once,
            fields,
            is_whole,
            sender: None,
            ends_at: 0,
        };
        token.map(|token| (typed, token))
    }
}

fn is_secret(name: &str, path: &str) -> bool {
    SECRETS.contains(&name) || name == CODE && !path.starts_with("/orgs/")
}

/// The page that contained the form of `request`: the one that sent it, or the nearest page above
/// its address.
fn stood(request: &Request, route_limits: &RouteLimits) -> String {
    let headers = request.headers();
    if let Some(page) = htmx::current_page(headers).or_else(|| referring_page(headers)) {
        return local_path(&page, "/");
    }
    let pattern = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let Some(mut pattern) = pattern else { return "/".to_owned() };
    let mut path = request.uri().path();
    loop {
        if route_limits.is_page(pattern) {
            return local_path(path, "/");
        }
        match (pattern.rsplit_once('/'), path.rsplit_once('/')) {
            (Some((shorter, _)), Some((above, _))) if !above.is_empty() => {
                (pattern, path) = (shorter, above);
            }
            _ => return "/".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn a_code_is_a_secret_unless_it_is_a_projects() {
        assert!(is_secret("code", "/login/factor"));
        assert!(is_secret("password", "/orgs/acme/projects"));
        assert!(!is_secret("code", "/orgs/acme/projects"));
    }
}
