//! Makes a form that is sent twice take effect only once.
//!
//! Every form carries an id of its own ([`FIELD`]). If a second sending would create a second
//! thing, the first transaction of the request claims the id for its sender and content, and stores
//! where the answer redirects. After a double click, an impatient reload or the same request on
//! another instance, the second sending finds the claim, changes nothing and redirects to the same
//! place. With other content it is another form.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::body::Start;
use super::route::RouteLimits;
use super::{csrf, form};
use crate::platform::secrets::{digest, random_bytes};

/// The hidden field of every form. [`super::Form`] removes it before a handler sees the rest.
pub const FIELD: &str = "once";

/// The form of a request, and this attempt to send it.
#[derive(Debug)]
pub struct Sending {
    /// The digest of its id, its address and its content.
    pub form: Vec<u8>,
    /// Random: if the request begins a second transaction, it recognizes its own claim.
    pub attempt: Vec<u8>,
}

tokio::task_local! {
    /// The sending of the running request, if a second one must have no effect.
    pub(super) static SENDING: Option<Arc<Sending>>;
}

/// The sending of the running request, if a second one must have no effect.
pub fn sending() -> Option<Arc<Sending>> {
    SENDING.try_with(Clone::clone).ok().flatten()
}

/// A new id for a form that is being rendered.
pub fn new_id() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<16>())
}

/// The sending of `request`, if its route asks for it and the form has an id.
pub(super) fn of(request: &Request, route_limits: &RouteLimits) -> Option<Arc<Sending>> {
    let pattern = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    if !pattern.is_some_and(|pattern| route_limits.is_once(request.method(), pattern)) {
        return None;
    }
    let Start(body) = request.extensions().get::<Start>()?;
    form::field(body, FIELD).filter(|id| id.len() >= 16)?;
    let mut text = request.uri().path().as_bytes().to_vec();
    for (name, value) in form::decoded(body).filter(|(name, _)| name != csrf::FIELD) {
        text.extend([b"\0", name.as_bytes(), b"\0", value.as_bytes()].concat());
    }
    Some(Arc::new(Sending { form: digest(&text), attempt: random_bytes::<16>().to_vec() }))
}
