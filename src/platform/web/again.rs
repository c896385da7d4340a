//! Retries a request once if its transaction collided with another. None of its changes were kept,
//! and the other transaction is over by then. A request whose connection still used a table's old
//! definition is retried, too.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use super::body::{Large, Start};
use crate::platform::db::fault::Outage;

/// Runs the rest of the stack, and runs it again if the database aborted it because of a collision.
pub async fn once(request: Request, next: Next) -> Response {
    // A large body cannot be read a second time.
    let is_small = request.extensions().get::<Large>().is_none();
    let body = match request.method().is_safe() {
        true => Some(Bytes::new()),
        false => request.extensions().get().map(|Start(body)| body.clone()),
    };
    let Some(body) = body.filter(|_| is_small) else {
        return next.run(request).await;
    };
    let (parts, whole) = request.into_parts();
    let again = parts.clone();
    let answer = next.clone().run(Request::from_parts(parts, whole)).await;
    if answer.extensions().get::<Outage>() != Some(&Outage::Collision) {
        return answer;
    }
    tracing::info!("the database could not continue; the request is retried");
    next.run(Request::from_parts(again, Body::from(body))).await
}
