//! The application's clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use time::{Duration, OffsetDateTime};

use super::Timestamp;

/// The source of the application's time; tests use one that they set by hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that is set by hand.
    Manual(Arc<Manual>),
    /// A clock that never goes back, made by [`Clock::steady`].
    Steady(Arc<Steady>),
}

/// A clock that stands still until it is advanced or set running.
#[derive(Debug)]
pub struct Manual {
    micros: AtomicI64,
    /// How many microseconds it advances at each reading.
    step: AtomicI64,
}

/// A clock that never goes back, whatever the clock does that it follows.
///
/// While that clock is behind the time already shown, this one runs at half speed: things still
/// expire, nobody waits forever, and in the end both agree.
#[derive(Debug)]
pub struct Steady {
    follows: Clock,
    /// The last time shown while both agreed, or the time it was given, and when that was.
    newest: Mutex<(Timestamp, Instant)>,
}

impl Steady {
    fn now(&self) -> Timestamp {
        let machine = self.follows.now();
        let mut newest = self.newest.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let shown = self.shown(*newest);
        if machine < shown {
            return shown;
        }
        *newest = (machine, Instant::now());
        machine
    }

    /// The time to show while the followed clock is behind.
    fn shown(&self, (newest, at): (Timestamp, Instant)) -> Timestamp {
        match self.follows {
            Clock::Manual(_) => newest,
            Clock::System | Clock::Steady(_) => {
                newest.plus(Duration::try_from(at.elapsed() / 2).unwrap_or_default())
            }
        }
    }

    fn learn(&self, at: Timestamp) {
        let mut newest = self.newest.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if at > self.shown(*newest) {
            *newest = (at, Instant::now());
        }
    }
}

impl Clock {
    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        let (micros, step) = (AtomicI64::new(start.as_micros()), AtomicI64::new(0));
        Self::Manual(Arc::new(Manual { micros, step }))
    }

    /// Turns this clock into one that never goes back.
    #[must_use]
    pub fn steady(self) -> Self {
        match self {
            Self::Steady(_) => self,
            follows => {
                let newest = Mutex::new((follows.now(), Instant::now()));
                Self::Steady(Arc::new(Steady { follows, newest }))
            }
        }
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
            Self::System => Timestamp::from(OffsetDateTime::now_utc()),
            Self::Manual(manual) => {
                let step = manual.step.load(Ordering::Acquire);
                Timestamp(manual.micros.fetch_add(step, Ordering::AcqRel))
            }
            Self::Steady(steady) => steady.now(),
        }
    }

    /// The time of the machine's clock, even if it has gone back: for what has to agree with other
    /// clocks, such as the codes of authenticator apps.
    pub fn machine(&self) -> Timestamp {
        match self {
            Self::System | Self::Manual(_) => self.now(),
            Self::Steady(steady) => steady.follows.now(),
        }
    }

    /// Makes a steady clock show at least `newest` from now on.
    pub fn learn(&self, newest: Timestamp) {
        if let Self::Steady(steady) = self {
            steady.learn(newest);
        }
    }

    /// Moves a manual clock forward or back; the system's clock cannot be moved.
    ///
    /// # Panics
    /// When this is the system's clock.
    pub fn advance(&self, by: Duration) {
        match self {
            Self::System => panic!("the system's clock cannot be moved"),
            Self::Manual(manual) => {
                let by = i64::try_from(by.whole_microseconds()).unwrap_or(i64::MAX);
                manual.micros.fetch_add(by, Ordering::AcqRel);
            }
            Self::Steady(steady) => steady.follows.advance(by),
        }
    }
}

impl Clock {
    /// Makes a manual clock advance by a millisecond at each reading, so that no two readings
    /// agree, as with every other clock.
    ///
    /// # Panics
    /// When this is the system's clock, which runs by itself.
    pub fn run(&self) {
        match self {
            Self::System => panic!("the system's clock runs by itself"),
            Self::Manual(manual) => manual.step.store(1_000, Ordering::Release),
            Self::Steady(steady) => steady.follows.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_clock_never_goes_back_and_agrees_again_in_the_end() {
        let start = Timestamp::from_micros(1_700_000_000_000_000);
        let clock = Clock::manual(start).steady();
        clock.advance(Duration::hours(3));
        assert_eq!(clock.now(), start.plus(Duration::hours(3)));
        clock.advance(Duration::hours(-2));
        assert_eq!(clock.now(), start.plus(Duration::hours(3)));
        assert_eq!(clock.machine(), start.plus(Duration::hours(1)));
        clock.learn(start.plus(Duration::hours(4)));
        clock.learn(start);
        assert_eq!(clock.now(), start.plus(Duration::hours(4)));
        clock.advance(Duration::hours(5));
        assert_eq!(clock.now(), start.plus(Duration::hours(6)));

        // It keeps running while it waits for the other clock.
        let clock = Clock::System.steady();
        let ahead = clock.now().plus(Duration::days(9));
        clock.learn(ahead);
        let shown = clock.now();
        assert!(shown >= ahead && shown < ahead.plus(Duration::hours(1)));
        std::thread::yield_now();
        assert!(clock.now() >= shown);
    }
}
