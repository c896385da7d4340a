//! Answers requests only under the site's own name: whatever a client writes into `Host`, our pages
//! are never served under another site's name.

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::platform::App;
use crate::platform::error::AppError;

/// Paths that answer under any host: monitoring requests them by the process's address.
const ANY_HOST: [&str; 2] = ["/healthz", "/readyz"];

/// Refuses a request for another host.
pub async fn refuse(State(app): State<App>, request: Request, next: Next) -> Response {
    if ANY_HOST.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        let words = "It must name the host it is for, once.";
        return AppError::BadRequest(words.into()).into_response();
    };
    let is_here = |authority: &str| app.config.is_here(authority);
    let in_target = request.uri().authority().is_none_or(|target| is_here(target.as_str()));
    if in_target && host.to_str().is_ok_and(is_here) {
        next.run(request).await
    } else {
        AppError::OtherHost.into_response()
    }
}
