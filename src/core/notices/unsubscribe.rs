//! Stopping a notice with the link in its email: with one click in a mail program (RFC 8058), or on
//! the page that the link opens. Whoever has the email may do so, without signing in.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::model::Notice;
use super::sql;
use super::way_out::Subscription;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::session::Device;
use crate::platform::tenant::{OrgTx, UnscopedTx};
use crate::platform::web::path::Text;
use crate::platform::web::{Shell, page};

#[derive(Template)]
#[template(path = "core/notices/unsubscribe.html")]
struct UnsubscribePage {
    shell: Shell,
    token: String,
    notice: Notice,
    organization: String,
    slug: String,
    is_stopped: bool,
}

/// `GET /unsubscribe/{text}`: asks, and changes nothing, because programs open links in emails.
pub async fn ask(State(app): State<App>, shell: Shell, Text(token): Text) -> Result<Response> {
    let subscription = open(&app, &token)?;
    let tx = UnscopedTx::read(&app).await?;
    let mut tx = tx.enter(subscription.organization).await?;
    let answer = draw(&mut tx, shell, token, subscription).await;
    tx.commit().await?;
    answer
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
    let mut tx = write(&app, &device, subscription).await?;
    let Subscription { member, notice, .. } = subscription;
    sql::stop(&mut tx, member, notice, app.clock.now()).await?;
    let answer = draw(&mut tx, shell, token, subscription).await;
    tx.commit_unrecorded().await?;
    answer
}

/// `POST /unsubscribe/{text}/undo`
pub async fn resume(
    State(app): State<App>,
    device: Device,
    shell: Shell,
    Text(token): Text,
) -> Result<Response> {
    let subscription = open(&app, &token)?;
    let mut tx = write(&app, &device, subscription).await?;
    sql::resume(&mut tx, subscription.member, subscription.notice).await?;
    let answer = draw(&mut tx, shell, token, subscription).await;
    tx.commit_unrecorded().await?;
    answer
}

async fn write(app: &App, device: &Device, subscription: Subscription) -> Result<OrgTx> {
    let tx = UnscopedTx::write(app).await?.from(device);
    Ok(tx.enter(subscription.organization).await?)
}

fn open(app: &App, token: &str) -> Result<Subscription> {
    Subscription::open(app, token).ok_or(AppError::NotFound)
}

async fn draw(
    tx: &mut OrgTx,
    shell: Shell,
    token: String,
    subscription: Subscription,
) -> Result<Response> {
    let Subscription { member, notice, .. } = subscription;
    let place = sql::place(tx, member).await?;
    let (organization, slug) = place.ok_or_else(|| {
        AppError::Gone("You are no longer a member there, so you will not get these emails.".into())
    })?;
    let is_stopped = sql::stopped(tx, member).await?.contains(&notice);
    page(&UnsubscribePage { shell, token, notice, organization, slug, is_stopped })
}
