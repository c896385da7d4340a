//! The middleware, in the order in which a request passes it.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

use super::problem::Problem;
use super::{cross_site, flash, headers, htmx, problem};
use crate::platform::audit::refusals;
use crate::platform::{App, session, telemetry};

/// The longest body that is read: a form with a long message and a hundred addresses.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The router behind everything that is true of every request.
pub fn wrap(router: Router<App>, app: App) -> Router {
    router
        .fallback(|| async { StatusCode::NOT_FOUND })
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        // The last layer is the first that a request meets.
        .layer(from_fn_with_state(app.clone(), refusals::watch))
        .layer(session::layer(&app))
        .layer(from_fn_with_state(app.clone(), flash::carry))
        .layer(from_fn_with_state(app.clone(), cross_site::refuse))
        .layer(from_fn(catch_panic))
        .layer(from_fn(htmx::redirects))
        .layer(from_fn(problem::draw))
        .layer(from_fn_with_state(app.clone(), headers::set))
        .layer(from_fn(telemetry::trace))
        .with_state(app)
}

/// A panic ends the request that caused it and nothing else.
async fn catch_panic(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let cause = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("a panic without words");
            Problem::of(StatusCode::INTERNAL_SERVER_ERROR)
                .cause(format!("panic: {cause}"))
                .into_response()
        }
    }
}
