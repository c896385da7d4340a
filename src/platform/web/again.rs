//! A request whose transaction stood in another's way is done once more, whole: nothing of it was
//! kept, and the other one is over by then.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use super::body::{Large, Start};
use crate::platform::db::fault::Outage;

/// Runs the rest of the stack, and again when the database ended it because of a collision.
pub async fn once(request: Request, next: Next) -> Response {
    // What only reads meets nobody, and a large body is gone when it was read.
    let is_small = request.extensions().get::<Large>().is_none();
    let Some(Start(body)) = request.extensions().get().cloned().filter(|_| is_small) else {
        return next.run(request).await;
    };
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let (parts, whole) = request.into_parts();
    let again = parts.clone();
    let answer = next.clone().run(Request::from_parts(parts, whole)).await;
    if answer.extensions().get::<Outage>() != Some(&Outage::Collision) {
        return answer;
    }
    tracing::info!("two transactions collided; the request is done again");
    next.run(Request::from_parts(again, Body::from(body))).await
}
