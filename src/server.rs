//! The service: requests on one side, workers on the other, and an orderly end.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use crate::platform::{App, web};
use crate::{router, workers};

/// How long running requests may take to end after the service was asked to stop.
const GRACE: Duration = Duration::from_secs(20);

/// How long the mail that is on its way may take after that.
const WORK_GRACE: Duration = Duration::from_secs(8);

/// Everything that answers requests, as one service.
pub fn service(app: App) -> Router {
    web::wrap(web::route::build(router::routes(&app)), app)
}

/// Serves on `listener` and works in the background until `stop` ends; then lets what is running
/// finish, and closes the database.
pub async fn run(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = service(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let workers = workers::start(&app);
    let (stopping, stopped) = tokio::sync::watch::channel(false);
    let graceful = async move {
        stop.await;
        // Nobody listens any more when the server has ended by itself.
        let _heard = stopping.send(true);
    };
    let serving = axum::serve(listener, service).with_graceful_shutdown(graceful);
    let too_long = async move {
        let mut stopped = stopped;
        if stopped.wait_for(|stopped| *stopped).await.is_ok() {
            tokio::time::sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let served = tokio::select! {
        served = serving => served,
        () = too_long => Ok(()),
    };
    if tokio::time::timeout(WORK_GRACE, workers.finish()).await.is_err() {
        tracing::warn!("stopped while a mail was on its way; it may go out twice");
    }
    app.close().await;
    served
}
