//! Setting and removing the signed-in person's picture.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::commands;
use crate::core::accounts;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::noun::Refusal;
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
    let saved = match form {
        Ok(file) => commands::set(&app, &user, file).await,
        Err(error) => Err(error.into()),
    };
    let (status, refusal) = match saved {
        Ok(()) => return Ok(Flash::redirect(PAGE, "Picture saved.")),
        Err(Refusal::Other(AppError::TooLarge)) => {
            let words = "This file is larger than 8 MB. Choose a smaller one.";
            (StatusCode::PAYLOAD_TOO_LARGE, Refusal::field(FILE, words))
        }
        Err(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal),
    };
    accounts::profile_with(&app, user, status, refusal.fields()?).await
}

/// `POST /account/picture/remove`
pub async fn remove(user: CurrentUser, State(app): State<App>) -> Result<Response> {
    commands::remove(&app, &user).await?;
    Ok(Flash::redirect(PAGE, "Picture removed."))
}
