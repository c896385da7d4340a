//! What went wrong, in words for the person it happened to, rendered in one place as a page, a
//! fragment or JSON.
//!
//! A handler's error is a [`Problem`] in the answer's extensions. Answers of a layer or the
//! framework itself (405, 413, a malformed path) have none and get the general one for their
//! status, so that nobody ever sees a bare text.

mod draw;

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub use draw::draw;
pub(super) use draw::{Format, toast};

/// What went wrong, in words for the person it happened to, and a link that helps.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    title: Cow<'static, str>,
    words: Cow<'static, str>,
    onward: Onward,
    /// A link whose path was made for this answer.
    way: Option<(String, &'static str)>,
    cause: Option<String>,
}

/// A link that helps.
#[derive(Clone, Copy, Debug)]
pub struct Onward {
    /// Its path.
    pub path: &'static str,
    /// Its text.
    pub label: &'static str,
}

/// To the person's account.
pub const ACCOUNT: Onward = Onward { path: "/account", label: "Go to your account" };
/// To the sign-in page.
pub const SIGN_IN: Onward = Onward { path: "/login", label: "Sign in" };
/// To the sign-up page, where people can sign up by themselves.
pub const SIGN_UP: Onward = Onward { path: "/signup", label: "Sign up again" };
/// To the person's current organization.
pub const HOME: Onward = Onward { path: "/", label: "Go to your organization" };
/// To the list of the person's organizations.
pub const ORGANIZATIONS: Onward = Onward { path: "/orgs", label: "View your organizations" };

impl Problem {
    /// The general problem for `status`.
    pub fn of(status: StatusCode) -> Self {
        let (title, words, onward) = match status {
            StatusCode::BAD_REQUEST => {
                ("Invalid request", "We couldn't read this request. Go back and try again.", HOME)
            }
            StatusCode::FORBIDDEN => ("This isn't allowed", "Your role doesn't allow it.", HOME),
            StatusCode::NOT_FOUND => (
                "Page not found",
                "This page doesn't exist, or it belongs to an organization you're not in.",
                ORGANIZATIONS,
            ),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("Invalid request", "This address doesn't accept this kind of request.", HOME)
            }
            StatusCode::REQUEST_TIMEOUT => (
                "The request timed out",
                "Nothing was saved. Check your connection and try again.",
                HOME,
            ),
            StatusCode::CONFLICT => (
                "This isn't possible",
                "Something has changed since you opened the page. Reload it and try again.",
                HOME,
            ),
            StatusCode::GONE => {
                ("This link no longer works", "It has been used, replaced or has expired.", HOME)
            }
            StatusCode::URI_TOO_LONG | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
                ("The request is too long", "Clear this site's cookies and try again.", HOME)
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                ("This is too large", "Send less text, or a smaller file, and try again.", HOME)
            }
            StatusCode::MISDIRECTED_REQUEST => (
                "Wrong address",
                "Open this site at the address used in its emails. The operator sets it as the \
                 base URL.",
                HOME,
            ),
            StatusCode::UNPROCESSABLE_ENTITY => {
                ("Check what you entered", "Go back, check the form and try again.", HOME)
            }
            StatusCode::TOO_MANY_REQUESTS => {
                ("Too many requests", "Wait a moment and try again.", HOME)
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                ("The server is busy", "Nothing was saved. Try again in a few seconds.", HOME)
            }
            _ => {
                ("Something went wrong", "The error has been logged. Try again in a moment.", HOME)
            }
        };
        Self { status, title: title.into(), words: words.into(), onward, way: None, cause: None }
    }

    /// Replaces the title.
    pub fn title(self, title: impl Into<Cow<'static, str>>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Replaces the words.
    pub fn words(self, words: impl Into<Cow<'static, str>>) -> Self {
        Self { words: words.into(), ..self }
    }

    /// Sets a link whose path was made for this answer.
    pub fn way(self, path: String, label: &'static str) -> Self {
        Self { way: Some((path, label)), ..self }
    }

    /// Sets a link.
    pub fn onward(self, onward: Onward) -> Self {
        Self { onward, ..self }
    }

    /// Whether the request may succeed in a moment, or after the form is changed.
    fn may_be_sent_again(&self) -> bool {
        let status = self.status;
        status.is_server_error()
            || [
                StatusCode::BAD_REQUEST,
                StatusCode::REQUEST_TIMEOUT,
                StatusCode::CONFLICT,
                StatusCode::PAYLOAD_TOO_LARGE,
                StatusCode::UNPROCESSABLE_ENTITY,
                StatusCode::TOO_MANY_REQUESTS,
            ]
            .contains(&status)
    }

    /// Adds the cause, which is logged and shown to nobody.
    pub fn cause(self, cause: String) -> Self {
        Self { cause: Some(cause), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
