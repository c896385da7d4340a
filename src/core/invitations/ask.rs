//! When an invitation is for another address than the one somebody is signed in with, they can ask
//! the inviter to change it, which takes the inviter one click.

use axum::extract::State;
use axum::response::Response;

use super::commands;
use super::landing::{InvitationLink, LandingPage};
use super::model::View;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::session::CurrentUser;
use crate::platform::web::opened::Opened;
use crate::platform::web::{Flash, Shell};

/// `POST /invitations/link/{link}/ask`: uses nothing up, and asks only once.
pub async fn ask(
    user: CurrentUser,
    State(app): State<App>,
    link: Opened<InvitationLink>,
) -> Result<Response> {
    let page = LandingPage::load(&app, Some(&user), &link, Shell::default()).await?;
    if page.view != View::SomebodyElse {
        return page.respond();
    }
    commands::ask_for_change(&app, &user, &page.found).await?;
    let inviter = &page.found.inviter;
    let words = format!("We've asked {inviter} to change the invitation to {}.", user.email);
    Ok(Flash::redirect(&link.path, words))
}
