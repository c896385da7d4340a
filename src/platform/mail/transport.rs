//! How mail leaves: by SMTP, into the development mailbox, or not at all.

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

/// Why a mail to `jörg@example.org` does not leave: the part before the @ cannot be written in any
/// other way, as its domain can.
const NEEDS_SMTPUTF8: &str = "the mail server cannot send to addresses with letters like ö or 字 \
     before the @ (it does not offer SMTPUTF8); use another address of theirs";

/// How mail leaves this installation.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Through a mail server.
    Smtp {
        /// The connection, made anew for each mail.
        server: Box<AsyncSmtpTransport<Tokio1Executor>>,
        /// The sender of every mail.
        from: Mailbox,
        /// How long a try may take. lettre's own time-out ends with the connection; a server that
        /// accepts it and then says nothing would hold a worker for ever.
        timeout: Duration,
    },
    /// It stays here and is read at `/dev/mailbox`: development without a mail server.
    Mailbox,
    /// There is no mail server: mail fails with a word that says so.
    None,
}

/// Why a mail did not leave.
#[derive(Debug)]
pub struct Refusal {
    /// The mail server's words, or what stood in the way of reaching it.
    pub words: String,
    /// Whether trying again is pointless.
    pub is_final: bool,
}

impl Transport {
    /// The transport that the settings ask for.
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

    /// Sends one mail; `message_id` is the same at every try. Gives what the mail server answered.
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

/// How mail leaves this installation, in a sentence for its operators.
pub fn route(app: &App) -> String {
    match (&app.transport, &app.config.smtp) {
        (Transport::Smtp { .. }, Some(Smtp { host, port, .. })) => {
            format!("It goes through {host}:{port}.")
        }
        (Transport::Mailbox, _) => "It goes to /dev/mailbox.".to_owned(),
        _ => "It goes nowhere: TENANTRY_SMTP_URL names no mail server.".to_owned(),
    }
}

/// What the mail server says when it has taken a mail: often the name under which its own log has it.
fn answered(answer: &Response) -> String {
    let words: Vec<&str> = answer.message().collect();
    let line = format!("{} {}", answer.code(), words.join(" "));
    printable(&line)
}

/// A server's words as one line that turns nothing around in a terminal, a log or a page.
fn printable(words: &str) -> String {
    words.chars().filter(|character| !is_invisible(*character)).take(500).collect()
}

/// Connects, encrypts and signs in as for a mail, and sends none.
///
/// # Errors
/// The mail server's words, or what stood in the way of reaching it.
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
    // Programs that answer mails by themselves let these alone; a server that cannot deliver one still
    // says so.
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

/// A header whose value is ASCII and stays on one line, whatever its length.
fn header(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}

/// Whether the mail itself was refused. What the server says to our password (53x) is the
/// operator's to mend, and no reason to give the mail up.
fn is_final(error: &lettre::transport::smtp::Error) -> bool {
    let is_about_us = error.status().is_some_and(|code| code.to_string().starts_with("53"));
    error.is_permanent() && !is_about_us
}

/// Whether the server does not take what stands before the @. lettre looks before it sends anything,
/// and has no kind of error of its own for it.
fn lacks_smtputf8(error: &lettre::transport::smtp::Error) -> bool {
    error.is_client() && words(error).contains("SMTPUTF8")
}

fn cannot_be_sent(error: impl Error) -> Refusal {
    Refusal { words: error.to_string(), is_final: true }
}

/// The error with its causes: lettre keeps the mail server's own words in them.
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
