//! What somebody searches for.

use super::words::{all_begin, words};

/// How many words of a search count. More make it no more precise.
pub const MOST_TERMS: usize = 5;

/// The words that a result must contain, each from its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(Vec<Term>);

/// One word of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// The beginning of the words that match.
    pub first: String,
    /// What comes after all of them in the order of bytes; equal to `first` if nothing matches.
    pub after: String,
}

impl Terms {
    /// The terms of what was typed. A single letter matches too much to be looked for, unless it is of a
    /// script without spaces, or a digit.
    pub fn of(typed: &str) -> Self {
        let mut terms: Vec<Term> = Vec::new();
        for word in words(typed) {
            let is_letter = word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
            if !is_letter && !terms.iter().any(|term| term.first == word) {
                terms.push(Term { after: format!("{word}\u{10FFFF}"), first: word });
            }
        }
        // The longest ones are the most precise.
        if terms.len() > MOST_TERMS {
            terms.sort_by_key(|term| std::cmp::Reverse(term.first.len()));
            terms.truncate(MOST_TERMS);
        }
        Self(terms)
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The terms, filled up with some that match nothing.
    pub fn padded(&self) -> [Term; MOST_TERMS] {
        let mut padded: [Term; MOST_TERMS] = Default::default();
        for (place, term) in padded.iter_mut().zip(&self.0) {
            place.clone_from(term);
        }
        padded
    }

    /// The number of the term that a word, folded as in the index, matches.
    pub(super) fn place(&self, word: &str) -> Option<usize> {
        self.0.iter().position(|term| word.starts_with(&term.first))
    }

    /// Whether every term is the beginning of a word of the text.
    pub fn all_begin_in(&self, text: &str) -> bool {
        all_begin(self.0.iter().map(|term| term.first.as_str()), text)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_TERMS, Terms};

    #[test]
    fn a_search_has_few_different_words_of_more_than_a_letter() {
        assert_eq!(Terms::of("Roof a roof").count(), 1);
        assert_eq!(Terms::of("a - ' \" * ( NEAR(").count(), 1);
        assert!(Terms::of("x").is_empty());
        assert_eq!(Terms::of("one two three four five six seven").count(), MOST_TERMS);
        let padded = Terms::of("roof").padded();
        assert!(padded[0].first == "roof" && padded[0].after.as_str() > "roofing");
        assert_eq!(padded[1].first, padded[1].after);
    }
}
