//! Serves a picture so that it can only be looked at.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::sql;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::PictureId;
use crate::platform::pictures::{Encoding, Picture};
use crate::platform::session::CurrentUser;
use crate::platform::tenant::CurrentOrg;
use crate::platform::web::Id;

/// Whatever the file is taken for, nothing in it runs or loads anything.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Browsers cache it for a day, because the content under a name never changes. Other caches do
/// not, because it is not public. Signing out clears it from the browser.
const CACHING: &str = "private, max-age=86400, immutable";

/// `GET /account/pictures/{id}`: the signed-in person's own picture, for every page.
pub async fn own(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<PictureId>,
) -> Result<Response> {
    let mut tx = user.read(&app).await?;
    let picture = sql::own(&mut tx, user.id, &id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(file(picture))
}

/// `GET /orgs/{slug}/pictures/{id}`: the picture of a member.
pub async fn of_member(org: CurrentOrg, Id(id): Id<PictureId>) -> Result<Response> {
    let mut tx = org.read().await?;
    let picture = sql::of_member(&mut tx, &id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(file(picture))
}

fn file(picture: Picture) -> Response {
    let disposition = match picture.encoding {
        Encoding::Jpeg => "inline; filename=\"picture.jpg\"",
        Encoding::Png => "inline; filename=\"picture.png\"",
    };
    let headers = [
        (header::CONTENT_TYPE, picture.encoding.word()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, CACHING),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    (headers, picture.bytes).into_response()
}
