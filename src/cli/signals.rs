//! Signals to stop: the first asks for an orderly shutdown, the second ends the process at once.

use std::future::{Future, pending};
use std::process;

use tokio::sync::watch;

/// The exit code that shells report for an interrupted process.
const INTERRUPTED: i32 = 130;

/// The request to stop.
pub(super) struct Stop(watch::Receiver<bool>);

/// Listens from now on. Until somebody waits for [`Stop::asked`], which means that there is
/// something to shut down, even the first signal ends the process.
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
    /// Waits until the process is asked to stop. From now on, the first signal does not end the
    /// process, so that it can shut down.
    pub fn asked(&self) -> impl Future<Output = ()> + use<> {
        let mut asked = self.0.clone();
        async move {
            if asked.wait_for(|asked| *asked).await.is_err() {
                // Nobody is listening for signals any more.
                pending::<()>().await;
            }
        }
    }
}

/// Exceeding a limit on file sizes should be an error like a full disk, and not end the process:
/// with a listener for the signal, only the write fails.
#[cfg(unix)]
fn outlive_file_limits() {
    use tokio::signal::unix::{SignalKind, signal};
    /// SIGXFSZ, with its number on Linux, the BSDs and macOS.
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
    /// A signal that cannot be listened to ends the process abruptly, which is safe, too.
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
