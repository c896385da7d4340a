//! The page that a join link opens: a sentence and the possible actions, for every state.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::commands::{self, Seen};
use super::model::{Standing, View};
use super::sql::{self, JoinLink};
use crate::platform::App;
use crate::platform::error::{AppError, Result, way_on};
use crate::platform::ids::OrganizationId;
use crate::platform::session::{CurrentUser, MaybeUser};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Received;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::{HOME, Onward};
use crate::platform::web::{Flash, Shell, TokenPath, page_with_status, see_other};

/// A join link that was opened.
pub struct OpenedJoinLink;

impl Link for OpenedJoinLink {
    const PURPOSE: &'static str = "join";
    const PATH: &'static str = "/join/link";
    const ONWARD: Onward = HOME;
}

/// The page of a join link.
#[derive(Template)]
#[template(path = "core/join/show.html")]
struct JoinPage {
    shell: Shell,
    link: JoinLink,
    view: View,
    /// The page's path.
    path: String,
    /// The signed-in person's address.
    my_email: String,
    /// Whom to ask.
    helper: String,
}

impl JoinPage {
    /// The page for `user`, in its current state.
    async fn load(
        app: &App,
        user: Option<&CurrentUser>,
        link: &Opened<OpenedJoinLink>,
        shell: Shell,
    ) -> Result<(OrganizationId, Self)> {
        let mut tx = UnscopedTx::read(app).await?;
        let place = sql::locate(&mut tx, &link.token).await?.ok_or(AppError::NotFound)?;
        let mut tx = tx.enter(place).await?;
        let seen = Seen::by_token(&mut tx, &link.token, user, app.clock.now()).await?;
        let seen = seen.ok_or(AppError::NotFound)?;
        let helper = seen.helper(&mut tx).await?;
        tx.commit().await?;
        let page = Self {
            shell,
            view: seen.view,
            link: seen.link,
            path: link.path.clone(),
            my_email: user.map(|user| user.email.to_string()).unwrap_or_default(),
            helper,
        };
        Ok((place, page))
    }

    /// The page, with `open` as its status unless the link has ended.
    fn respond(&self, open: StatusCode) -> Result<Response> {
        let status = if let View::Over(_) = self.view { StatusCode::GONE } else { open };
        page_with_status(status, self)
    }

    /// The page `path`, from which the person returns to this one.
    fn way_over(&self, path: &str) -> String {
        way_on(path, &self.path)
    }
}

/// `GET /join/{token}`: moves the token out of the URL without using it, because programs open
/// links in emails and chats.
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    TokenPath(token): TokenPath,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    sql::locate(&mut tx, &token).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    opened::put_away::<OpenedJoinLink>(&app, &headers, &token)
}

/// `GET /join/link/{link}`
pub async fn show(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    received: Received,
    link: Opened<OpenedJoinLink>,
) -> Result<Response> {
    let shell = Shell::default().with(received);
    let (_, page) = JoinPage::load(&app, user.as_ref(), &link, shell).await?;
    page.respond(StatusCode::OK)
}

/// `POST /join/link/{link}`
pub async fn join(
    user: CurrentUser,
    State(app): State<App>,
    link: Opened<OpenedJoinLink>,
) -> Result<Response> {
    let (place, page) = JoinPage::load(&app, Some(&user), &link, Shell::default()).await?;
    if page.view == View::Join
        && let Some(role) = commands::join(&app, &user, place, &link.token).await?
    {
        let words = format!("Welcome to {}. Your role is {role}.", page.link.organization);
        return Ok(Flash::redirect(&format!("/orgs/{}", page.link.slug), words));
    }
    // Somebody else may have used it up, or ended it, a moment ago: the page shows its current state.
    let (_, page) = JoinPage::load(&app, Some(&user), &link, Shell::default()).await?;
    match page.view {
        View::AlreadyMember => Ok(see_other(&format!("/orgs/{}", page.link.slug))),
        _ => page.respond(StatusCode::FORBIDDEN),
    }
}

/// The page of the join link that the browser opened last, if it still holds one.
pub(crate) fn waiting(app: &App, headers: &HeaderMap) -> Option<String> {
    opened::latest::<OpenedJoinLink>(app, headers)
}

/// `path` if it is the page of a join link that was opened.
pub(crate) fn page_of_link(path: &str) -> Option<&str> {
    let handle = path.strip_prefix(OpenedJoinLink::PATH)?.strip_prefix('/')?;
    let is_handle = !handle.is_empty() && handle.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_handle.then_some(path)
}
