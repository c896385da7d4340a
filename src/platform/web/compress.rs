//! Pages are compressed where their length tells nothing.
//!
//! Compressed, a page is shorter if something in it occurs twice. Someone who can put text into a
//! page that others open, and sees how long it is on its way, learns what else is in it, by trying.
//! So other sites, which can open pages with text of theirs in the address, get them as they are;
//! what is worth the trouble is never in what is compressed: the token of forms is masked anew in
//! each page ([`super::csrf`]), and pages that hold another secret are marked ([`HoldsSecret`]).
//! For the rest, a random number of bytes is added to each answer.

use std::io::Write as _;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::{Compression, GzBuilder};

use super::encoding::{Encoding, preferred};
use super::headers::hides_referrer;
use super::page::HoldsSecret;
use crate::platform::error::AppError;
use crate::platform::secrets::random_bytes;

/// Pages that are shorter are sent as they are: they fit into the first packets anyway.
const SHORTEST: u64 = 1024;
/// Longer answers are no pages.
const LONGEST: u64 = 8 * 1024 * 1024;

/// The level, of 9: what more would save is not worth the time.
const LEVEL: u32 = 3;

/// Compresses a page that may be.
pub async fn pages(request: Request, next: Next) -> Response {
    let may = request.method() == Method::GET
        && is_asked_for_here(request.headers())
        && !hides_referrer(request.uri().path())
        && preferred(request.headers(), &[Encoding::Gzip]).is_some();
    let response = next.run(request).await;
    let is_fit = response.status() == StatusCode::OK
        && is_page(response.headers())
        && response.extensions().get::<HoldsSecret>().is_none()
        && response.body().size_hint().exact().is_some_and(|n| (SHORTEST..LONGEST).contains(&n));
    if may && is_fit { compressed(response).await } else { response }
}

async fn compressed(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let page = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(page) => page,
        Err(error) => return AppError::Internal(error.into()).into_response(),
    };
    let Ok(shorter) = gzip(&page) else {
        return Response::from_parts(parts, Body::from(page));
    };
    parts.headers.insert(header::CONTENT_ENCODING, Encoding::Gzip.header());
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(shorter.len()));
    parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding, sec-fetch-site"));
    Response::from_parts(parts, Body::from(shorter))
}

/// Whether the person or one of our pages asks, as the browser says. Where it says nothing, another
/// site may ask.
fn is_asked_for_here(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin" || site == "none")
}

fn is_page(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
        && !headers.contains_key(header::CONTENT_ENCODING)
}

/// Compresses `page`. The head of the format has room for a file's name of any length, which
/// everybody ignores.
fn gzip(page: &[u8]) -> std::io::Result<Vec<u8>> {
    let [length] = random_bytes();
    let mut writer = GzBuilder::new()
        .filename(vec![b'-'; usize::from(length)])
        .write(Vec::with_capacity(page.len() / 3), Compression::new(LEVEL));
    writer.write_all(page)?;
    writer.finish()
}
