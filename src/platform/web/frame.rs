//! The frame around a problem's page: what the person sees around every page that they can open.
//!
//! A problem is drawn by a layer that knows neither the person nor the organization. The extractor
//! that has found them leaves the frame here. People who may not know of an organization get a frame
//! without it, or none, so that a refusal says no more than the page of an unknown address.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Extensions;

use super::{Shell, csrf};

/// The place for the frame of one request.
#[derive(Clone, Debug, Default)]
pub struct Frame(Arc<Mutex<Option<Framed>>>);

/// A frame, and the token for its forms.
#[derive(Debug)]
pub(super) struct Framed {
    pub shell: Shell,
    pub token: String,
}

impl Frame {
    /// Sets the frame of the request with these extensions.
    pub fn set(extensions: &Extensions, shell: Shell) {
        if let Some(Self(place)) = extensions.get::<Self>() {
            let framed = Framed { shell, token: csrf::token() };
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(framed);
        }
    }

    /// The frame, if the request came far enough to have one.
    pub(super) fn take(&self) -> Option<Framed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
