//! Setting and removing the signed-in person's picture.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::sql;
use crate::core::accounts;
use crate::core::pictures::noun::{PICTURE_REMOVED, PICTURE_SET};
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::PictureId;
use crate::platform::pictures::MAX_BYTES;
use crate::platform::session::CurrentUser;
use crate::platform::web::multipart::FILE;
use crate::platform::web::{FileForm, Flash};

const PAGE: &str = "/account";

/// `POST /account/picture`
pub async fn update(
    user: CurrentUser,
    State(app): State<App>,
    form: Result<FileForm>,
) -> Result<Response> {
    let file = match form {
        Ok(file) if file.as_ref().len() <= MAX_BYTES => file,
        Ok(_) | Err(AppError::TooLarge) => {
            let words = "This file is larger than 8 MB. Make the picture smaller and try again.";
            return accounts::profile_with(&app, user, StatusCode::PAYLOAD_TOO_LARGE, FILE, words)
                .await;
        }
        Err(error) => return Err(error),
    };
    // No transaction is open while the picture is redrawn.
    let picture = match app.pictures.redraw(file).await? {
        Ok(picture) => picture,
        Err(unusable) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return accounts::profile_with(&app, user, status, FILE, unusable.words()).await;
        }
    };
    let mut tx = user.write(&app).await?;
    sql::set(&mut tx, user.id, &PictureId::random(), &picture, app.clock.now()).await?;
    tx.record(
        Entry::new(PICTURE_SET, accounts::object(user.id, &user.email))
            .person(user.id)
            .after(json!({ "media_type": picture.encoding.word() })),
    );
    tx.commit().await?;
    Ok(Flash::redirect(PAGE, "Your picture has been saved."))
}

/// `POST /account/picture/remove`
pub async fn remove(user: CurrentUser, State(app): State<App>) -> Result<Response> {
    let mut tx = user.write(&app).await?;
    if sql::delete(&mut tx, user.id).await? {
        let object = accounts::object(user.id, &user.email);
        tx.record(Entry::new(PICTURE_REMOVED, object).person(user.id));
    }
    tx.commit().await?;
    Ok(Flash::redirect(PAGE, "Your picture has been removed."))
}
