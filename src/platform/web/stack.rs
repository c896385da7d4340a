//! The middleware, in the order in which a request passes it.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use super::body::Reader;
use super::led::IdentityPages;
use super::problem::Problem;
use super::route::{self, Route, RouteLimits};
use super::{
    again, bent, body, client, compress, cookie, cross_site, csrf, flash, headers, host, htmx,
    limits, look, offers, problem,
};
use crate::platform::audit::refusals;
use crate::platform::error::AppError;
use crate::platform::tenant::nowhere;
use crate::platform::{App, session, telemetry};

/// Wraps the routes in the middleware that every request passes.
pub fn wrap(routes: Vec<Route>, pages: IdentityPages, app: App) -> Router {
    let route_limits = Arc::new(RouteLimits::of(&routes));
    let reader = Reader::new(Arc::clone(&route_limits), app.config.timeouts);
    let table = (app.clone(), Arc::clone(&route_limits));
    let known = Arc::clone(&route_limits);
    let drawing = (app.clone(), Arc::clone(&route_limits), pages);
    route::build(routes)
        .fallback(move |State(app): State<App>, request: Request| async move {
            elsewhere(&app, &known, request).await
        })
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED })
        // `body::read` has applied the limits: the whole body is there when an extractor runs.
        .layer(DefaultBodyLimit::disable())
        // The last layer is the first to see a request.
        .layer(from_fn_with_state(app.clone(), refusals::watch))
        .layer(from_fn_with_state(route_limits, bent::lead_home))
        .layer(from_fn_with_state(table.clone(), csrf::guard))
        .layer(session::layer(&app))
        .layer(from_fn_with_state(app.clone(), flash::carry))
        .layer(from_fn(again::once))
        .layer(from_fn_with_state(app.config.timeouts.answer, limits::answer))
        .layer(from_fn_with_state(reader, body::read))
        .layer(from_fn_with_state(table.clone(), cross_site::refuse))
        .layer(from_fn_with_state(app.clone(), client::note))
        .layer(from_fn(bent::straighten))
        .layer(from_fn_with_state(app.clone(), host::refuse))
        .layer(from_fn(limits::head))
        .layer(from_fn(catch_panic))
        .layer(from_fn(htmx::redirects))
        .layer(from_fn_with_state(drawing, problem::draw))
        .layer(from_fn_with_state(app.clone(), offers::carry))
        .layer(from_fn_with_state(app.clone(), look::carry))
        .layer(from_fn(compress::pages))
        .layer(from_fn_with_state(app.clone(), headers::set))
        .layer(from_fn_with_state(app.clone(), cookie::keep_ours))
        .layer(from_fn_with_state(app.clone(), telemetry::trace))
        .with_state(app)
}

/// Answers a path without a route: a trailing slash, as people type it, is redirected to the path
/// without it.
async fn elsewhere(app: &App, known: &RouteLimits, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let uri = &parts.uri;
    let path = uri.path().trim_end_matches('/');
    if path.len() == uri.path().len() || !known.leads_somewhere(path) {
        return match nowhere::set_frame(&mut parts, app).await {
            Ok(()) => StatusCode::NOT_FOUND.into_response(),
            Err(error) => error.into_response(),
        };
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    AppError::Moved(format!("{path}{query}")).into_response()
}

/// A panic ends only the request that caused it.
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
