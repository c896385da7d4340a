//! Checks the heads of requests as they arrive: each line must end with CR and LF.
//!
//! The HTTP library accepts a lone LF as the end of a line. A proxy that does not, and forwards
//! such a head, sees one request where we would see two (RFC 9112, 11.2). So a lone LF is replaced
//! by a byte that no head may contain, and the library refuses the head with 400. The same is done
//! to the end of a head that says in two ways where its body ends, or in a way that we do not
//! support (RFC 9112, 6.1 and 6.3).

/// The state of a connection between heads and bodies.
#[derive(Debug)]
pub struct Heads {
    state: State,
    /// The arriving line in lower case, up to the length that matters.
    line: Vec<u8>,
    /// The declared length of the body in bytes; `None` if the head does not declare one.
    length: Option<u64>,
    has_length: bool,
    is_chunked: bool,
    /// Whether two readers could disagree on where the body ends.
    is_ambiguous: bool,
    /// Whether a line of the head has arrived.
    has_begun: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Head,
    /// The number of bytes left in the body.
    Body(u64),
    /// The body marks its own end, and the connection ends with it.
    UntilTheEnd,
}

/// Longer than any line that declares a body.
const LINE: usize = 64;
/// A byte that no head may contain.
const REFUSED: u8 = 0;

impl Default for Heads {
    fn default() -> Self {
        let (state, line) = (State::Head, Vec::new());
        Self {
            state,
            line,
            length: None,
            has_length: false,
            is_chunked: false,
            is_ambiguous: false,
            has_begun: false,
        }
    }
}

impl Heads {
    /// Checks arriving bytes, and overwrites each lone LF in a head.
    pub fn look_at(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            let done = match self.state {
                State::UntilTheEnd => return,
                State::Body(left) => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    let left = left - here as u64;
                    self.state = if left == 0 { State::Head } else { State::Body(left) };
                    here
                }
                State::Head => {
                    if let Some(first) = bytes.first_mut() {
                        self.take(first);
                    }
                    1
                }
            };
            bytes = bytes.split_at_mut(done).1;
        }
    }

    fn take(&mut self, byte: &mut u8) {
        if *byte != b'\n' {
            if self.line.len() < LINE {
                self.line.push(byte.to_ascii_lowercase());
            } else {
                // Only the end of a long line matters.
                self.line[LINE - 1] = *byte;
            }
            return;
        }
        if self.line.last() != Some(&b'\r') {
            *byte = REFUSED;
            return;
        }
        let line = std::mem::take(&mut self.line);
        match line.trim_ascii() {
            // Empty lines before a head are not part of it.
            [] if self.has_begun => {
                if self.is_ambiguous || self.has_length && self.is_chunked {
                    *byte = REFUSED;
                }
                self.end();
            }
            [] => {}
            line => self.note(line),
        }
    }

    fn note(&mut self, line: &[u8]) {
        self.has_begun = true;
        if let Some(length) = line.strip_prefix(b"content-length:") {
            let text = str::from_utf8(length.trim_ascii()).ok();
            self.length = text.and_then(|text| text.parse().ok());
            self.has_length = true;
        }
        if let Some(encoding) = line.strip_prefix(b"transfer-encoding:") {
            self.is_ambiguous |= self.is_chunked || encoding.trim_ascii() != b"chunked";
            self.is_chunked = true;
        }
    }

    fn end(&mut self) {
        let state = match (self.is_chunked, self.length) {
            (true, _) => State::UntilTheEnd,
            (false, Some(length @ 1..)) => State::Body(length),
            (false, _) => State::Head,
        };
        *self = Self { state, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::Heads;

    /// The content of `parts` after they have arrived one after the other.
    fn seen(parts: &[&str]) -> String {
        let mut heads = Heads::default();
        let look = |part: &&str| {
            let mut bytes = part.as_bytes().to_vec();
            heads.look_at(&mut bytes);
            String::from_utf8(bytes).unwrap()
        };
        parts.iter().map(look).collect()
    }

    #[test]
    fn a_lone_line_feed_is_spoiled_in_every_head_and_in_no_body() {
        let good = "\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na\nb\n";
        assert_eq!(seen(&[good, good]), format!("{good}{good}"));
        let bytes: Vec<String> = good.chars().map(String::from).collect();
        let bytes: Vec<&str> = bytes.iter().map(String::as_str).collect();
        assert_eq!(seen(&bytes), good, "however it is cut");
        assert_eq!(seen(&["GET / HTTP/1.1\nHost: a\n\n"]), "GET / HTTP/1.1\0Host: a\0\0");
        let second = "GET / HTTP/1.1\r\nHost: a\n\r\n";
        assert!(seen(&[good, second]).ends_with("Host: a\0\r\n"), "in the second one, too");
        assert!(seen(&["GET / HTTP/1.1\r\nHost: a\r\n\r\n", second]).ends_with("Host: a\0\r\n"));
        let long = format!("GET /{} HTTP/1.1\nHost: a\r\n\r\n", "a".repeat(200));
        assert!(seen(&[&long]).contains("HTTP/1.1\0"), "behind a long line");
    }

    #[test]
    fn a_head_whose_body_could_end_in_two_places_is_spoiled() {
        let chunked = "Transfer-Encoding: Chunked\r\n";
        for (fields, is_good) in [
            (chunked.to_owned(), true),
            ("Content-Length: 4\r\n".to_owned(), true),
            (format!("Content-Length: 4\r\n{chunked}"), false),
            (format!("{chunked}content-length: x\r\n"), false),
            (format!("{chunked}{chunked}"), false),
            ("Transfer-Encoding: gzip, chunked\r\n".to_owned(), false),
        ] {
            let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
            assert_eq!(seen(&[&head]).ends_with("\r\n\r\n"), is_good, "{fields}");
        }
    }
}
