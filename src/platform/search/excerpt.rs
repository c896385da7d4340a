//! The part of a text around the words that were looked for.

use std::collections::BTreeSet;

use super::terms::Terms;
use super::words::words;

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

/// The part of a text in Markdown in which the most different words match; its beginning, if none does.
pub fn excerpt(text: &str, terms: &Terms) -> Vec<Part> {
    let text = without_marks(text);
    let all: Vec<&str> = text.split_whitespace().collect();
    let matches = matching(&all, terms);
    let different = |at: usize| {
        let here = &matches[at..all.len().min(at + AFTER)];
        here.iter().flatten().collect::<BTreeSet<_>>().len()
    };
    let candidates = (0..all.len()).filter(|at| !matches[*at].is_empty());
    // The first of the best ones.
    let found = candidates.rev().max_by_key(|at| different(*at)).unwrap_or(0);
    let (from, to) = (found.saturating_sub(BEFORE), all.len().min(found + AFTER));
    let mut parts = joined(&all[from..to], &matches[from..to]);
    if let Some(first) = parts.first_mut().filter(|_| from > 0) {
        first.text.insert_str(0, "… ");
    }
    if let Some(last) = parts.last_mut().filter(|_| to < all.len()) {
        last.text.push_str(" …");
    }
    parts
}

/// A name, with the words that match marked.
pub fn marked(name: &str, terms: &Terms) -> Vec<Part> {
    let all: Vec<&str> = name.split_whitespace().collect();
    let matches = matching(&all, terms);
    joined(&all, &matches)
}

/// For each word, the numbers of the terms that it matches.
fn matching(all: &[&str], terms: &Terms) -> Vec<Vec<usize>> {
    let places = |word: &&str| words(word).iter().filter_map(|word| terms.place(word)).collect();
    all.iter().map(places).collect()
}

/// Words as parts: neighbours of the same kind together.
fn joined(words: &[&str], matches: &[Vec<usize>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (word, matches) in words.iter().zip(matches) {
        let is_match = !matches.is_empty();
        match parts.last_mut() {
            Some(last) if last.is_match == is_match => {
                last.text.push(' ');
                last.text.push_str(word);
            }
            _ => parts.push(Part { text: (*word).to_owned(), is_match }),
        }
    }
    parts
}

/// The text without the characters that only format it. What is code or a link stays, because its words
/// are found, too.
fn without_marks(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches(['#', '>', '-', ' ']));
    let marks = ['*', '`', '[', ']', '~', '|'];
    lines.map(|line| line.replace(marks, "")).collect::<Vec<_>>().join("\n")
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
    fn an_excerpt_is_where_the_most_words_match_and_code_stays() {
        let text = format!("the {}the `roof` plan", "word ".repeat(40));
        let parts = excerpt(&text, &Terms::of("the roof pl"));
        let matching: Vec<_> = parts.iter().filter(|part| part.is_match).collect();
        assert_eq!(matching.len(), 1);
        assert_eq!(matching[0].text, "the roof plan");
    }

    #[test]
    fn without_a_match_it_is_the_beginning() {
        let parts = excerpt(&"word ".repeat(30), &Terms::of("other"));
        assert_eq!(parts.len(), 1);
        assert!(parts[0].text.ends_with("word …") && parts[0].text.starts_with("word"));
        assert_eq!(excerpt("", &Terms::of("other")), []);
    }
}
