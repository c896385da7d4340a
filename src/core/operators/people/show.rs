//! The page of an account, and an operator's acts on it other than suspending it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::commands;
use super::sql::{self, Person};
use crate::core::accounts::help::{self, Pending};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::count_memberships;
use crate::platform::web::flash::Received;
use crate::platform::web::{Flash, Id, Shell, page};

#[derive(Template)]
#[template(path = "core/operators/people/show.html")]
struct ShowPage {
    shell: Shell,
    person: Person,
    /// The number of organizations that the person belongs to.
    organizations: i64,
    is_self: bool,
    /// The pending removal of the factors, if any.
    pending_help: Option<Pending>,
    now: Timestamp,
}

/// `GET /operator/people/{id}`
pub async fn show(
    operator: CurrentOperator,
    State(app): State<App>,
    received: Received,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let mut tx = operator.read(&app).await?;
    let person = sql::find(&mut tx, id, operator.now).await?.ok_or(AppError::NotFound)?;
    let pending_help = help::pending(&mut tx, id).await?;
    tx.commit().await?;
    page(&ShowPage {
        pending_help,
        shell: Shell::signed_in(&operator).with(received),
        organizations: count_memberships(&app, id, person.email.clone()).await?,
        is_self: id == operator.id,
        now: operator.now,
        person,
    })
}

/// `POST /operator/people/{id}/end-sign-ins`: all sign-ins, or all but this one of the operator's
/// own.
pub async fn end_sign_ins(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let (person, ended) = commands::end_sign_ins(&app, &operator, id).await?;
    let words = match ended {
        0 => format!("{} isn't signed in anywhere.", person.name),
        _ => format!("{} signed out everywhere.", person.name),
    };
    Ok(Flash::redirect(&person.path(""), words))
}

/// `POST /operator/people/{id}/reset`
pub async fn reset(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let person = commands::reset(&app, &operator, id).await?;
    let words = format!("We've sent a link to set a new password to {}.", person.email);
    Ok(Flash::redirect(&person.path(""), words))
}
