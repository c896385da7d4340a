//! A form that is sent twice does what it does once.
//!
//! Every form carries an id of its own ([`FIELD`]). Where a second sending would make a second thing,
//! the first transaction of the request claims the id for its sender and what was sent, and notes
//! where it leads: a double click, an impatient reload or another instance that sends the same again
//! finds the claim, changes nothing and leads to the same place. With something else typed it is
//! another form.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::body::Start;
use super::route::RouteLimits;
use super::{csrf, form};
use crate::platform::secrets::{digest, random_bytes};

/// The hidden field of every form. [`super::Form`] takes it off before a handler sees the rest.
pub const FIELD: &str = "once";

/// The form that the request sends, and this sending of it.
#[derive(Debug)]
pub struct Sending {
    /// Of its id, its address and all that is in it.
    pub form: Vec<u8>,
    /// Random: a request that begins a second transaction finds its own claim.
    pub attempt: Vec<u8>,
}

tokio::task_local! {
    /// What the running request sends, where sending it twice must do nothing more.
    pub(super) static SENDING: Option<Arc<Sending>>;
}

/// What the running request sends, where sending it twice must do nothing more.
pub fn sending() -> Option<Arc<Sending>> {
    SENDING.try_with(Clone::clone).ok().flatten()
}

/// The id of a form that is being drawn.
pub fn new_id() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<16>())
}

/// The form of `request`, if its route asks for it and it has an id.
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
