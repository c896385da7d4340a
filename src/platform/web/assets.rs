//! Static files, embedded in the program: it needs no other files to run.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use include_dir::{Dir, include_dir};

use super::encoding::{Encoding, preferred};
use crate::platform::error::{AppError, Result};
use crate::platform::secrets::digest;

/// A file's path, and its content in gzip and in Brotli.
type Compressed = (&'static str, &'static [u8], &'static [u8]);

/// The files that compression makes shorter; `build.rs` has compressed them.
static COMPRESSED: &[Compressed] = include!(concat!(env!("OUT_DIR"), "/compressed.rs"));

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The URL of each file, with its version: a part of the digest of its content.
static URLS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut files = Vec::new();
    collect(&FILES, &mut files);
    files
        .into_iter()
        .filter_map(|file| {
            let path = file.path().to_str()?.to_owned();
            Some((path.clone(), format!("/static/{path}?v={}", version(file.contents()))))
        })
        .collect()
});

fn collect<'a>(folder: &'a Dir<'a>, files: &mut Vec<&'a include_dir::File<'a>>) {
    files.extend(folder.files());
    for folder in folder.dirs() {
        collect(folder, files);
    }
}

fn version(content: &[u8]) -> String {
    digest(content)[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The URL of a static file. It changes with the content, so browsers can cache it forever.
///
/// # Panics
/// When there is no such file: a template names one that does not exist.
pub fn url(path: &str) -> &'static str {
    URLS.get(path).unwrap_or_else(|| panic!("no static file {path}"))
}

/// `GET /static/{*path}`.
pub async fn serve(
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    accepted: HeaderMap,
) -> Result<Response> {
    let url = URLS.get(&path).ok_or(AppError::NotFound)?;
    let versioned = query.is_some_and(|query| url.ends_with(&format!("?{query}")));
    let caching =
        if versioned { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    let mut response = answer(&path, caching)?;
    if let Some((_, gzip, brotli)) = COMPRESSED.iter().find(|(known, ..)| *known == path) {
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(encoding) = preferred(&accepted, &[Encoding::Brotli, Encoding::Gzip]) {
            response.headers_mut().insert(header::CONTENT_ENCODING, encoding.header());
            *response.body_mut() = match encoding {
                Encoding::Brotli => Body::from(*brotli),
                Encoding::Gzip => Body::from(*gzip),
            };
        }
    }
    Ok(response)
}

/// The file at `path`, with how long browsers keep it.
///
/// # Errors
/// Not found, if there is no such file.
pub(super) fn answer(path: &str, caching: &'static str) -> Result<Response> {
    let file = FILES.get_file(path).ok_or(AppError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type(path))),
        (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
    ];
    Ok((headers, file.contents()).into_response())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml; charset=utf-8",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("ico") => "image/vnd.microsoft.icon",
        _ => "text/plain; charset=utf-8",
    }
}
