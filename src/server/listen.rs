//! Accepts connections, as many as the operator allows, and ends all of them within the time for
//! stopping.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::connection;
use crate::platform::App;
use crate::platform::web::bare::BareAnswers;

/// How long to wait when the process has no file descriptor left for a connection.
const BREATH: Duration = Duration::from_millis(100);

/// How many refused clients are read from at the same time, how many bytes, and for how long at
/// most.
const TURNED_AWAY: usize = 64;
const TURNED_AWAY_BYTES: usize = 64 * 1024;
const TURNED_AWAY_TIME: Duration = Duration::from_secs(1);

/// Answers requests to `listener` until `stop` ends, and then lets running ones finish within
/// [`stop`](crate::platform::web::limits::Timeouts::stop).
pub async fn listen(app: App, listener: TcpListener, stop: impl Future<Output = ()>) {
    let service = super::service(app.clone());
    let bare = Arc::new(BareAnswers::new(&app));
    let places = Arc::new(Semaphore::new(app.config.max_connections));
    let turned_away = Arc::new(Semaphore::new(TURNED_AWAY));
    let (stopping, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        // Removes ended connections, which would pile up otherwise.
        while connections.try_join_next().is_some() {}
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            turn_away(stream, &bare, &turned_away);
            continue;
        };
        let (service, stopped, bare) = (service.clone(), stopped.clone(), Arc::clone(&bare));
        let timeouts = app.config.timeouts;
        connections.spawn(async move {
            connection::serve(stream, peer, service, bare, timeouts, stopped).await;
            drop(place);
        });
    }
    drop(listener);
    // Nobody is listening if no connection is open.
    let _heard = stopping.send(true);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(app.config.timeouts.stop, all).await.is_err() {
        tracing::warn!(
            "stopped while requests were running; what they had not committed is undone"
        );
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Tells a client that there are too many connections. A new socket accepts these few bytes at
/// once; if not, nobody waits for it. What the client has sent meanwhile is read briefly, from a
/// few clients at a time, because the answer would often be lost otherwise.
fn turn_away(stream: TcpStream, bare: &BareAnswers, turned_away: &Arc<Semaphore>) {
    tracing::warn!("as many connections as TENANTRY_MAX_CONNECTIONS allows are open");
    let _sent = stream.try_write(bare.full());
    let Ok(place) = Arc::clone(turned_away).try_acquire_owned() else { return };
    tokio::spawn(async move {
        let ended = stream.into_std().and_then(|stream| {
            stream.shutdown(std::net::Shutdown::Write)?;
            TcpStream::from_std(stream)
        });
        if let Ok(stream) = ended {
            connection::drop_rest(&stream, TURNED_AWAY_BYTES, TURNED_AWAY_TIME).await;
        }
        drop(place);
    });
}
