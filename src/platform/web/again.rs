//! A request whose transaction stood in another's way is done once more, whole: nothing of it was
//! kept, and the other one is over by then. So is one whose connection knew a table as it was before it
//! was changed.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use super::body::{Large, Start};
use crate::platform::db::fault::Outage;

/// Runs the rest of the stack, and again when the database ended it because of a collision.
pub async fn once(request: Request, next: Next) -> Response {
    // A large body is gone when it was read.
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
