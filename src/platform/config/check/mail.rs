//! Checks the mail server and the sender of emails.

use std::path::Path;
use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::database::is_this_machine;
use super::{PERCENT, is_torn};
use crate::platform::config::Smtp;
use crate::platform::files::read_up_to;
use crate::platform::owners::cannot_read;

/// How long an attempt to send an email may take.
const SMTP_TIMEOUT: Duration = Duration::from_secs(30);

/// The mail server, as its URL names it.
#[derive(Clone)]
pub struct SmtpUrl {
    /// Whether the connection uses TLS from the start.
    is_wrapped: bool,
    host: String,
    port: u16,
    credentials: Option<Credentials>,
}

pub(in crate::platform::config) fn smtp_url(text: &str) -> Result<SmtpUrl, String> {
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

/// Who may have signed the mail server's certificate.
#[derive(Clone)]
pub enum Authorities {
    /// The authorities that this machine trusts.
    System,
    /// Only these.
    Named(Vec<Certificate>),
}

/// The largest file of certificates, in bytes; the lists that come with systems have about 200 KB.
const LARGEST: u64 = 16 * 1024 * 1024;

pub(in crate::platform::config) fn smtp_ca(text: &str) -> Result<Authorities, String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    if text == "system" {
        return Ok(Authorities::System);
    }
    let path = Path::new(text);
    let pem = read_up_to(LARGEST, path).map_err(|error| cannot_read(path, &error))?;
    let pem = pem.ok_or_else(|| format!("{text} is larger than any list of certificates"))?;
    let pem = String::from_utf8(pem).map_err(|_| format!("{text} is not UTF-8"))?;
    if !pem.contains(BEGIN) {
        return Err(format!(
            "{text} has no certificate in PEM ({BEGIN}); `system` is allowed, too"
        ));
    }
    let certificates = pem.split_inclusive("-----END CERTIFICATE-----");
    let certificates = certificates.filter(|part| part.contains(BEGIN));
    certificates
        .map(|part| Certificate::from_pem(part.as_bytes()))
        .collect::<Result<_, _>>()
        .map(Authorities::Named)
        .map_err(|error| format!("{text}: {error}"))
}

/// How to reach the mail server: with TLS and a verified certificate. On this machine nobody is in
/// between, and certificates for its names are rare: there, TLS is used if the server offers it,
/// with any certificate, unless the operator says who must have signed it.
pub(in crate::platform::config) fn smtp(
    url: SmtpUrl,
    trusted: Option<&Authorities>,
) -> Result<Smtp, String> {
    let parameters = TlsParameters::builder(url.host.clone());
    let is_here = is_this_machine(&url.host) && !url.is_wrapped && trusted.is_none();
    let parameters = match trusted {
        // Any certificate will do: TLS is used only to encrypt.
        None if is_here => {
            parameters.dangerous_accept_invalid_certs(true).dangerous_accept_invalid_hostnames(true)
        }
        None => parameters.certificate_store(CertificateStore::WebpkiRoots),
        Some(Authorities::System) => parameters.certificate_store(CertificateStore::Default),
        Some(Authorities::Named(certificates)) => certificates.iter().fold(
            parameters.certificate_store(CertificateStore::None),
            |parameters, certificate| parameters.add_root_certificate(certificate.clone()),
        ),
    };
    let parameters = parameters.build().map_err(|error| error.to_string())?;
    let tls = match url.is_wrapped {
        true => Tls::Wrapper(parameters),
        false if is_here => Tls::Opportunistic(parameters),
        false => Tls::Required(parameters),
    };
    let SmtpUrl { host, port, credentials, .. } = url;
    Ok(Smtp { host, port, tls, credentials, timeout: SMTP_TIMEOUT })
}

pub(in crate::platform::config) fn mail_from(text: &str) -> Result<Mailbox, String> {
    let wrong = |why: &str| format!("{text:?} {why}");
    let Mailbox { name, email } = text
        .parse()
        .map_err(|_| wrong("is not NAME <ADDRESS>, like Tenantry <no-reply@example.com>"))?;
    // Other letters in a sender need SMTPUTF8 on every server along the way; a domain never does.
    if !email.user().is_ascii() {
        return Err(wrong("has letters before the @ that not every mail server accepts"));
    }
    let domain = idna::domain_to_ascii(email.domain()).ok();
    let email = domain.and_then(|domain| Address::new(email.user(), domain).ok());
    Ok(Mailbox { name, email: email.ok_or_else(|| wrong("has a domain that cannot be one"))? })
}

/// The sender of emails, if none is set.
pub(in crate::platform::config) fn default_sender(base_url: &Url) -> Result<Mailbox, String> {
    mail_from(&match base_url.host() {
        Some(Host::Domain(name)) => format!("Tenantry <no-reply@{name}>"),
        _ => "Tenantry <no-reply@localhost>".to_owned(),
    })
}
