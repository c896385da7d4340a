//! The operator of the installation who sends the request, checked on every request.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::current_user::CurrentUser;
use crate::platform::App;
use crate::platform::audit::ActorKind;
use crate::platform::audit::refusals::RefusalContext;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::tenant::UnscopedTx;

/// An operator who sends the request. For everybody else who is signed in, the operators' pages do
/// not exist.
#[derive(Clone, Debug)]
pub struct CurrentOperator {
    user: CurrentUser,
    /// The time of this request.
    pub now: Timestamp,
}

impl Deref for CurrentOperator {
    type Target = CurrentUser;

    fn deref(&self) -> &CurrentUser {
        &self.user
    }
}

impl CurrentOperator {
    /// Begins a transaction that changes something in this operator's name. It checks again that
    /// the person is an operator, and they stay one until it ends.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the person is not an operator any more.
    pub async fn write(&self, app: &App) -> Result<UnscopedTx> {
        let mut tx = self.user.write(app).await?;
        // In a statement of its own, after the person is locked: a statement that waited for the
        // lock would see the operators from before it waited.
        let held: Option<(UserId,)> = tx
            .query(unscoped_sql!("select user_id from operators where user_id = $1"))
            .bind(self.user.id)
            .optional()
            .await?;
        held.ok_or(AppError::NotFound)?;
        tx.act_as_operator();
        Ok(tx)
    }
}

impl FromRequestParts<App> for CurrentOperator {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let user = CurrentUser::from_request_parts(parts, app).await?;
        if user.is_operator {
            return Ok(Self { user, now: app.clock.now() });
        }
        if let Some(scene) = parts.extensions.get::<RefusalContext>() {
            scene.set(OrganizationId::OUTSIDE, user.who(ActorKind::Person));
        }
        Err(AppError::NotFound)
    }
}
