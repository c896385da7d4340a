//! Checks of the values that the operator has set. Their messages follow the setting's name, and
//! never repeat what may be a secret.

mod database;
mod mail;
mod web;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;

pub use mail::{Authorities, SmtpUrl};

pub(super) use database::{database_role, database_url, is_shown};
pub(super) use mail::{default_sender, mail_from, smtp, smtp_ca, smtp_url};
pub(super) use web::{
    base_url, default_base_url, is_encrypted, is_loopback, listen, security_contact,
};

use super::setting::names;
use super::settings::{Settings, SignUp};
use crate::platform::owners::cannot_read;
use crate::platform::passwords::Blocklist;
use crate::platform::places::Places;
use crate::platform::secrets::KeyId;

/// What must be escaped in a part of a URL, and how.
const PERCENT: &str = "the user name or the password contains a character that means something \
                       else in a URL: write / as %2F, # as %23, ? as %3F, @ as %40, : as %3A and % \
                       as %25";

/// What people write for "yes".
const YES: &[&str] = &["true", "yes", "on", "1"];
const NO: &[&str] = &["false", "no", "off", "0"];

/// Parses a whole number within `range`.
pub(super) fn number<N: FromStr + PartialOrd + Display>(
    text: &str,
    range: RangeInclusive<N>,
) -> Result<N, String> {
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = range.into_inner();
        format!("{text:?} is not a whole number from {least} to {most}")
    })
}

/// Parses a number of milliseconds; `None` for 0.
pub(super) fn milliseconds(text: &str) -> Result<Option<Duration>, String> {
    let limit = number(text, 0..=600_000)?;
    Ok((limit > 0).then(|| Duration::from_millis(limit)))
}

/// Parses a whole number of seconds within `range`.
pub(super) fn seconds(text: &str, range: RangeInclusive<u64>) -> Result<Duration, String> {
    number(text, range).map(Duration::from_secs)
}

/// Parses a word of an enum.
pub(super) fn choice<T: ValueEnum>(text: &str) -> Result<T, String> {
    T::from_str(text, false)
        .map_err(|_| format!("{text:?} is not one of {}", names::<T>().join(", ")))
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    let folded = text.to_ascii_lowercase();
    match () {
        () if YES.contains(&folded.as_str()) => Ok(true),
        () if NO.contains(&folded.as_str()) => Ok(false),
        () => Err(format!("{text:?} is neither true nor false")),
    }
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}

pub(super) fn lost_keys(text: &str) -> Result<Vec<KeyId>, String> {
    let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::parse);
    ids.collect()
}

/// A list of domains requires that people confirm their address: an unconfirmed one proves nothing.
pub(super) fn domains_are_proved(settings: &Settings) -> Result<(), String> {
    match settings.sign_up {
        SignUp::Confirm => Ok(()),
        SignUp::Open | SignUp::Closed if settings.sign_up_domains.is_empty() => Ok(()),
        SignUp::Open => Err(
            "needs TENANTRY_SIGN_UP=confirm: with `open`, anyone who types an address at these \
             domains is in before they have shown that it is theirs"
                .to_owned(),
        ),
        SignUp::Closed => {
            Err("has no effect with TENANTRY_SIGN_UP=closed, where nobody signs up; leave it out, \
                 or set TENANTRY_SIGN_UP=confirm"
                .to_owned())
        }
    }
}

/// Reads the operator's list of passwords, if one is named.
pub(super) fn blocklist(path: &str) -> Result<Blocklist, String> {
    match path {
        "" => Ok(Blocklist::default()),
        path => {
            can_be_read(path)?;
            Blocklist::with_file(Path::new(path)).map_err(|error| format!("{path}: {error}"))
        }
    }
}

pub(super) fn places(path: &str) -> Result<Places, String> {
    can_be_read(path)?;
    Places::open(Path::new(path))
}

/// Checks that a file can be read; if not, the error has the system's message and the owner.
fn can_be_read(path: &str) -> Result<(), String> {
    let path = Path::new(path);
    let read = std::fs::File::open(path).map(drop);
    read.map_err(|error| cannot_read(path, &error))
}

/// Whether a URL is split in the wrong place because a character in its user name or password is
/// not escaped: the part with the `@` is then taken for the path, the query or the fragment.
pub(super) fn is_torn(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let (path, query) = after.split_once('?').unwrap_or((after, ""));
    let is_pair =
        |pair: &str| pair.split_once('=').is_some_and(|(name, _)| !name.contains(['@', '/']));
    let is_query = query.is_empty() || query.split('&').all(is_pair);
    let is_without_user = !authority.contains('@') && after.contains('@');
    after.contains('#') || path.contains('@') || !is_query || is_without_user
}
