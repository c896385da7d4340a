//! Checks whether requests reach the process from the address that people use, and through how many
//! proxies.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::Url;

use super::ask::{Silence, ask};
use crate::platform::checkup::Check;
use crate::platform::config::Config;
use crate::platform::secrets::Keyring;
use crate::platform::web::echo::Echo;

const SERVICE: &str = "service";
const WAY_IN: &str = "way in";
const PROXIES: &str = "proxies";

/// Asks the service at the address that it listens on, and then at the base URL.
pub(super) async fn way_in(config: &Config) -> Vec<Check> {
    let keyring = Keyring::load(&config.secret_key_file).ok().flatten();
    let direct = here(config.listen);
    // With port 0, the actual port is unknown.
    let (Some(keyring), Ok(direct), true) = (keyring, direct, config.listen.port() != 0) else {
        return vec![unasked(config)];
    };
    let listen = config.listen;
    match ask(&direct, &keyring).await {
        Err(Silence::Unreachable(_)) => {
            let what = format!(
                "It does not answer at {listen}. Once it runs, this also sees how requests come in."
            );
            return vec![Check::ok(SERVICE, what), unasked(config)];
        }
        Err(Silence::Other(status)) => {
            let what = format!(
                "What answers at {listen} (with {status}) is not this installation: another program, \
                 or one with another secret key."
            );
            let mend = "Stop it, or set another TENANTRY_LISTEN; check that \
                        TENANTRY_SECRET_KEY_FILE is the service's.";
            return vec![Check::fail(SERVICE, what, mend), unasked(config)];
        }
        Ok(_) => {}
    }
    let mut checks = vec![Check::ok(SERVICE, format!("It answers at {listen}."))];
    let origin = config.origin();
    match Url::parse(&origin).map(|url| (url == direct, url)) {
        Ok((false, url)) => match ask(&url, &keyring).await {
            Ok(echo) => {
                checks.push(Check::ok(WAY_IN, format!("A request to {origin} arrives here.")));
                checks.push(proxies(config, &echo));
            }
            Err(silence) => checks.extend([astray(&origin, silence), unasked(config)]),
        },
        _ => checks.push(unasked(config)),
    }
    checks
}

/// The URL of a service on this machine that listens on `listen`.
fn here(listen: SocketAddr) -> Result<Url, url::ParseError> {
    let address = match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    Url::parse(&format!("http://{}", SocketAddr::new(address, listen.port())))
}

fn astray(origin: &str, silence: Silence) -> Check {
    match silence {
        Silence::Unreachable(cause) => Check::warn(
            WAY_IN,
            format!(
                "{origin} cannot be reached from this machine: {cause}. Others may reach it all the \
                 same."
            ),
            format!(
                "Open {origin}/healthz in a browser: it says ok. If not, check that the name leads \
                 to the proxy, and the proxy here."
            ),
        ),
        Silence::Other(status) => Check::fail(
            WAY_IN,
            format!(
                "{origin} leads elsewhere: what answers there (with {status}) is not this installation."
            ),
            "Check that the name in TENANTRY_BASE_URL leads to the proxy, and the proxy to \
             TENANTRY_LISTEN, under the same path and without a redirect.",
        ),
    }
}

/// What can be said about proxies without a request through them.
fn unasked(config: &Config) -> Check {
    match config.trusted_proxies {
        0 if config.is_https() => Check::warn(
            PROXIES,
            "Behind https there is a proxy, and TENANTRY_TRUSTED_PROXIES is 0: every sign-in seems \
             to come from it.",
            "Set TENANTRY_TRUSTED_PROXIES=1, and let the proxy write the client's address into \
             X-Forwarded-For.",
        ),
        0 => Check::ok(PROXIES, "None is trusted."),
        count => Check::ok(PROXIES, format!("The last {count} of X-Forwarded-For are trusted.")),
    }
}

/// What a request says about the proxies on its way.
fn proxies(config: &Config, echo: &Echo) -> Check {
    let believed = config.trusted_proxies;
    let known = |address: Option<IpAddr>| address.map_or("?".to_owned(), |a| a.to_string());
    let (peer, client) = (known(echo.peer), known(echo.client));
    match echo.forwarded {
        0 if believed == 0 && config.is_https() => Check::warn(
            PROXIES,
            format!(
                "A request came in from {peer} without X-Forwarded-For: every sign-in seems to come from there."
            ),
            "Let the proxy write the client's address into X-Forwarded-For, and set \
             TENANTRY_TRUSTED_PROXIES=1.",
        ),
        count if count > believed => Check::warn(
            PROXIES,
            format!(
                "A request came in from {peer} with {count} in X-Forwarded-For, of which \
                 {believed} are trusted: it counts as one from {client}."
            ),
            format!("Set TENANTRY_TRUSTED_PROXIES={count} if that many proxies are in front."),
        ),
        count if count < believed => Check::warn(
            PROXIES,
            format!(
                "A request from this machine came in from {peer} with {count} in X-Forwarded-For, \
                 and {believed} are trusted: if no more proxies are in front of others' requests, \
                 clients can choose their address."
            ),
            format!(
                "Set TENANTRY_TRUSTED_PROXIES={count} unless others come through more proxies."
            ),
        ),
        _ => Check::ok(PROXIES, format!("A request came in from {peer}; its client is {client}.")),
    }
}
