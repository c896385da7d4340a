//! Checks the base URL, and whether others can read the traffic to it.

use crate::platform::checkup::Check;
use crate::platform::config::Config;

pub(super) fn base_url(config: &Config) -> Check {
    const ABOUT: &str = "base URL";
    let origin = config.origin();
    if config.is_https() {
        Check::ok(ABOUT, format!("People reach it at {origin}, encrypted."))
    } else if config.is_loopback() {
        Check::ok(ABOUT, format!("{origin} is reached on this machine only."))
    } else {
        Check::fail(
            ABOUT,
            format!("{origin} is plain http: passwords and sessions are sent unencrypted."),
            "Put a proxy that terminates TLS in front of it, and set TENANTRY_BASE_URL=https://….",
        )
    }
}

pub(super) fn cookies(config: &Config) -> Check {
    const ABOUT: &str = "cookies";
    if config.is_https() {
        Check::ok(ABOUT, "They are Secure, HttpOnly and for this host alone.")
    } else if config.is_loopback() {
        Check::ok(ABOUT, "They are HttpOnly, and not Secure: they stay on this machine.")
    } else {
        Check::fail(
            ABOUT,
            "They cannot be Secure over plain http: anyone listening in can take over a session.",
            "Fix it as for the base URL.",
        )
    }
}
