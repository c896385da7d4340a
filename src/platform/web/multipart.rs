//! Forms with a file: the token first, then the file, and nothing else.

use std::convert::Infallible;
use std::fmt;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use futures_util::stream;
use multer::Multipart;
use tokio::sync::OwnedSemaphorePermit;

use super::body::Large;
use super::{csrf, once};
use crate::platform::error::{AppError, Result};

/// The name of the file's field.
pub const FILE: &str = "file";

/// The file of a form that contains only its token, its id and the file; empty when none was
/// chosen.
///
/// The file's name and the type given by the browser are ignored. It occupies one of the slots for
/// large bodies until it is dropped, so code that works on it keeps it whole.
pub struct FileForm {
    bytes: Bytes,
    _place: OwnedSemaphorePermit,
}

impl fmt::Debug for FileForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileForm({} bytes)", self.bytes.len())
    }
}

impl AsRef<[u8]> for FileForm {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<S: Send + Sync> FromRequest<S> for FileForm {
    type Rejection = AppError;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let Some(boundary) = boundary(request.headers()) else {
            return Err(AppError::BadRequest("This address expects a form with a file.".into()));
        };
        let large = request.extensions().get::<Large>().cloned();
        let large = large.ok_or_else(|| AppError::internal("the route takes no large body"))?;
        let taken = large.take().await?;
        let bytes = only_file(open(taken.bytes, boundary)).await?;
        Ok(Self { bytes, _place: taken.place })
    }
}

async fn only_file(mut form: Multipart<'static>) -> Result<Bytes> {
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        match field.name() {
            // The middleware has already checked it.
            Some(csrf::FIELD | once::FIELD) if file.is_none() => {
                drop(field.bytes().await.map_err(unreadable)?)
            }
            Some(FILE) if file.is_none() => file = Some(field.bytes().await.map_err(unreadable)?),
            _ => {
                let words = "The form has an unknown field.";
                return Err(AppError::BadRequest(words.into()));
            }
        }
    }
    Ok(file.unwrap_or_default())
}

fn unreadable(_: multer::Error) -> AppError {
    AppError::BadRequest("The file couldn't be read.".into())
}

fn open(bytes: Bytes, boundary: String) -> Multipart<'static> {
    Multipart::new(stream::once(async move { Ok::<_, Infallible>(bytes) }), boundary)
}

/// The boundary between the fields, if this is a form with a file.
pub fn boundary(headers: &HeaderMap) -> Option<String> {
    multer::parse_boundary(headers.get(CONTENT_TYPE)?.to_str().ok()?).ok()
}

/// The value of the first field, if it is called `name`, from the beginning of a form.
pub async fn first_field(start: Bytes, boundary: String, name: &str) -> Option<String> {
    let mut form = open(start, boundary);
    let first = form.next_field().await.ok()??;
    if first.name() != Some(name) {
        return None;
    }
    first.text().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--b\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n--b\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n";

    async fn first(text: &str) -> Option<String> {
        first_field(Bytes::from(text.to_owned()), "b".to_owned(), "csrf").await
    }

    #[tokio::test]
    async fn the_token_is_read_from_the_beginning_and_from_nowhere_else() {
        assert_eq!(first(FORM).await.as_deref(), Some("token"));
        assert_eq!(first(&FORM[..FORM.len() - 20]).await.as_deref(), Some("token"));
        assert_eq!(first(&FORM[..60]).await, None, "cut off within it");
        assert_eq!(first(&FORM.replace("csrf", "other")).await, None);
        assert_eq!(first("").await, None);
    }

    #[tokio::test]
    async fn a_form_has_one_file_and_nothing_that_is_unknown() {
        let whole = format!("{FORM}abc\r\n--b--\r\n");
        let read = async |text: &str| {
            only_file(open(Bytes::from(text.to_owned()), "b".to_owned())).await.ok()
        };
        assert_eq!(read(&whole).await.as_deref(), Some(&b"abc"[..]));
        let twice = whole.replace("csrf", "file");
        assert_eq!(read(&twice).await, None);
        assert_eq!(read(&whole.replace("csrf", "other")).await, None);
        assert_eq!(read(&whole[..whole.len() - 4]).await, None, "without its end");
    }
}
