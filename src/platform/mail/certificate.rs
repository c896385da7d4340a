//! Explains what is wrong with a mail server's certificate, and what the operator can do about it.

use std::error::Error;
use std::io;

use rustls::CertificateError as Fault;

/// Why the certificate is refused, if that is what `error` is about.
pub(super) fn refusal(error: &(dyn Error + 'static)) -> Option<String> {
    let tls = tls_error(error)?;
    let rustls::Error::InvalidCertificate(fault) = tls else {
        return Some(format!("the connection could not be encrypted: {tls}"));
    };
    Some(match fault {
        Fault::UnknownIssuer => "its certificate is not signed by anyone trusted here: \
             TENANTRY_SMTP_CA names a file with the certificate of its authority (PEM), or is \
             `system` for those that this machine trusts"
            .to_owned(),
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            format!(
                "its certificate is for a different name than the one in TENANTRY_SMTP_URL: {fault}"
            )
        }
        Fault::Expired | Fault::ExpiredContext { .. } => {
            format!("its certificate has expired, or this machine's clock is wrong: {fault}")
        }
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => {
            format!("its certificate is not valid yet, or this machine's clock is wrong: {fault}")
        }
        other => format!(
            "its certificate is refused: {other}. TENANTRY_SMTP_CA must name the certificate of the \
             authority that signed it, not the server's own"
        ),
    })
}

/// Finds the TLS error among the causes. An I/O error contains one that `source` does not return.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let inner = inner.and_then(|inner| inner.downcast_ref());
        if let Some(tls) = error.downcast_ref().or(inner) {
            return Some(tls);
        }
        cause = error.source();
    }
    None
}
