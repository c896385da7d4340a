//! A mail that is sent at once, past the outbox, for an operator who wants to know whether it goes.

use lettre::AsyncTransport;

use super::message::{Mail, mail};
use super::transport::{build, connect, words};
use crate::platform::config::{Config, Smtp};
use crate::platform::email::EmailAddress;
use crate::platform::ids::RequestId;

/// A mail that says where it comes from.
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

/// Sends a mail to `to` by the mail server at `smtp`, and gives what that said when it took it.
///
/// # Errors
/// The mail server's words, or what stood in the way of reaching it.
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
