//! The application's clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use time::{Duration, OffsetDateTime};

use super::Timestamp;

/// Where the application takes the time from; tests hold one that they move by hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that is moved by hand.
    Manual(Arc<Manual>),
    /// One that does not go back, made by [`Clock::steady`].
    Steady(Arc<Steady>),
}

/// A clock that stands still until it is moved, or let run.
#[derive(Debug)]
pub struct Manual {
    micros: AtomicI64,
    /// By how much it moves each time that somebody looks.
    step: AtomicI64,
}

/// A clock that goes forward, whatever the one does that it follows.
///
/// While that one is behind what this has shown already, this goes on at half the speed: what
/// expires does so, whoever has to wait is not kept waiting for ever, and in the end both agree.
#[derive(Debug)]
pub struct Steady {
    follows: Clock,
    /// What it has shown last while both agreed, or was told; and when.
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

    /// What is shown where the followed clock is behind.
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

    /// This clock, as one that never goes back.
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

    /// The time now.
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

    /// What the machine's clock shows, also where that has gone back: for what has to agree with
    /// somebody else's clock, as the codes of authenticator apps do.
    pub fn machine(&self) -> Timestamp {
        match self {
            Self::System | Self::Manual(_) => self.now(),
            Self::Steady(steady) => steady.follows.now(),
        }
    }

    /// Has a steady clock show nothing before `newest` from here on.
    pub fn learn(&self, newest: Timestamp) {
        if let Self::Steady(steady) = self {
            steady.learn(newest);
        }
    }

    /// Moves a manual clock, forward or back; the system's clock cannot be moved.
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
    /// Has a manual clock move by a millisecond each time that somebody looks: no two looks agree, as
    /// with every other clock.
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

        // It goes on while it waits for the other.
        let clock = Clock::System.steady();
        let ahead = clock.now().plus(Duration::days(9));
        clock.learn(ahead);
        let shown = clock.now();
        assert!(shown >= ahead && shown < ahead.plus(Duration::hours(1)));
        std::thread::yield_now();
        assert!(clock.now() >= shown);
    }
}
