//! How the process is asked to stop: once for an orderly end, twice for one at once.

use std::future::{Future, pending};
use std::process;

use tokio::sync::watch;

/// What shells report of a process that an interrupt ended.
const INTERRUPTED: i32 = 130;

/// Being asked to stop.
pub(super) struct Stop(watch::Receiver<bool>);

/// Listens from here on. Until [`Stop::asked`] is waited for, which is when there is something to
/// bring to an orderly end, being asked once ends the process, too.
pub(super) fn listen() -> Stop {
    let (asks, asked) = watch::channel(false);
    outlive_file_limits();
    tokio::spawn(async move {
        let mut signals = Signals::new();
        loop {
            signals.next().await;
            let nobody_is_in_the_way = asks.receiver_count() < 2;
            if *asks.borrow() || nobody_is_in_the_way {
                process::exit(INTERRUPTED);
            }
            asks.send_replace(true);
        }
    });
    Stop(asked)
}

impl Stop {
    /// Ends when the process is asked to stop; from here on it is not ended before it has had the
    /// time for that, unless it is asked again.
    pub fn asked(&self) -> impl Future<Output = ()> + use<> {
        let mut asked = self.0.clone();
        async move {
            if asked.wait_for(|asked| *asked).await.is_err() {
                // Nobody listens any more: nobody asks.
                pending::<()>().await;
            }
        }
    }
}

/// A file that may not grow any further is a fault like a full disk, and no end of the process: with
/// somebody to listen to the signal, the write that went too far fails, and that is all.
#[cfg(unix)]
fn outlive_file_limits() {
    use tokio::signal::unix::{SignalKind, signal};
    /// SIGXFSZ, by the number that it has on Linux, the BSDs and macOS.
    const TOO_LARGE: SignalKind = SignalKind::from_raw(25);
    if signal(TOO_LARGE).is_err() {
        tracing::warn!("cannot listen to SIGXFSZ");
    }
}

#[cfg(not(unix))]
fn outlive_file_limits() {}

#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    /// What cannot be listened to ends the process the hard way, which it survives, too.
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn next(&mut self) {
        let signals = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        let signals: Vec<_> = signals.collect();
        match signals.is_empty() {
            true => pending().await,
            false => drop(futures_util::future::select_all(signals).await),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            pending().await
        }
    }
}
