//! The signed-in person, where nobody has to be.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tower_sessions::Session;

use super::current_user::CurrentUser;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::UnscopedTx;

/// The person who sends the request, if anybody is signed in.
#[derive(Clone, Debug)]
pub struct MaybeUser(pub Option<CurrentUser>);

impl FromRequestParts<App> for MaybeUser {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if parts.extensions.get::<Session>().is_none_or(|session| session.id().is_none()) {
            return Ok(Self(None));
        }
        let mut tx = UnscopedTx::read(app).await?;
        let user = CurrentUser::find(parts, app, &mut tx).await?;
        tx.commit().await?;
        Ok(Self(user))
    }
}
