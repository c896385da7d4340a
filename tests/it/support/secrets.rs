//! The secrets that a test's people saw or typed, and a search for them in the places that must not
//! contain them: the whole database, including the outbox, and the log.
//!
//! These are collected: session ids and all other cookies except those with the next page's message
//! and with how pages look, tokens in links (emailed, copied or opened), form tokens, passwords, seeds of
//! authenticator apps, and recovery codes. Codes of six digits are not: they would be found in any
//! list of numbers. A form's token is worthless without its session, but is searched for as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use reqwest::header::{HeaderMap, SET_COOKIE};
use scraper::{Html, Selector};
use totp_rs::Secret as Seed;

use super::smtp::Mail;

/// The text before the token in a link.
const LINKS: [&str; 10] = [
    "/signup/",
    "/first/",
    "/invitations/",
    "/join/",
    "/password/reset/",
    "/verify/",
    "/email/",
    "/email/undo/",
    "/not-me/",
    "/help/",
];
/// The fields with secret values.
const PASSWORDS: [&str; 3] = ["password", "current_password", "new_password"];
/// Shorter values would be found anywhere by chance.
const SHORTEST: usize = 8;

/// A collection that grows while a test runs.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Arc<Mutex<BTreeMap<String, Secret>>>);

#[derive(Clone, Debug)]
struct Secret {
    kind: &'static str,
    /// The bytes that the text encodes.
    bytes: Option<Vec<u8>>,
}

impl Secrets {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Secret>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Adds a secret with its text and the bytes that the text encodes.
    pub fn note(&self, kind: &'static str, text: &str, bytes: Option<Vec<u8>>) {
        // Text of a single repeated letter is not a secret, and may be anywhere.
        let is_plain = text.bytes().all(|byte| Some(byte) == text.bytes().next());
        if text.len() >= SHORTEST && !is_plain {
            self.all().insert(text.to_owned(), Secret { kind, bytes });
        }
    }

    /// Removes what was typed as a password and refused, but is public.
    pub fn forget(&self, text: &str) {
        self.all().remove(text);
    }

    /// Collects the secrets in a request: passwords in the form, a token in the path.
    pub fn note_request(&self, path: &str, form: &[u8]) {
        self.note_links(path);
        let first = form.first().is_some_and(u8::is_ascii_lowercase);
        for (name, value) in form_urlencoded::parse(if first { form } else { b"" }) {
            if PASSWORDS.contains(&&*name) {
                self.note("a password", &value, None);
            }
        }
    }

    /// Collects the secrets in an answer: cookies, and what a page shows.
    pub fn note_answer(&self, headers: &HeaderMap, body: &str) {
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let pair = cookie.split(';').next().unwrap_or_default();
            match pair.split_once('=') {
                Some((name, _)) if name.ends_with("-flash") || name.ends_with("-look") => {}
                Some((_, value)) => {
                    self.note("a cookie", value, URL_SAFE_NO_PAD.decode(value).ok())
                }
                None => {}
            }
        }
        if let Some(location) = headers.get("location").and_then(|value| value.to_str().ok()) {
            self.note_links(location);
        }
        self.note_links(body);
        if let Some((_, field)) = body.split_once("name=\"csrf\" value=\"") {
            self.note("the token of a form", field.split('"').next().unwrap_or_default(), None);
        }
        if body.contains("id=\"secret\"") {
            for seed in texts(body, "#secret") {
                let letters = seed.replace(' ', "");
                let bytes = Seed::try_from_base32(&letters).map(|seed| seed.as_bytes().to_vec());
                self.note("a seed", &letters, bytes.ok());
                self.note("a seed", &seed, None);
            }
        }
        if body.contains("class=\"codes\"") {
            for code in texts(body, ".codes li") {
                self.note("a recovery code", &code.replace('-', ""), None);
                self.note("a recovery code", &code, None);
            }
        }
    }

    /// Collects the links in an email.
    pub fn note_mail(&self, mail: &Mail) {
        self.note_links(&mail.text);
        self.note_links(&mail.html);
    }

    fn note_links(&self, text: &str) {
        for link in LINKS {
            for rest in text.split(link).skip(1) {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                let token = rest.split(|c| !is_part(c)).next().unwrap_or_default();
                let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == 32);
                if bytes.is_some() {
                    self.note("a token", token, bytes);
                }
            }
        }
    }

    /// The kinds of secrets that were collected.
    pub fn kinds(&self) -> BTreeSet<&'static str> {
        self.all().values().map(|secret| secret.kind).collect()
    }

    /// A search that finds them in clear text, in percent-encoding, in hexadecimal and in Base64.
    pub fn search(&self) -> Search {
        let (mut patterns, mut kinds) = (Vec::new(), Vec::new());
        for (text, secret) in &*self.all() {
            let mut forms = vec![text.clone().into_bytes()];
            let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            forms.push(encoded.replace('+', "%20").into_bytes());
            forms.push(encoded.into_bytes());
            for bytes in [Some(text.as_bytes()), secret.bytes.as_deref()].into_iter().flatten() {
                forms.extend(encodings(bytes));
            }
            forms.sort_unstable();
            forms.dedup();
            kinds.extend(forms.iter().map(|_| secret.kind));
            patterns.extend(forms);
        }
        let automaton = AhoCorasick::new(&patterns).expect("fewer patterns than it can hold");
        Search { automaton, kinds }
    }
}

/// The bytes, forwards and backwards, in hexadecimal, and in Base64 at any position in a longer
/// text.
fn encodings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
    for bytes in [bytes, &reversed] {
        let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
            let _written = write!(hex, "{byte:02x}");
            hex
        });
        forms.extend([hex.to_uppercase().into_bytes(), hex.into_bytes()]);
        for before in 0..3 {
            let shifted = [&vec![0; before][..], bytes].concat();
            // Leaves out letters that also contain bits of neighbouring bytes.
            let (from, to) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
            for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                forms.push(alphabet.encode(&shifted).as_bytes()[from..to].to_vec());
            }
        }
        forms.push(bytes.to_vec());
    }
    forms
}

/// Searches for secrets.
pub struct Search {
    automaton: AhoCorasick,
    kinds: Vec<&'static str>,
}

impl Search {
    /// What was found in `bytes`, which are at `place`.
    pub fn find(&self, place: &str, bytes: &[u8]) -> Option<String> {
        let found = self.automaton.find(bytes)?;
        let kind = self.kinds[found.pattern()];
        let shown = String::from_utf8_lossy(&bytes[found.range()]);
        Some(format!("{kind} in clear in {place}: {shown:?}"))
    }
}

fn texts(page: &str, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let page = Html::parse_document(page);
    page.select(&selector)
        .map(|element| element.text().collect::<String>().trim().to_owned())
        .collect()
}
