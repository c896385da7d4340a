//! How email is sent: by SMTP, into the development mailbox, or not at all.

use std::error::Error;
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::response::Response;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::certificate;
use super::message::Rendered;
use crate::platform::App;
use crate::platform::config::{Config, Smtp};
use crate::platform::email::EmailAddress;
use crate::platform::text::is_invisible;

/// Why an email to `jörg@example.org` cannot be sent: unlike its domain, the part before the @ has
/// no ASCII form.
const NEEDS_SMTPUTF8: &str = "the mail server cannot send to addresses with letters like ö or 字 \
     before the @ (it does not offer SMTPUTF8); use another address of theirs";

/// How this installation sends email.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Through a mail server.
    Smtp {
        /// The connection, opened for each email.
        server: Box<AsyncSmtpTransport<Tokio1Executor>>,
        /// The sender of all emails.
        from: Mailbox,
        /// How long an attempt may take. lettre's own timeout only covers connecting; a server that
        /// accepts the connection and then says nothing would block a worker forever.
        timeout: Duration,
    },
    /// Into the mailbox at `/dev/mailbox`: for development without a mail server.
    Mailbox,
    /// Not at all: there is no mail server, and every email fails with a message that says so.
    None,
}

/// Why an email was not sent.
#[derive(Debug)]
pub struct Refusal {
    /// The mail server's words, or why it could not be reached.
    pub words: String,
    /// Whether retrying is pointless.
    pub is_final: bool,
}

impl Transport {
    /// The transport that the settings specify.
    pub fn from_config(config: &Config) -> Self {
        match &config.smtp {
            Some(smtp) => Self::Smtp {
                server: Box::new(connect(smtp)),
                from: config.mail_from.clone(),
                timeout: smtp.timeout,
            },
            None if config.is_loopback() && config.listen.ip().is_loopback() => Self::Mailbox,
            None => Self::None,
        }
    }

    /// Sends one email; `message_id` is the same at every attempt. Returns the mail server's
    /// answer.
    pub(super) async fn send(
        &self,
        to: &EmailAddress,
        message_id: &str,
        mail: Rendered,
    ) -> Result<String, Refusal> {
        match self {
            Self::Smtp { server, from, timeout } => {
                let message = build(from, to, message_id, mail)?;
                match tokio::time::timeout(*timeout, server.send(message)).await {
                    Ok(Ok(answer)) => Ok(answered(&answer)),
                    Ok(Err(error)) if lacks_smtputf8(&error) => {
                        Err(Refusal { words: NEEDS_SMTPUTF8.to_owned(), is_final: true })
                    }
                    Ok(Err(error)) => {
                        Err(Refusal { is_final: is_final(&error), words: words(&error) })
                    }
                    Err(_) => Err(Refusal {
                        words: "the mail server does not respond".to_owned(),
                        is_final: false,
                    }),
                }
            }
            Self::Mailbox => Ok("it is in /dev/mailbox".to_owned()),
            Self::None => {
                Err(Refusal { words: "no mail server is configured".to_owned(), is_final: true })
            }
        }
    }
}

/// How this installation sends email, in a sentence for operators.
pub fn route(app: &App) -> String {
    match (&app.transport, &app.config.smtp) {
        (Transport::Smtp { .. }, Some(Smtp { host, port, .. })) => {
            format!("It goes through {host}:{port}.")
        }
        (Transport::Mailbox, _) => "It goes to /dev/mailbox.".to_owned(),
        _ => "It goes nowhere: TENANTRY_SMTP_URL names no mail server.".to_owned(),
    }
}

/// The mail server's answer to an accepted email; it often contains the id in the server's own log.
fn answered(answer: &Response) -> String {
    let words: Vec<&str> = answer.message().collect();
    let line = format!("{} {}", answer.code(), words.join(" "));
    printable(&line)
}

/// A server's words on one line, without characters that could reorder text in a terminal, a log or
/// a page.
fn printable(words: &str) -> String {
    words.chars().filter(|character| !is_invisible(*character)).take(500).collect()
}

/// Connects, encrypts and signs in as for an email, but sends none.
///
/// # Errors
/// The mail server's words, or why it could not be reached.
pub async fn try_server(smtp: &Smtp) -> Result<(), String> {
    match tokio::time::timeout(smtp.timeout, connect(smtp).test_connection()).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err("the mail server ended the connection".to_owned()),
        Ok(Err(error)) => Err(words(&error)),
        Err(_) => Err("the mail server does not respond".to_owned()),
    }
}

pub(super) fn connect(smtp: &Smtp) -> AsyncSmtpTransport<Tokio1Executor> {
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
        .port(smtp.port)
        .tls(smtp.tls.clone())
        .timeout(Some(smtp.timeout));
    if let Some(credentials) = &smtp.credentials {
        builder = builder.credentials(credentials.clone());
    }
    builder.build()
}

pub(super) fn build(
    from: &Mailbox,
    to: &EmailAddress,
    message_id: &str,
    mail: Rendered,
) -> Result<Message, Refusal> {
    // Tells programs not to reply automatically. A server that cannot deliver the email still says
    // so.
    let to: lettre::Address = to.as_str().parse().map_err(cannot_be_sent)?;
    let mut message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject)
        .message_id(Some(message_id.to_owned()))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"));
    if let Some(list) = mail.list {
        message = message
            .raw_header(header("List-Id", &format!("<{}>", list.id)))
            .raw_header(header("List-Unsubscribe", &format!("<{}>", list.unsubscribe)))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    message
        .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
        .map_err(cannot_be_sent)
}

/// A header with an ASCII value, kept on one line whatever its length.
fn header(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}

/// Whether the email itself was refused. If our password was refused (53x), the operator has to fix
/// that, and the email is not given up.
fn is_final(error: &lettre::transport::smtp::Error) -> bool {
    let is_about_us = error.status().is_some_and(|code| code.to_string().starts_with("53"));
    error.is_permanent() && !is_about_us
}

/// Whether the server does not support the part before the @. lettre checks this before it sends
/// anything, and has no error kind for it.
fn lacks_smtputf8(error: &lettre::transport::smtp::Error) -> bool {
    error.is_client() && words(error).contains("SMTPUTF8")
}

fn cannot_be_sent(error: impl Error) -> Refusal {
    Refusal { words: error.to_string(), is_final: true }
}

/// The error with its causes, which contain the mail server's own words.
pub(super) fn words(error: &(dyn Error + 'static)) -> String {
    if let Some(refusal) = certificate::refusal(error) {
        return refusal;
    }
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        cause = error.source();
    }
    printable(&words)
}
