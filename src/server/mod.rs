//! The service: requests on one side, workers on the other, and an orderly end.

mod connection;
mod heads;
mod listen;
mod notify;
mod watched;

use std::future::Future;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use crate::platform::{App, newest, web};
use crate::{router, workers};

pub use listen::listen;

/// How long the mail that is on its way may take after the last request.
const WORK_GRACE: Duration = Duration::from_secs(8);

/// Everything that answers requests, as one service.
pub fn service(app: App) -> Router {
    web::wrap(router::routes(&app), router::IDENTITY_PAGES, app)
}

/// Serves on `listener` and works in the background until `stop` ends; then lets what is running
/// finish, and closes the database.
pub async fn run(app: App, listener: TcpListener, stop: impl Future<Output = ()>) {
    if let Err(error) = newest::learn(&app).await {
        tracing::error!(?error, "could not read the recorded time");
    }
    let workers = workers::start(&app);
    app.say_what_starts();
    let stop = async {
        stop.await;
        notify::tell(notify::STOPPING);
    };
    notify::tell(notify::READY);
    listen(app.clone(), listener, stop).await;
    if tokio::time::timeout(WORK_GRACE, workers.finish()).await.is_err() {
        tracing::warn!("stopped while an email was on its way; it may be sent twice");
    }
    if let Err(error) = newest::note(&app).await {
        tracing::error!(?error, "could not record the time");
    }
    app.close().await;
    tracing::info!("stopped");
}
