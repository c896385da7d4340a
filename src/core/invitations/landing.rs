//! The page that an invitation's link opens: a sentence and the possible actions, for every state.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::commands;
use super::model::{self, Standing, View};
use super::sql::{self, Found};
use crate::platform::App;
use crate::platform::config::SignUp;
use crate::platform::error::{AppError, Result};
use crate::platform::mail::outbox;
use crate::platform::passwords::PasswordField;
use crate::platform::session::{CurrentUser, Device, MaybeUser};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Received;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::{HOME, Onward};
use crate::platform::web::{FieldErrors, Shell, TokenPath, page_with_status};

/// The link of an invitation.
pub struct InvitationLink;

impl Link for InvitationLink {
    const PURPOSE: &'static str = "invitation";
    const PATH: &'static str = "/invitations/link";
    const ONWARD: Onward = HOME;
}

/// The page of an invitation's link.
#[derive(Template)]
#[template(path = "core/invitations/show.html")]
pub(super) struct LandingPage {
    pub shell: Shell,
    pub found: Found,
    pub view: View,
    /// The page's path.
    pub path: String,
    /// The invited address, as the viewer may see it.
    pub invited: String,
    /// The signed-in person's address.
    pub my_email: String,
    /// The name typed into the form for a new person.
    pub typed_name: String,
    pub errors: FieldErrors,
    pub password: PasswordField,
}

impl LandingPage {
    /// The page for `user`, in its current state.
    pub async fn load(
        app: &App,
        user: Option<&CurrentUser>,
        link: &Opened<InvitationLink>,
        shell: Shell,
    ) -> Result<Self> {
        let mut tx = UnscopedTx::read(app).await?;
        let place = sql::locate_by_token(&mut tx, &link.token).await?.ok_or(AppError::NotFound)?;
        let mut tx = tx.enter(place).await?;
        let found = sql::find_by_token(&mut tx, &link.token, user.map(|user| user.id)).await?;
        tx.commit().await?;
        let found = found.ok_or(AppError::NotFound)?;
        // A copied link does not confirm the address.
        let needs_proof = found.is_above_member && !found.proves_address && outbox::is_sent(app);
        let view = match model::view(&found, user, app.clock.now()) {
            View::NewPerson | View::SignedOut
                if app.config.sign_up == SignUp::Confirm
                    && !found.proves_address
                    && outbox::is_sent(app) =>
            {
                View::MailFirst
            }
            View::NewPerson if needs_proof => View::MailFirst,
            View::Invited if needs_proof && user.is_some_and(|user| !user.is_verified()) => {
                View::ProveFirst
            }
            view => view,
        };
        Ok(Self {
            shell,
            view,
            path: link.path.clone(),
            invited: invited(&found, view, user),
            my_email: user.map(|user| user.email.to_string()).unwrap_or_default(),
            typed_name: String::new(),
            errors: FieldErrors::default(),
            password: app.passwords.field(),
            found,
        })
    }

    /// The page with its status.
    pub fn respond(&self) -> Result<Response> {
        let status = match self.view {
            View::Over(_) => StatusCode::GONE,
            _ if !self.errors.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::OK,
        };
        page_with_status(status, self)
    }

    /// Whether the signed-in person has already asked to have the address changed.
    fn has_asked(&self) -> bool {
        self.found.requested_email.as_ref().is_some_and(|email| email.as_str() == self.my_email)
    }

    /// The sign-in page for the invited person, from which they return to this page.
    fn login_path(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if self.invited == self.found.email.as_str() {
            query.append_pair("email", self.found.email.as_str());
        }
        query.append_pair("next", &self.path);
        format!("/login?{}", query.finish())
    }
}

/// The invited address: in full for its owner, as far as is known; masked for somebody who was
/// given the link or is signed in as somebody else.
fn invited(found: &Found, view: View, user: Option<&CurrentUser>) -> String {
    let is_theirs = match user {
        Some(user) => user.email == found.email,
        None => found.proves_address && !matches!(view, View::Over(_)),
    };
    if is_theirs { found.email.to_string() } else { found.email.masked() }
}

/// `GET /invitations/{token}`: moves the token out of the URL without using it, because programs
/// open links in emails.
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    TokenPath(token): TokenPath,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    sql::locate_by_token(&mut tx, &token).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    opened::put_away::<InvitationLink>(&app, &headers, &token)
}

/// `GET /invitations/link/{link}`
pub async fn show(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    received: Received,
    link: Opened<InvitationLink>,
) -> Result<Response> {
    let shell = Shell::default().with(received);
    LandingPage::load(&app, user.as_ref(), &link, shell).await?.respond()
}

/// `POST /invitations/link/{link}/decline`: for anybody with the link, even without an account.
pub async fn decline(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    device: Device,
    link: Opened<InvitationLink>,
) -> Result<Response> {
    let shell = Shell::default();
    let page = LandingPage::load(&app, user.as_ref(), &link, shell.clone()).await?;
    if model::standing(&page.found, app.clock.now()) == Standing::Open {
        commands::decline(&app, &device, &page.found).await?;
    }
    let page = LandingPage::load(&app, user.as_ref(), &link, shell).await?;
    match page.view {
        View::Over(Standing::Declined) => page_with_status(StatusCode::OK, &page),
        _ => page.respond(),
    }
}
