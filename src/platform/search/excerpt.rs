//! The part of a text around the words that were looked for.

use super::terms::Terms;
use super::words::words;
use crate::platform::text::prose;

/// How many words an excerpt has before and after the first match.
const BEFORE: usize = 6;
const AFTER: usize = 22;

/// A part of a text: words that were looked for, or those between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The words.
    pub text: String,
    /// Whether they were looked for.
    pub is_match: bool,
}

/// The part of a text in Markdown around the first word that matches; its beginning, if none does.
pub fn excerpt(text: &str, terms: &Terms) -> Vec<Part> {
    let prose = prose(text);
    let all: Vec<&str> = prose.split_whitespace().collect();
    let is_match = |word: &&str| words(word).iter().any(|word| terms.matches(word));
    let found = all.iter().position(|word| is_match(word)).unwrap_or(0);
    let from = found.saturating_sub(BEFORE);
    let to = all.len().min(found + AFTER);
    let mut parts: Vec<Part> = Vec::new();
    for word in &all[from..to] {
        let is_match = is_match(word);
        match parts.last_mut() {
            Some(last) if last.is_match == is_match => {
                last.text.push(' ');
                last.text.push_str(word);
            }
            _ => parts.push(Part { text: (*word).to_owned(), is_match }),
        }
    }
    if let Some(first) = parts.first_mut().filter(|_| from > 0) {
        first.text.insert_str(0, "… ");
    }
    if let Some(last) = parts.last_mut().filter(|_| to < all.len()) {
        last.text.push_str(" …");
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{Part, excerpt};
    use crate::platform::search::Terms;

    #[test]
    fn an_excerpt_shows_the_match_and_what_stands_around_it() {
        let text = format!("{}the **Größe** of it", "word ".repeat(9));
        let parts = excerpt(&text, &Terms::of("grosse"));
        let part = |text: &str, is_match| Part { text: text.to_owned(), is_match };
        assert_eq!(
            parts,
            [
                part("… word word word word word the", false),
                part("Größe", true),
                part("of it", false)
            ]
        );
    }

    #[test]
    fn without_a_match_it_is_the_beginning() {
        let parts = excerpt(&"word ".repeat(30), &Terms::of("other"));
        assert_eq!(parts.len(), 1);
        assert!(parts[0].text.ends_with("word …") && parts[0].text.starts_with("word"));
        assert_eq!(excerpt("", &Terms::of("other")), []);
    }
}
