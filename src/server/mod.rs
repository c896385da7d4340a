//! The service: requests and workers, and an orderly shutdown.

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

/// How long emails in progress may take after the last request.
const WORK_GRACE: Duration = Duration::from_secs(8);

/// The whole service for requests.
pub fn service(app: App) -> Router {
    web::wrap(router::routes(&app), router::IDENTITY_PAGES, app)
}

/// Serves requests on `listener` and works in the background until `stop` ends; then waits for work
/// in progress, and closes the database.
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
