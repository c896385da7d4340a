//! The mail server, and who mails come from.

use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::database::is_this_machine;
use super::{PERCENT, is_torn};
use crate::config::Smtp;

/// How long a try to send a mail may take.
const SMTP_TIMEOUT: Duration = Duration::from_secs(30);

/// The mail server as its URL names it.
#[derive(Clone)]
pub struct SmtpUrl {
    /// Whether the connection is encrypted from its start.
    is_wrapped: bool,
    host: String,
    port: u16,
    credentials: Option<Credentials>,
}

pub(in crate::config) fn smtp_url(text: &str) -> Result<SmtpUrl, String> {
    let (is_wrapped, port) = match text.split_once("://").map(|(scheme, _)| scheme) {
        Some("smtps") => (true, 465),
        Some("smtp") => (false, 587),
        _ => return Err("must start with smtp:// or smtps://".to_owned()),
    };
    if is_torn(text) {
        return Err(PERCENT.to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
    let host = host.trim_matches(['[', ']']).to_owned();
    if !matches!(url.path(), "" | "/") || url.query().is_some() {
        return Err("must end after the host and port".to_owned());
    }
    let port = if !is_wrapped && is_this_machine(&host) { 25 } else { port };
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let credentials = (!url.username().is_empty()).then(|| {
        Credentials::new(decode(url.username()), decode(url.password().unwrap_or_default()))
    });
    Ok(SmtpUrl { is_wrapped, port: url.port().unwrap_or(port), host, credentials })
}

/// How the mail server is reached: encrypted and with its certificate checked, unless it is on this
/// machine.
pub(in crate::config) fn smtp(url: SmtpUrl) -> Result<Smtp, String> {
    let parameters = || TlsParameters::new(url.host.clone()).map_err(|error| error.to_string());
    let tls = match url.is_wrapped {
        true => Tls::Wrapper(parameters()?),
        false if is_this_machine(&url.host) => Tls::None,
        false => Tls::Required(parameters()?),
    };
    let SmtpUrl { host, port, credentials, .. } = url;
    Ok(Smtp { host, port, tls, credentials, timeout: SMTP_TIMEOUT })
}

pub(in crate::config) fn mail_from(text: &str) -> Result<Mailbox, String> {
    let wrong = |why: &str| format!("{text:?} {why}");
    let Mailbox { name, email } = text
        .parse()
        .map_err(|_| wrong("is not NAME <ADDRESS>, like Tenantry <no-reply@example.com>"))?;
    // A sender with other letters needs SMTPUTF8 of every server on the way; a domain never does.
    if !email.user().is_ascii() {
        return Err(wrong("has letters before the @ that not every mail server takes"));
    }
    let domain = idna::domain_to_ascii(email.domain()).ok();
    let email = domain.and_then(|domain| Address::new(email.user(), domain).ok());
    Ok(Mailbox { name, email: email.ok_or_else(|| wrong("has a domain that cannot be one"))? })
}

/// Who mails come from where nobody has said so.
pub(in crate::config) fn default_sender(base_url: &Url) -> Result<Mailbox, String> {
    mail_from(&match base_url.host() {
        Some(Host::Domain(name)) => format!("Tenantry <no-reply@{name}>"),
        _ => "Tenantry <no-reply@localhost>".to_owned(),
    })
}
