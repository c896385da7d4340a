//! Accepting an invitation, which takes effect once, however often it is sent.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tower_sessions::Session;

use super::commands;
use super::join::join_as_new;
use super::landing::{InvitationLink, LandingPage};
use super::model::View;
use super::sql::Found;
use crate::core::accounts::{NewAccount, person_name};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::passwords::{About, Chosen};
use crate::platform::session::{self, Device, MaybeUser, NewSession, SessionKey};
use crate::platform::throttle::{self, Kind};
use crate::platform::web::form::Fields;
use crate::platform::web::opened::Opened;
use crate::platform::web::{Flash, Form, Shell, see_other};

/// The input of a new person; empty for all others.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AcceptForm {
    name: String,
    password: String,
}

impl Fields for AcceptForm {}

/// `POST /invitations/link/{link}/accept`
pub async fn accept(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    session: Session,
    device: Device,
    link: Opened<InvitationLink>,
    Form(form): Form<AcceptForm>,
) -> Result<Response> {
    let shell = Shell::default();
    let page = LandingPage::load(&app, user.as_ref(), &link, shell.clone()).await?;
    let accepted = match (page.view, &user) {
        (View::Invited, Some(user)) => {
            let role = commands::accept(&app, user, &page.found).await;
            role.map(|role| landed(&page.found, &role, ""))
        }
        (View::NewPerson, None) => accept_as_new(&app, &session, &device, page, form).await,
        (View::AlreadyMember, _) => return Ok(see_other(&format!("/orgs/{}", page.found.slug))),
        (View::SignedOut, None) => {
            return Ok(see_other(&page.path));
        }
        (View::SomebodyElse, _) => Err(AppError::Refused(
            format!(
                "This invitation is for {}, but you're signed in as {}.",
                page.invited, page.my_email
            )
            .into(),
        )),
        _ => return page.respond(),
    };
    match accepted {
        // Somebody else has just used the same link: the page shows its current state.
        Err(AppError::Gone(_)) => {
            let page = LandingPage::load(&app, user.as_ref(), &link, shell).await?;
            match page.view {
                View::AlreadyMember => Ok(see_other(&format!("/orgs/{}", page.found.slug))),
                View::Over(_) => page.respond(),
                _ => accepted,
            }
        }
        other => other,
    }
}

/// Creates the account for the invited person, signs them in, and accepts. If the input is invalid,
/// it renders the page again.
async fn accept_as_new(
    app: &App,
    session: &Session,
    device: &Device,
    mut page: LandingPage,
    form: AcceptForm,
) -> Result<Response> {
    let name = page.errors.take("name", person_name(&form.name));
    let about = About::person(&form.name, page.found.email.as_str())
        .and_organization(&page.found.organization);
    let Chosen { password, field } = app.passwords.choose(&form.password, about).await?;
    let remark = field.remark();
    let password = page.errors.take("password", password);
    page.password = field;
    let (Some(name), Some(password)) = (name, password) else {
        page.typed_name = form.name;
        return page.respond();
    };
    let found = &page.found;
    let _counted = throttle::take(app, Kind::Invitation, found.email.as_str(), device).await?;
    let hash = app.passwords.hash(password).await?;
    let replaced = SessionKey::of(session);
    let key = session::renew(session, false).await?;
    let (email, verified) = (found.email.clone(), found.proves_address);
    let account = NewAccount { name, email, hash, verified };
    let session = NewSession { key: &key, replaced, device, keep: false, with: "an invitation" };
    let (token, joined) = join_as_new(app, found, &account, session).await?;
    Ok(token.put_into(app, landed(found, &joined, &remark)))
}

/// The redirect to the organization that the person has joined as `role`; `remark` begins with a
/// space.
pub(super) fn landed(found: &Found, role: &str, remark: &str) -> Response {
    let words = format!("Welcome to {}. Your role is {role}.{remark}", found.organization);
    Flash::redirect(&format!("/orgs/{}", found.slug), words).into_response()
}
