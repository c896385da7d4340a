//! Checks the database URL, the role, and how the server is reached.

use std::net::IpAddr;
use std::path::Path;

use url::Url;

use super::{PERCENT, is_torn};

pub(in crate::platform::config) fn database_url(text: &str) -> Result<String, String> {
    let known =
        ["sqlite:", "postgres://", "postgresql://"].iter().any(|kind| text.starts_with(kind));
    if !known {
        return Err("must start with sqlite: or postgres://".to_owned());
    }
    if text.contains(":memory:") || text.contains("mode=memory") {
        return Err("an SQLite database in memory would be a different one for each connection; \
                    name a file"
            .to_owned());
    }
    match text.strip_prefix("sqlite:") {
        Some(path) if names_a_file(path) => Ok(text.to_owned()),
        Some(_) => Err("must name a file, as sqlite:data/tenantry.db does".to_owned()),
        None => verified(text),
    }
}

/// Whether the text after `sqlite:` can name a file.
fn names_a_file(path: &str) -> bool {
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    !path.ends_with('/') && Path::new(path).file_name().is_some()
}

/// PostgreSQL on another machine must be reached with TLS and a verified certificate, without a
/// fallback. An operator who trusts the network in between has to say so.
fn verified(text: &str) -> Result<String, String> {
    if is_torn(text) {
        return Err(PERCENT.to_owned());
    }
    let mut url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if let Some((name, _)) = url.query_pairs().find(|(name, _)| !is_parameter(name)) {
        let names: Vec<&str> = PARAMETERS.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        return Err(format!("{name:?} is not a parameter of a connection; there are {names}"));
    }
    let value = |name: &str| {
        url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    };
    let (mode, host) = (value("sslmode"), value("host"));
    let host = host.or_else(|| url.host_str().map(str::to_owned)).unwrap_or_default();
    let name = host.trim_matches(['[', ']']);
    // An empty host or a folder means a Unix socket.
    let is_socket = name.is_empty() || name.starts_with('/') || name.starts_with("%2F");
    let is_here = is_socket || is_this_machine(name);
    match mode.as_deref() {
        _ if is_here => Ok(text.to_owned()),
        Some("verify-full" | "verify-ca" | "disable") => Ok(text.to_owned()),
        Some(_) => {
            Err("sslmode must be verify-full or verify-ca on another machine, or disable if the \
                 network in between is trusted"
                .to_owned())
        }
        None => {
            url.query_pairs_mut().append_pair("sslmode", "verify-full");
            Ok(url.into())
        }
    }
}

/// The parameters that the URL may have after `?`, and whether each may be shown. sqlx would skip
/// others, and log their value.
const PARAMETERS: &[(&str, bool)] = &[
    ("sslmode", true),
    ("sslrootcert", true),
    ("sslcert", true),
    ("sslkey", true),
    ("host", true),
    ("hostaddr", true),
    ("port", true),
    ("dbname", true),
    ("user", true),
    ("password", false),
    ("application_name", true),
    ("options", false),
    ("statement-cache-capacity", true),
];

fn is_parameter(name: &str) -> bool {
    let is_option = name.starts_with("options[") && name.ends_with(']');
    is_option || PARAMETERS.iter().any(|(known, _)| *known == name)
}

/// Whether a parameter of a database URL may be shown: it is known and not secret.
pub(in crate::platform::config) fn is_shown(name: &str) -> bool {
    PARAMETERS.contains(&(name, true))
}

/// Whether the host, a name or an address, is reached without a network.
pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The role's name is part of statements in places where it cannot be a parameter.
pub(in crate::platform::config) fn database_role(role: &str) -> Result<String, String> {
    let is_plain = role.starts_with(|first: char| first.is_ascii_lowercase())
        && role.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && role.len() <= 63;
    match is_plain {
        true => Ok(role.to_owned()),
        false => Err(format!(
            "{role:?} must be lower-case letters, digits and underscores, a letter first"
        )),
    }
}
