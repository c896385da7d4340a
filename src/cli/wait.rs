//! `tenantry serve` waits for a database that is not there yet: after a machine has started, either
//! may be first.

use std::time::{Duration, Instant};

use super::Outcome;
use crate::platform::config::Config;
use crate::platform::db::{Unreachable, reach};

/// The first and the longest pause between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Waits until the database can be reached, as long as the operator has set.
///
/// # Errors
/// When it cannot be reached by then, or when waiting does not help: a wrong password stays wrong.
pub(super) async fn for_database(config: &Config) -> Outcome {
    let began = Instant::now();
    let limit = config.database_wait;
    let (mut pause, longest) = PAUSES;
    let mut told = String::new();
    loop {
        let Err(away) = reach(&config.database_url).await else {
            return Ok(());
        };
        if !away.passes {
            return Err(wrong(&away).into());
        }
        let Some(left) = limit.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) else {
            let waited = match limit.as_secs() {
                0 => String::new(),
                seconds => {
                    format!(" (TENANTRY_DATABASE_WAIT: gave up after {seconds} seconds)")
                }
            };
            return Err(format!("{}{waited}", wrong(&away)).into());
        };
        if told != away.cause {
            let Unreachable { place, cause, .. } = &away;
            let seconds = left.as_secs();
            tracing::warn!(database = place, cause, seconds, "waiting for the database");
            told = away.cause;
        }
        tokio::time::sleep(pause.min(left)).await;
        pause = (pause * 2).min(longest);
    }
}

/// Why the database cannot be reached, with the setting that names it.
pub(super) fn wrong(away: &Unreachable) -> String {
    format!("TENANTRY_DATABASE_URL: {away}")
}
