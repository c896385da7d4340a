//! Suspending and reactivating an account.

use axum::extract::State;
use axum::response::Response;

use super::ask::{self, ReasonForm};
use super::commands::{self, Act};
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::session::CurrentOperator;
use crate::platform::web::{Flash, Form, Id};

/// `GET /operator/people/{id}/suspend`: says what the suspension will do.
pub async fn confirm(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    ask::open(&app, &operator, id, Act::Suspend).await
}

/// `POST /operator/people/{id}/suspend`
pub async fn suspend(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
    Form(form): Form<ReasonForm>,
) -> Result<Response> {
    let reason = match form.check(Act::Suspend) {
        Ok(reason) => reason,
        Err(errors) => return ask::again(&app, &operator, id, Act::Suspend, form, errors).await,
    };
    let (person, is_news) = commands::suspend(&app, &operator, id, &reason).await?;
    let words = match is_news {
        true => format!("{} suspended.", person.name),
        false => format!("{} was already suspended.", person.name),
    };
    Ok(Flash::redirect(&person.path(""), words))
}

/// `POST /operator/people/{id}/reactivate`
pub async fn reactivate(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let (person, is_news) = commands::reactivate(&app, &operator, id).await?;
    let words = match is_news {
        true => format!("{} reactivated.", person.name),
        false => format!("{} was already active.", person.name),
    };
    Ok(Flash::redirect(&person.path(""), words))
}
