//! A mail server that keeps what it receives, or misbehaves as a test needs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How the server behaves.
#[derive(Clone, Debug)]
pub enum Mood {
    /// It accepts everything.
    Friendly,
    /// It refuses every recipient with these words.
    Refusing(&'static str),
    /// It accepts the connection, and then is silent for this long.
    Silent(Duration),
    /// It accepts everything, even addresses with letters beyond ASCII.
    Worldly,
    /// It accepts everything, but stops responding to recipients with this ending.
    HangingFor(&'static str),
}

/// A delivered email.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub message_id: String,
    pub raw: String,
}

impl Mail {
    /// The path of the first link in the text that contains `part`.
    pub fn link(&self, part: &str) -> String {
        let links = self.text.split_whitespace().filter(|word| word.starts_with("http"));
        let link = links.into_iter().find(|link| link.contains(part));
        let link = link.unwrap_or_else(|| panic!("no link with {part} in: {}", self.text));
        url::Url::parse(link).unwrap().path().to_owned()
    }
}

/// The server.
#[derive(Clone)]
pub struct MailServer {
    pub port: u16,
    delivered: Arc<Mutex<Vec<Mail>>>,
    mood: Arc<Mutex<Mood>>,
    /// The recipients of all attempts so far.
    recipients: Arc<Mutex<Vec<String>>>,
    /// If set, it requires encryption.
    tls: Option<TlsAcceptor>,
}

/// How a conversation continues.
enum Next {
    Encrypted,
    Ended,
}

impl MailServer {
    /// Starts one on a free port; it ends with the runtime.
    pub async fn start() -> Self {
        Self::start_as(None).await
    }

    /// Starts one that offers and requires STARTTLS.
    pub async fn demanding(tls: TlsAcceptor) -> Self {
        Self::start_as(Some(tls)).await
    }

    async fn start_as(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            delivered: Arc::default(),
            mood: Arc::new(Mutex::new(Mood::Friendly)),
            recipients: Arc::default(),
            tls,
        };
        let this = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let this = this.clone();
                tokio::spawn(async move { this.converse(stream).await });
            }
        });
        server
    }

    /// Changes how it behaves from now on.
    pub fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// What was delivered to `address` so far, in the order in which it was queued: emails are sent
    /// side by side, so any of them may arrive first.
    pub fn delivered_to(&self, address: &str) -> Vec<Mail> {
        let mut mails = self.delivered();
        mails.retain(|mail| mail.to == address);
        mails.sort_by(|one, other| one.message_id.cmp(&other.message_id));
        mails
    }

    /// Everything that was delivered so far.
    pub fn delivered(&self) -> Vec<Mail> {
        self.delivered.lock().unwrap().clone()
    }

    /// Waits until there were `times` attempts for an address that ends with `end`.
    pub async fn asked_for(&self, end: &str, times: usize) {
        let asked =
            || self.recipients.lock().unwrap().iter().filter(|to| to.ends_with(end)).count();
        for _ in 0..1000 {
            if asked() >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("asked {} times for {end}", asked());
    }

    /// The number of delivered emails.
    pub fn count(&self) -> usize {
        self.delivered.lock().unwrap().len()
    }

    async fn converse(&self, mut stream: TcpStream) -> Option<()> {
        let mood = self.mood.lock().unwrap().clone();
        if let Mood::Silent(pause) = mood {
            tokio::time::sleep(pause).await;
        }
        stream.write_all(b"220 ready\r\n").await.ok()?;
        if let Next::Encrypted = self.listen(&mut stream, &mood, self.tls.is_some()).await? {
            let mut stream = self.tls.as_ref()?.accept(stream).await.ok()?;
            self.listen(&mut stream, &mood, false).await?;
        }
        Some(())
    }

    async fn listen<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        mood: &Mood,
        has_to_encrypt: bool,
    ) -> Option<Next> {
        let (reader, mut writer) = tokio::io::split(stream);
        let mut lines = BufReader::new(reader).lines();
        let mut to = String::new();
        while let Some(line) = lines.next_line().await.ok()? {
            let command = line.to_ascii_uppercase();
            let reply = if has_to_encrypt && command == "STARTTLS" {
                writer.write_all(b"220 go on\r\n").await.ok()?;
                return Some(Next::Encrypted);
            } else if has_to_encrypt && command.starts_with("EHLO") {
                "250-ready\r\n250 STARTTLS"
            } else if has_to_encrypt && command != "QUIT" {
                "530 Must issue a STARTTLS command first"
            } else if command.starts_with("RCPT TO:") {
                let (address, _) = line[8..].split_once('>').unwrap();
                to = address.trim().trim_matches(['<', '>']).to_owned();
                self.recipients.lock().unwrap().push(to.clone());
                match *mood {
                    Mood::HangingFor(end) if to.ends_with(end) => std::future::pending().await,
                    Mood::Refusing(words) => words,
                    _ => "250 ok",
                }
            } else if command == "DATA" {
                writer.write_all(b"354 go on\r\n").await.ok()?;
                let mut raw = String::new();
                while let Some(line) = lines.next_line().await.ok()? {
                    if line == "." {
                        break;
                    }
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                }
                self.delivered.lock().unwrap().push(parse(&to, raw));
                "250 taken"
            } else if command.starts_with("EHLO") && matches!(mood, Mood::Worldly) {
                "250-ready\r\n250-8BITMIME\r\n250 SMTPUTF8"
            } else if command == "QUIT" {
                "221 bye"
            } else {
                "250 ok"
            };
            writer.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
        }
        Some(Next::Ended)
    }
}

fn parse(to: &str, raw: String) -> Mail {
    let message = MessageParser::default().parse(raw.as_bytes()).expect("a mail");
    Mail {
        to: to.to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html: message.body_html(0).unwrap_or_default().into_owned(),
        message_id: message.message_id().unwrap_or_default().to_owned(),
        raw,
    }
}
