//! Open invitations for the signed-in person, who can join from the switcher without the email.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::accept::landed;
use super::commands;
use super::model::{self, Standing, View};
use super::sql::{self, Found};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::InvitationId;
use crate::platform::session::CurrentUser;
use crate::platform::web::flash::Received;
use crate::platform::web::{Flash, Id, Shell, page, see_other};

#[derive(Template)]
#[template(path = "core/invitations/waiting.html")]
struct WaitingPage {
    shell: Shell,
    found: Found,
}

/// `GET /invitations/waiting/{id}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    received: Received,
    Id(id): Id<InvitationId>,
) -> Result<Response> {
    if !user.is_verified() {
        return Ok(unproved());
    }
    let found = find(&app, &user, id).await?;
    if found.is_member {
        return Ok(see_other(&format!("/orgs/{}", found.slug)));
    }
    let shell = Shell::signed_in(&user).with(received);
    page(&WaitingPage { shell, found })
}

/// `POST /invitations/waiting/{id}`
pub async fn join(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<InvitationId>,
) -> Result<Response> {
    if !user.is_verified() {
        return Ok(unproved());
    }
    let found = find(&app, &user, id).await?;
    if found.is_member {
        return Ok(see_other(&format!("/orgs/{}", found.slug)));
    }
    let role = commands::accept(&app, &user, &found).await?;
    Ok(landed(&found, &role, ""))
}

/// The answer for an unconfirmed address, which opens nothing and reveals nothing: anybody can sign
/// up with it.
fn unproved() -> Response {
    Flash::redirect("/account", "Confirm your email address first, then you can join.")
}

/// The invitation, if it is for this person; an error with its state if it is not open.
async fn find(app: &App, user: &CurrentUser, id: InvitationId) -> Result<Found> {
    let mut tx = user.read(app).await?;
    let place = sql::locate_by_email(&mut tx, id, &user.email).await?;
    let mut tx = tx.enter(place.ok_or(AppError::NotFound)?).await?;
    let found = sql::find_waiting(&mut tx, id, &user.email).await?;
    tx.commit().await?;
    let found = found.ok_or(AppError::NotFound)?;
    match model::view(&found, Some(user), app.clock.now()) {
        View::Over(Standing::OrganizationSuspended) => Err(AppError::Gone(
            format!("You can't join {} while it's suspended.", found.organization).into(),
        )),
        View::Over(_) => Err(AppError::Gone("This invitation is no longer valid.".into())),
        _ => Ok(found),
    }
}
