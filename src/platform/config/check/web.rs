//! Checks where the server listens, and where people reach it.

use std::net::{Ipv4Addr, SocketAddr};

use lettre::Address;
use url::{Host, Url};

use crate::platform::config::Settings;

/// Parses the address to listen on: an address of this machine, or `localhost`, and a port.
pub(in crate::platform::config) fn listen(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    match text.split_once(':').map(|(name, port)| (name, port.parse())) {
        Some(("localhost", Ok(port))) => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        _ => Err(format!(
            "{text:?} is not ADDRESS:PORT: 127.0.0.1:3000 is reached from this machine alone, \
             0.0.0.0:3000 and [::]:3000 from everywhere"
        )),
    }
}

pub(in crate::platform::config) fn base_url(text: &str) -> Result<Url, String> {
    // Checked before any message repeats the value.
    if text.contains('@') {
        return Err("must not hold a user name or password".to_owned());
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") => {}
        Some(_) => {
            return Err(format!("{text:?} must start with https:// (or http:// on loopback)"));
        }
        None => return Err(without_scheme(text)),
    }
    let url = Url::parse(text).map_err(|error| format!("{text:?} is not a URL: {error}"))?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        let origin = url.origin().ascii_serialization();
        return Err(format!("{text:?} must end after the host and port: {origin}"));
    }
    Ok(url)
}

/// The suggested URL for one without a scheme: https, but plain http for this machine.
fn without_scheme(text: &str) -> String {
    let is_here = ["localhost", "127.", "[::1]"].iter().any(|name| text.starts_with(name));
    let better = format!("{}://{text}", if is_here { "http" } else { "https" });
    match base_url(&better) {
        Ok(_) => format!("{text:?} must start with https:// (or http:// on loopback): {better}"),
        Err(_) => format!("{text:?} is not a URL like https://app.example.com"),
    }
}

/// The base URL, if none is set.
pub(in crate::platform::config) fn default_base_url(listen: SocketAddr) -> Result<Url, String> {
    if !listen.ip().is_loopback() {
        return Err("is needed when TENANTRY_LISTEN is not a loopback address".to_owned());
    }
    Url::parse(&format!("http://{listen}")).map_err(|error| error.to_string())
}

/// Checks that plain http is used on loopback only, unless the operator has allowed it.
pub(in crate::platform::config) fn is_encrypted(
    url: &Url,
    settings: &Settings,
) -> Result<(), String> {
    let stays_here = is_loopback(url) && settings.listen.ip().is_loopback();
    match url.scheme() == "https" || settings.allow_http || stays_here {
        true => Ok(()),
        false => {
            Err("plain http is served on loopback only; use https behind a proxy that terminates \
             TLS, or allow it with TENANTRY_ALLOW_HTTP=true"
                .to_owned())
        }
    }
}

/// Parses the URL at which people report a weakness.
pub(in crate::platform::config) fn security_contact(text: &str) -> Result<Url, String> {
    let is_address = |text: &str| text.parse::<Address>().is_ok();
    if is_address(text) {
        return Err(format!("{text:?} must start with mailto: or https://: mailto:{text}"));
    }
    let url = Url::parse(text).ok();
    let url = url.filter(|url| match url.scheme() {
        "mailto" => is_address(url.path()),
        "https" => url.username().is_empty() && url.password().is_none(),
        _ => false,
    });
    url.ok_or_else(|| {
        "is neither a URL like mailto:security@example.com nor one like \
         https://example.com/security"
            .to_owned()
    })
}

/// Whether a URL points to this machine.
pub(in crate::platform::config) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
