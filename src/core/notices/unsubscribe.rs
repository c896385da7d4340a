//! Stopping a notice with the link in its email: with one click in a mail program (RFC 8058), or on
//! the page that the link opens. Anyone who has the email may do so, without signing in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::model::Notice;
use super::way_out::{Subject, Subscription};
use super::{commands, sql};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::path::Text;
use crate::platform::web::{Shell, page};

#[derive(Template)]
#[template(path = "core/notices/unsubscribe.html")]
struct UnsubscribePage {
    shell: Shell,
    token: String,
    subject: Subject,
    organization: String,
    slug: String,
    is_stopped: bool,
}

/// `GET /unsubscribe/{text}`: asks, and changes nothing, because programs open links in emails.
pub async fn ask(State(app): State<App>, shell: Shell, Text(token): Text) -> Result<Response> {
    let subscription = open(&app, &token)?;
    draw(&app, shell, token, subscription).await
}

/// `POST /unsubscribe/{text}`: accepts any form from any site; only the link decides. Mail programs
/// do not follow redirects here, so the page itself is the answer.
pub async fn stop(
    State(app): State<App>,
    device: Device,
    shell: Shell,
    Text(token): Text,
) -> Result<Response> {
    let subscription = open(&app, &token)?;
    commands::stop(&app, &device, subscription).await?;
    draw(&app, shell, token, subscription).await
}

/// `POST /unsubscribe/{text}/undo`
pub async fn resume(
    State(app): State<App>,
    device: Device,
    shell: Shell,
    Text(token): Text,
) -> Result<Response> {
    let subscription = open(&app, &token)?;
    commands::resume(&app, &device, subscription).await?;
    draw(&app, shell, token, subscription).await
}

fn open(app: &App, token: &str) -> Result<Subscription> {
    Subscription::open(app, token).ok_or(AppError::NotFound)
}

async fn draw(
    app: &App,
    shell: Shell,
    token: String,
    subscription: Subscription,
) -> Result<Response> {
    let Subscription { organization, member, subject } = subscription;
    let mut tx = UnscopedTx::read(app).await?.enter(organization).await?;
    let place = sql::place(&mut tx, member).await?;
    let (organization, slug) = place.ok_or_else(|| {
        AppError::Gone("You're not a member anymore, so you won't get these emails.".into())
    })?;
    let choices = sql::choices(&mut tx, member).await?;
    let is_mailed = |notice: &Notice| {
        subject.includes(*notice) && choices.delivery(*notice) == subject.delivery()
    };
    let is_stopped = !Notice::ALL.iter().any(is_mailed);
    tx.commit().await?;
    page(&UnsubscribePage { shell, token, subject, organization, slug, is_stopped })
}
