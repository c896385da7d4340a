//! Reads the body of a request completely before anything else happens: a slow client occupies a
//! connection but nothing in the database, and no route can forget a limit.
//!
//! If a route takes more than a form, only the beginning of the body is read, which contains the
//! form's token. The handler reads the rest once it knows who sends it.

use std::fmt;
use std::sync::Arc;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::limits::{MAX_BODY_BYTES, MAX_LARGE_BODIES, Timeouts};
use super::route::RouteLimits;
use super::typed::Sent;
use crate::platform::error::{AppError, Result};

/// How much of a body that is too large is read and discarded, so that its sender, who is still
/// sending, can read the answer. For a large body the limit is this multiple of its size limit.
const DROPPED_BYTES: usize = 1024 * 1024;
const DROPPED_TIMES: usize = 4;

/// How much of a form that is too long is kept, so that its sender gets back what was typed.
const HELD_BYTES: usize = 512 * 1024;

/// How much of a large body is read before the handler asks for it.
const START_BYTES: usize = 4 * 1024;

/// The beginning of the body: all of it, unless its route takes a large one.
#[derive(Clone, Debug)]
pub struct Start(pub Bytes);

/// What is needed to read bodies.
#[derive(Clone, Debug)]
pub struct Reader {
    route_limits: Arc<RouteLimits>,
    timeouts: Timeouts,
    large: Arc<Semaphore>,
}

/// A large body that is still arriving.
#[derive(Clone)]
pub struct Large {
    incoming: Arc<Mutex<Incoming>>,
    reader: Reader,
}

/// A large body, and its permit to be in memory.
pub struct Taken {
    /// The whole body.
    pub bytes: Bytes,
    /// The permit, released on drop.
    pub place: OwnedSemaphorePermit,
}

impl fmt::Debug for Large {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Large(…)")
    }
}

struct Incoming {
    parts: BodyDataStream,
    limit: usize,
    /// What has arrived, as long as it is within the limit.
    bytes: Vec<u8>,
    length: usize,
    state: Progress,
    /// Permits to keep a body that exceeds its limit, so that its sender can have it back.
    places: Option<Arc<Semaphore>>,
    place: Option<OwnedSemaphorePermit>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Coming,
    Ended,
    Lost,
}

impl Incoming {
    fn new(body: Body, limit: usize) -> Result<Self> {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        let parts = body.into_data_stream();
        let incoming = Self {
            parts,
            limit,
            bytes: Vec::new(),
            length: 0,
            state: Progress::Coming,
            places: None,
            place: None,
        };
        if announced > incoming.most() { Err(AppError::TooLarge) } else { Ok(incoming) }
    }

    /// Sets the permits for bodies that exceed their limit.
    fn in_places(&mut self, places: &Arc<Semaphore>) -> &mut Self {
        self.places = Some(Arc::clone(places));
        self
    }

    /// How much of the body is read at most, including what is discarded.
    fn most(&self) -> usize {
        let dropped = match self.limit > MAX_BODY_BYTES {
            true => self.limit.saturating_mul(DROPPED_TIMES),
            false => DROPPED_BYTES,
        };
        self.limit.saturating_add(dropped)
    }

    /// Reads until `enough` bytes have arrived or the body ends. Keeps them as long as they are not
    /// more than `kept`.
    async fn read(&mut self, enough: usize, kept: usize, timeouts: Timeouts) -> Result<()> {
        let read = timeout(timeouts.body, self.parts(enough, kept, timeouts)).await;
        let read = read.map_err(|_| AppError::TooSlow).flatten();
        if read.is_err() {
            self.state = Progress::Lost;
        }
        read
    }

    async fn parts(&mut self, enough: usize, kept: usize, timeouts: Timeouts) -> Result<()> {
        while self.state == Progress::Coming && self.length < enough {
            let part = timeout(timeouts.body_pause, self.parts.next()).await;
            match part.map_err(|_| AppError::TooSlow)? {
                Some(Ok(part)) => {
                    self.length = self.length.saturating_add(part.len());
                    if self.length <= kept || self.is_held(part.len()) {
                        self.bytes.extend_from_slice(&part);
                    } else {
                        self.bytes = Vec::new();
                    }
                }
                Some(Err(_)) => {
                    return Err(AppError::BadRequest("The request ended too early.".into()));
                }
                None => self.state = Progress::Ended,
            }
        }
        Ok(())
    }

    /// Whether to keep more than the limit: a form that is complete so far and has a permit.
    fn is_held(&mut self, coming: usize) -> bool {
        if self.bytes.len() + coming != self.length || self.length > HELD_BYTES {
            return false;
        }
        if self.place.is_none() {
            let places = self.places.clone();
            self.place = places.and_then(|places| places.try_acquire_owned().ok());
        }
        self.place.is_some()
    }

    /// The whole body, unless it is too large.
    async fn whole(&mut self, timeouts: Timeouts) -> Result<Bytes> {
        self.read(self.most().saturating_add(1), self.limit, timeouts).await?;
        if self.state != Progress::Ended || self.length > self.limit {
            return Err(AppError::TooLarge);
        }
        Ok(std::mem::take(&mut self.bytes).into())
    }
}

impl Large {
    /// Reads the rest, and returns the whole body.
    ///
    /// # Errors
    /// When it is too large or too slow, or when too many large bodies are in memory.
    pub async fn take(&self) -> Result<Taken> {
        let place = Arc::clone(&self.reader.large).try_acquire_owned();
        let place = place.map_err(|_| AppError::Busy)?;
        let bytes = self.incoming.lock().await.whole(self.reader.timeouts).await?;
        Ok(Taken { bytes, place })
    }

    /// Reads and discards the rest, so that its sender can read the answer. Returns whether the
    /// connection can be used for another request.
    async fn drop_rest(&self) -> bool {
        let mut incoming = self.incoming.lock().await;
        let most = incoming.most().saturating_add(1);
        incoming.bytes = Vec::new();
        let read = incoming.read(most, 0, self.reader.timeouts).await;
        read.is_ok() && incoming.state == Progress::Ended
    }
}

impl Reader {
    /// A reader that applies the limits of `route_limits`.
    pub fn new(route_limits: Arc<RouteLimits>, timeouts: Timeouts) -> Self {
        Self { route_limits, timeouts, large: Arc::new(Semaphore::new(MAX_LARGE_BODIES)) }
    }
}

/// Reads the body, within the limits of its route.
pub async fn read(State(reader): State<Reader>, request: Request, next: Next) -> Response {
    let limit = reader.route_limits.body_limit(&request);
    let takes_file = reader.route_limits.takes_file(&request);
    let (parts, body) = request.into_parts();
    let answered = match Incoming::new(body, limit) {
        Err(error) => Err(error),
        Ok(incoming) if takes_file => begin(reader, incoming, parts, next).await,
        Ok(mut incoming) => match incoming.in_places(&reader.large).whole(reader.timeouts).await {
            Ok(whole) => {
                if let Some(sent) = parts.extensions.get::<Sent>() {
                    sent.note(&whole);
                }
                let mut request = Request::from_parts(parts, Body::from(whole.clone()));
                request.extensions_mut().insert(Start(whole));
                Ok(next.run(request).await)
            }
            Err(error) => {
                if let Some(sent) = parts.extensions.get::<Sent>() {
                    sent.note(&std::mem::take(&mut incoming.bytes).into());
                }
                Err(error)
            }
        },
    };
    // The rest of the body would be taken for the next request.
    answered.unwrap_or_else(|error| ([(CONNECTION, "close")], error).into_response())
}

/// Handles a request with a large body, of which only the beginning has been read.
async fn begin(
    reader: Reader,
    mut incoming: Incoming,
    parts: Parts,
    next: Next,
) -> Result<Response> {
    incoming.read(START_BYTES, incoming.limit, reader.timeouts).await?;
    let start = Start(Bytes::copy_from_slice(&incoming.bytes));
    let large = Large { incoming: Arc::new(Mutex::new(incoming)), reader };
    let mut request = Request::from_parts(parts, Body::empty());
    request.extensions_mut().insert(start);
    request.extensions_mut().insert(large.clone());
    let mut response = next.run(request).await;
    if !large.drop_rest().await {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
