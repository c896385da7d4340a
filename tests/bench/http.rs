//! A client that costs as little as possible: prepared requests, and a reused buffer.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A kept-alive connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The position of an answer in the buffer.
pub struct Answer {
    pub status: u16,
    body: usize,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("an open socket");
        Self { stream, buffer: Vec::with_capacity(128 * 1024) }
    }

    /// Sends a request and waits for the complete answer.
    pub async fn send(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).await.expect("the server reads");
        self.buffer.clear();
        let body = loop {
            self.read().await;
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = self.head(body);
        let status = head[9..12].parse().expect("a status");
        let length: usize =
            header(head, "content-length").map_or(0, |n| n.parse().expect("a number"));
        while self.buffer.len() < body + length {
            self.read().await;
        }
        Answer { status, body }
    }

    /// The body of the answer to a request that must succeed.
    pub async fn text(&mut self, request: &[u8]) -> String {
        let answer = self.send(request).await;
        let body = String::from_utf8_lossy(&self.buffer[answer.body..]).into_owned();
        assert_eq!(answer.status, 200, "{body}");
        body
    }

    /// The cookie set by the answer to a form, ready to be sent back; empty if it sets none.
    pub async fn submit(&mut self, path: &str, form: &str, cookie: &str) -> String {
        // A request without a cookie counts as a program's, and needs no token.
        let own = if cookie.is_empty() { String::new() } else { self.with_token(cookie).await };
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\n{own}content-length: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n{form}",
            form.len(),
        );
        let answer = self.send(request.as_bytes()).await;
        assert_eq!(answer.status, 303, "the form at {path} was not taken");
        let cookie = header(self.head(answer.body), "set-cookie").unwrap_or_default();
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    /// The headers with which a browser with this cookie sends a form.
    async fn with_token(&mut self, cookie: &str) -> String {
        let answer = self.send(&get("/password/forgot", cookie)).await;
        let secret = header(self.head(answer.body), "set-cookie").unwrap_or_default();
        let secret = secret.split(';').next().unwrap_or_default().to_owned();
        let page = String::from_utf8_lossy(&self.buffer[answer.body..]);
        let (_, token) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        let token = token.split('"').next().unwrap_or_default();
        format!("cookie: {cookie}; {secret}\r\nx-csrf-token: {token}\r\n")
    }

    fn head(&self, end: usize) -> &str {
        std::str::from_utf8(&self.buffer[..end]).expect("a head in ASCII")
    }

    async fn read(&mut self) {
        let count = self.stream.read_buf(&mut self.buffer).await.expect("the server answers");
        assert!(count > 0, "the server closed the connection");
    }
}

/// A request for a page, as bytes.
pub fn get(path: &str, cookie: &str) -> Vec<u8> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\nuser-agent: bench\r\n\
         cookie: {cookie}\r\n\r\n"
    );
    request.into_bytes()
}

/// A program's form, which needs no token, as bytes; each of `more` ends with a line break.
pub fn post(path: &str, form: &str, more: &str) -> Vec<u8> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\n{more}content-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{form}",
        form.len(),
    );
    request.into_bytes()
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.into_iter().find_map(|(known, value)| (known == name).then_some(value))
}
