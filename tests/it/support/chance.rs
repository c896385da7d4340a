//! Random parts of an answer (ids, tokens, digests and the port), and a reproducible source of
//! random numbers.

use std::collections::BTreeMap;

use super::answer::Answer;

/// An answer with its status and headers, without what is specific to the request.
pub fn told(answer: &Answer) -> String {
    let mut page = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        if name != "date" && name != "content-length" {
            page.push_str(&format!("{name}: {}\n", value.to_str().unwrap_or_default()));
        }
    }
    let nonce = answer.nonce();
    let page = if nonce.is_empty() { page } else { page.replace(nonce, "") };
    page + &answer.lasting()
}

/// Names for the random parts of a page, in the order in which they appear.
#[derive(Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// The text with every id, token, cursor and digest replaced by its name, and without the port
    /// that the system chose.
    pub fn without_chance(&mut self, text: &str, origin: &str) -> String {
        let text = text.replace(origin, "").replace(origin.trim_start_matches("http://"), "");
        // The names of cookies contain the port, too.
        let port = origin.rsplit(':').next().unwrap_or_default();
        let text = text.replace(&format!("tenantry.{port}"), "tenantry");
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut named = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(start) = rest.find(is_word) {
            named.push_str(&rest[..start]);
            let length = rest[start..].find(|c| !is_word(c)).unwrap_or(rest.len() - start);
            let word = &rest[start..start + length];
            named.push_str(&self.name(word));
            rest = &rest[start + length..];
        }
        named.push_str(rest);
        named
    }

    fn name(&mut self, word: &str) -> String {
        // Ids inside longer words (`person-…`), tokens, cursors; none of our own words is that long
        // and contains a digit. A token need not contain one: 32 random bytes are 43 characters.
        if let Some(at) = (0..word.len().saturating_sub(35)).find(|at| is_id(&word[*at..at + 36])) {
            let (before, id, after) = (&word[..at], &word[at..at + 36], &word[at + 36..]);
            let number = self.0.len();
            let name = self.0.entry(id.to_owned()).or_insert_with(|| format!("#{number}"));
            return format!("{before}{name}{after}");
        }
        let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
        let is_random = word.len() == 43 && has(char::is_ascii_uppercase);
        let is_token = word.len() >= 40 && has(char::is_ascii_digit) || is_random;
        if !is_token {
            return word.to_owned();
        }
        let number = self.0.len();
        self.0.entry(word.to_owned()).or_insert_with(|| format!("#{number}")).clone()
    }
}

fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|id| id.to_string() == text)
}

/// Pseudo-random numbers, determined by the seed.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^= number >> 31;
        (number % end as u64) as usize
    }

    /// One of `choices`.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}
