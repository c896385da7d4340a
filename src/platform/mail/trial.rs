//! A test email, sent immediately instead of through the outbox, for operators who check the mail
//! server.

use lettre::AsyncTransport;

use super::message::{Mail, mail};
use super::transport::{build, connect, words};
use crate::platform::config::{Config, Smtp};
use crate::platform::email::EmailAddress;
use crate::platform::ids::RequestId;

/// An email that says where it comes from.
struct Trial {
    origin: String,
}

mail!(
    Trial,
    "trial",
    "platform/mail/trial.subject.txt",
    "platform/mail/trial.txt",
    "platform/mail/trial.html"
);

/// Sends a test email to `to` through `smtp`, and returns the answer of the server that accepted
/// it.
///
/// # Errors
/// The mail server's words, or why it could not be reached.
pub async fn send(config: &Config, smtp: &Smtp, to: &EmailAddress) -> Result<String, String> {
    let rendered = Trial { origin: config.origin() }.render().map_err(|error| error.to_string())?;
    let id = format!("<{}@{}>", RequestId::new(), config.mail_from.email.domain());
    let message = build(&config.mail_from, to, &id, rendered).map_err(|refusal| refusal.words)?;
    match tokio::time::timeout(smtp.timeout, connect(smtp).send(message)).await {
        Ok(Ok(answer)) => {
            let lines: Vec<&str> = answer.message().collect();
            Ok(format!("{} {}", answer.code(), lines.join(" ")).trim_end().to_owned())
        }
        Ok(Err(error)) => Err(words(&error)),
        Err(_) => Err(format!("no answer within {} seconds", smtp.timeout.as_secs())),
    }
}
