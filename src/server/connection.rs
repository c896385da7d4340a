//! One connection: HTTP/1.1, with limits for slow clients.
//!
//! Reading a body has its own limits ([`crate::platform::web`]); this module limits the time before
//! a request and after its answer, when no handler is running.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, TRANSFER_ENCODING};
use axum::http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tower_service::Service;

use super::watched::Watched;
use crate::platform::web::bare::BareAnswers;
use crate::platform::web::limits::{MAX_HEAD_BYTES, MAX_HEADERS, Timeouts};

/// How often to check whether a client has taken too long.
const LOOK: Duration = Duration::from_millis(500);

/// How many bytes of a request are read and discarded if it was answered before its end.
const LEFT_BYTES: usize = 64 * 1024 * 1024;
/// How long that may take when the service stops.
const LEFT_AT_THE_END: Duration = Duration::from_secs(1);

/// Answers the requests of one connection until it ends, takes too long, or the service stops.
pub async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    service: Router,
    bare: Arc<BareAnswers>,
    timeouts: Timeouts,
    mut stopped: watch::Receiver<bool>,
) {
    // Sends answers at once. If this fails, they are sent a little later.
    let _set = stream.set_nodelay(true);
    let state = Progress::default();
    let io = TokioIo::new(Watched::new(stream, state.clone(), bare));
    let answering = state.clone();
    let answer = service_fn(move |request: Request<Incoming>| {
        let (mut service, state) = (service.clone(), answering.clone());
        async move {
            state.set(Phase::Answering);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            // Only the library knows where such a body ends, so what follows it would not be
            // checked.
            let is_last = request.headers().contains_key(TRANSFER_ENCODING);
            let Ok(mut answer) = service.call(request).await;
            if is_last {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            state.set(Phase::Quiet);
            if answer.headers().get(CONNECTION).is_some_and(|value| value == "close") {
                state.leave_unread();
            }
            Ok::<Response<Body>, Infallible>(answer)
        }
    });
    let mut http = http1::Builder::new();
    http.max_headers(MAX_HEADERS).max_buf_size(MAX_HEAD_BYTES);
    let mut connection = http.serve_connection(io, answer);
    let mut looks = tokio::time::interval(LOOK);
    let mut is_stopping = false;
    loop {
        tokio::select! {
            // An error here means that the client is gone or sent something other than HTTP.
            _ended = &mut connection => break,
            _stopped = stopped.wait_for(|stopped| *stopped), if !is_stopping => {
                is_stopping = true;
                if state.waits_for_a_head() {
                    return;
                }
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
            _look = looks.tick() => {
                if state.is_over(timeouts) {
                    return;
                }
            }
        }
    }
    if state.has_left_unread() {
        let stream = connection.into_parts().io.into_inner().into_stream();
        let is_stopping = async {
            // An error means that the service has ended already.
            drop(stopped.wait_for(|stopped| *stopped).await);
            tokio::time::sleep(LEFT_AT_THE_END).await;
        };
        tokio::select! {
            () = drop_rest(&stream, LEFT_BYTES, timeouts.body) => {}
            () = is_stopping => {}
        }
    }
}

/// Reads and discards what a client is still sending after it was answered. Closing the connection
/// at once would reset it, and the answer would often be lost.
pub(super) async fn drop_rest(stream: &TcpStream, most: usize, within: Duration) {
    let read = async {
        let mut buffer = [0; 16 * 1024];
        let mut length = 0;
        while length < most {
            if stream.readable().await.is_err() {
                return;
            }
            match stream.try_read(&mut buffer) {
                // The client has read the answer.
                Ok(0) => return,
                Ok(read) => length += read,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    };
    // A client that keeps sending for longer does not read the answer either.
    let _in_time = tokio::time::timeout(within, read).await;
}

/// The phase of a connection, when it began, and whether part of the last request was left unread.
#[derive(Clone, Debug)]
pub(super) struct Progress(Arc<Mutex<(Phase, Instant)>>, Arc<AtomicBool>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The head of a request is arriving, or the connection is new.
    Head,
    /// A handler is running, or its body is arriving.
    Answering,
    /// An answer is being sent, or nothing happens.
    Quiet,
}

impl Default for Progress {
    fn default() -> Self {
        Self(Arc::new(Mutex::new((Phase::Head, Instant::now()))), Arc::default())
    }
}

impl Progress {
    fn set(&self, phase: Phase) {
        self.change(|_| Some(phase));
    }

    /// Moves to another phase, or starts the same one again.
    pub(super) fn change(&self, to: impl FnOnce(Phase) -> Option<Phase>) {
        let mut progress = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(phase) = to(progress.0) {
            *progress = (phase, Instant::now());
        }
    }

    /// Notes that the answer is sent before the whole request has arrived.
    pub(super) fn leave_unread(&self) {
        self.1.store(true, Ordering::Relaxed);
    }

    fn has_left_unread(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }

    fn get(&self) -> (Phase, Instant) {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn waits_for_a_head(&self) -> bool {
        self.get().0 == Phase::Head
    }

    fn is_over(&self, timeouts: Timeouts) -> bool {
        let (phase, since) = self.get();
        match phase {
            Phase::Head => since.elapsed() >= timeouts.head,
            Phase::Answering => false,
            Phase::Quiet => since.elapsed() >= timeouts.idle,
        }
    }
}
