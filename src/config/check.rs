//! What is wrong with a value that the operator has set. What may be a secret is never repeated.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::{Smtp, WrongSetting};
use crate::platform::passwords::Blocklist;
use crate::platform::places::Places;
use crate::platform::secrets::KeyId;

/// How long a try to send a mail may take.
const SMTP_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn base_url(given: Option<&str>, listen: SocketAddr) -> Result<Url, WrongSetting> {
    let wrong = |what: &str| WrongSetting::new("TENANTRY_BASE_URL", what);
    let url = match given {
        Some(url) => Url::parse(url).map_err(|error| wrong(&format!("{url:?}: {error}")))?,
        None if listen.ip().is_loopback() => {
            Url::parse(&format!("http://{listen}")).map_err(|error| wrong(&error.to_string()))?
        }
        None => return Err(wrong("is needed when TENANTRY_LISTEN is not a loopback address")),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("must start with https:// (or http:// on loopback)"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must end after the host and port"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("must not hold a user name or password"));
    }
    Ok(url)
}

pub(super) fn database_url(url: String) -> Result<String, WrongSetting> {
    let known =
        ["sqlite:", "postgres://", "postgresql://"].iter().any(|kind| url.starts_with(kind));
    if !known {
        // The value may hold a password, so it is not repeated.
        return Err(WrongSetting::new(
            "TENANTRY_DATABASE_URL",
            "must start with sqlite: or postgres://",
        ));
    }
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(WrongSetting::new(
            "TENANTRY_DATABASE_URL",
            "an SQLite database in memory is another one for each connection; name a file",
        ));
    }
    verified(url)
}

/// PostgreSQL on another machine is reached encrypted, with its certificate checked, and never
/// otherwise because that did not work. Who trusts the network in between says so.
fn verified(url: String) -> Result<String, WrongSetting> {
    let wrong = |what: &str| WrongSetting::new("TENANTRY_DATABASE_URL", what);
    if url.starts_with("sqlite:") {
        return Ok(url);
    }
    let mut parsed = Url::parse(&url).map_err(|_| wrong("is not a URL"))?;
    let value = |name: &str| {
        parsed.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    };
    let (mode, host) = (value("sslmode"), value("host"));
    let host = host.or_else(|| parsed.host_str().map(str::to_owned)).unwrap_or_default();
    let name = host.trim_matches(['[', ']']);
    // No host, or a folder, stands for a socket.
    let is_socket = name.is_empty() || name.starts_with('/') || name.starts_with("%2F");
    let is_here = is_socket || is_this_machine(name);
    match mode.as_deref() {
        _ if is_here => Ok(url),
        Some("verify-full" | "verify-ca" | "disable") => Ok(url),
        Some(_) => Err(wrong(
            "sslmode must be verify-full or verify-ca on another machine, or disable where the \
             network in between is trusted",
        )),
        None => {
            parsed.query_pairs_mut().append_pair("sslmode", "verify-full");
            Ok(parsed.into())
        }
    }
}

/// Whether a server of this name, or at this address, is reached without a network.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The role's name becomes part of statements, where it cannot be a parameter.
pub(super) fn database_role(role: String) -> Result<String, WrongSetting> {
    let is_plain = role.starts_with(|first: char| first.is_ascii_lowercase())
        && role.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && role.len() <= 63;
    let words = "must be lower-case letters, digits and underscores, a letter first";
    if is_plain { Ok(role) } else { Err(WrongSetting::new("TENANTRY_DATABASE_ROLE", words)) }
}

/// A whole number within `range`.
pub(super) fn number<N: FromStr + PartialOrd + Display>(
    setting: &str,
    text: &str,
    range: RangeInclusive<N>,
) -> Result<N, WrongSetting> {
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = range.into_inner();
        WrongSetting::new(setting, format!("{text:?} is not {least} to {most}"))
    })
}

pub(super) fn smtp(text: &str) -> Result<Smtp, WrongSetting> {
    let wrong = |what: &str| WrongSetting::new("TENANTRY_SMTP_URL", what);
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(wrong("names no host"))?;
    let host = host.trim_matches(['[', ']']).to_owned();
    let on_loopback = is_this_machine(&host);
    let parameters = || TlsParameters::new(host.clone()).map_err(|error| wrong(&error.to_string()));
    let (tls, port) = match url.scheme() {
        "smtps" => (Tls::Wrapper(parameters()?), 465),
        "smtp" if on_loopback => (Tls::None, 25),
        "smtp" => (Tls::Required(parameters()?), 587),
        _ => return Err(wrong("must start with smtp:// or smtps://")),
    };
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let credentials = (!url.username().is_empty()).then(|| {
        Credentials::new(decode(url.username()), decode(url.password().unwrap_or_default()))
    });
    let port = url.port().unwrap_or(port);
    Ok(Smtp { port, host, tls, credentials, timeout: SMTP_TIMEOUT })
}

pub(super) fn mail_from(given: Option<&str>, base_url: &Url) -> Result<Mailbox, WrongSetting> {
    let text = match given.filter(|text| !text.is_empty()) {
        Some(text) => text.to_owned(),
        None => match base_url.host() {
            Some(Host::Domain(name)) => format!("Tenantry <no-reply@{name}>"),
            _ => "Tenantry <no-reply@localhost>".to_owned(),
        },
    };
    let wrong = |why: &str| WrongSetting::new("TENANTRY_MAIL_FROM", format!("{text:?} {why}"));
    let Mailbox { name, email } = text.parse().map_err(|_| wrong("is not NAME <ADDRESS>"))?;
    // A sender with other letters needs SMTPUTF8 of every server on the way; a domain never does.
    if !email.user().is_ascii() {
        return Err(wrong("has letters before the @ that not every mail server takes"));
    }
    let domain = idna::domain_to_ascii(email.domain()).ok();
    let email = domain.and_then(|domain| Address::new(email.user(), domain).ok());
    Ok(Mailbox { name, email: email.ok_or_else(|| wrong("has a domain that cannot be one"))? })
}

pub(super) fn lost_keys(text: &str) -> Result<Vec<KeyId>, WrongSetting> {
    let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::parse);
    ids.collect::<Result<_, String>>()
        .map_err(|words| WrongSetting::new("TENANTRY_LOST_KEYS", words))
}

/// Reads the operator's list, where one is named.
pub(super) fn blocklist(path: Option<&str>) -> Result<Blocklist, WrongSetting> {
    match path.filter(|path| !path.is_empty()) {
        None => Ok(Blocklist::default()),
        Some(path) => Blocklist::with_file(Path::new(path)).map_err(|error| {
            WrongSetting::new("TENANTRY_PASSWORD_BLOCKLIST", format!("{path}: {error}"))
        }),
    }
}

pub(super) fn places(path: Option<&str>) -> Result<Option<Places>, WrongSetting> {
    let wrong = |words| WrongSetting::new("TENANTRY_PLACES_FILE", words);
    path.map(|path| Places::open(Path::new(path)).map_err(wrong)).transpose()
}
