//! Checks the lists and files that the operator provides.

use crate::platform::backup::check;
use crate::platform::checkup::Check;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::passwords::Blocklist;

pub(super) fn passwords(config: &Config) -> Check {
    let common = Blocklist::common_entries();
    let own = match config.password_blocklist.own_entries() {
        0 => "and no list of your own (TENANTRY_PASSWORD_BLOCKLIST)".to_owned(),
        own => format!("and none of the {own} in TENANTRY_PASSWORD_BLOCKLIST"),
    };
    let least = config.password_min_length;
    Check::ok(
        "passwords",
        format!("At least {least} characters, none of {common} common ones, {own}."),
    )
}

/// If the file cannot be read, the setting is wrong, and no checks are run.
pub(super) fn places(config: &Config) -> Check {
    const ABOUT: &str = "places";
    Check::ok(
        ABOUT,
        match &config.places {
            Some(places) => format!("Addresses are looked up in {places}."),
            None => "No file is set (TENANTRY_PLACES_FILE): the list of sign-ins shows addresses \
                     without a city."
                .to_owned(),
        },
    )
}

/// Checks the newest backup in the backup folder.
pub(super) async fn backups(config: &Config) -> Check {
    match config.backups() {
        Some(schedule) => schedule.check(Clock::System.now()).await,
        None => check::unscheduled(),
    }
}
