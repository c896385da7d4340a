//! What the middleware has to know about the routes: which requests may change something, how large
//! each may be, and which paths are pages.

use std::collections::{HashMap, HashSet};

use axum::extract::{MatchedPath, Request};
use axum::http::Method;

use super::{Access, Route};
use crate::platform::web::limits::MAX_BODY_BYTES;

/// What the middleware has to know about the routes.
#[derive(Debug)]
pub struct RouteLimits {
    changing: HashSet<Method>,
    from_anywhere: HashSet<(Method, &'static str)>,
    pages: Vec<&'static str>,
    body_limits: HashMap<(Method, &'static str), usize>,
    paths: HashSet<&'static str>,
    files: HashSet<&'static str>,
    once: HashSet<(Method, &'static str)>,
    open: HashSet<(Method, &'static str)>,
}

impl RouteLimits {
    /// Collects it from `routes`.
    pub fn of(routes: &[Route]) -> Self {
        let is_safe = |method: &Method| matches!(*method, Method::GET | Method::HEAD);
        let from_anywhere = routes.iter().filter(|route| route.from_anywhere);
        let larger = routes.iter().filter(|route| route.body_limit != MAX_BODY_BYTES);
        Self {
            changing: routes.iter().map(|r| r.method.clone()).filter(|m| !is_safe(m)).collect(),
            pages: routes.iter().filter(|r| r.method == Method::GET).map(|r| r.path).collect(),
            from_anywhere: from_anywhere.map(|r| (r.method.clone(), r.path)).collect(),
            body_limits: larger.map(|r| ((r.method.clone(), r.path), r.body_limit)).collect(),
            paths: routes.iter().map(|route| route.path).collect(),
            files: routes.iter().filter(|r| r.takes_file).map(|r| r.path).collect(),
            once: keys(routes, |route| route.is_once),
            open: keys(routes, |route| route.access == Access::Anyone),
        }
    }

    /// Whether `path` matches a route.
    pub fn leads_somewhere(&self, path: &str) -> bool {
        self.paths.iter().any(|known| fits(known, path))
    }

    /// Whether there is a page with this pattern.
    pub fn is_page(&self, pattern: &str) -> bool {
        self.pages.contains(&pattern)
    }

    /// Whether a form that is sent there again has no further effect.
    pub fn is_once(&self, method: &Method, pattern: &str) -> bool {
        self.once.iter().any(|(known, path)| known == method && *path == pattern)
    }

    /// Whether only signed-in people may call this.
    pub fn needs_person(&self, method: &Method, pattern: &str) -> bool {
        !self.open.iter().any(|(known, path)| known == method && *path == pattern)
    }

    /// Whether the route of `request` takes a file.
    pub fn takes_file(&self, request: &Request) -> bool {
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        path.is_some_and(|path| self.files.contains(path)) && self.may_change(request.method())
    }

    /// Whether a request with this method may change something. If no route has the method it
    /// cannot, and is answered with 405 for every sender.
    pub fn may_change(&self, method: &Method) -> bool {
        self.changing.contains(method)
    }

    /// Whether there is a page at this path.
    pub fn has_page(&self, path: &str) -> bool {
        self.pages.iter().any(|page| fits(page, path))
    }

    /// Whether the request must come from one of our pages: it may change something, and its route
    /// is not open to other senders.
    pub fn asks_for_our_page(&self, request: &Request) -> bool {
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let mut open = self.from_anywhere.iter();
        let is_open =
            open.any(|(method, known)| method == request.method() && path == Some(*known));
        self.may_change(request.method()) && !is_open
    }

    /// The largest body that the route of `request` takes, in bytes.
    pub fn body_limit(&self, request: &Request) -> usize {
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let mut limits = self.body_limits.iter();
        let limit =
            limits.find(|((method, known), _)| method == request.method() && path == Some(*known));
        limit.map_or(MAX_BODY_BYTES, |(_, limit)| *limit)
    }
}

/// Whether `path` matches `pattern`.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part.starts_with('{') && !given.is_empty() => {}
            (Some(part), Some(given)) if part == given => {}
            _ => return false,
        }
    }
}

fn keys(routes: &[Route], is_one: impl Fn(&Route) -> bool) -> HashSet<(Method, &'static str)> {
    routes.iter().filter(|route| is_one(route)).map(|r| (r.method.clone(), r.path)).collect()
}
