//! Words that must not make up a password: the product's name, and what everybody knows about the
//! person and their organizations.

use super::blocklist::Blocklist;

/// The product's name.
const PRODUCT: &str = "Tenantry";

/// The shortest name that counts, in characters.
const SHORTEST_NAME: usize = 3;

/// The shortest part of a name that counts, in characters: "the" and "and" say nothing about
/// anybody.
const SHORTEST_PART: usize = 4;

/// How much of a password must remain without these words, in characters.
const LEFT: usize = 8;

/// The source of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Product,
    Organization,
    Name,
    Address,
}

impl Kind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Product => "This is too close to the name of this product.",
            Self::Organization => "This is too close to your organization's name.",
            Self::Name => "This is too close to your name.",
            Self::Address => "This is too close to your email address.",
        }
    }
}

/// The person and organizations that a new password is for.
#[derive(Clone, Debug)]
pub struct About {
    words: Vec<(String, Kind)>,
}

impl About {
    /// The person's name and address, stored or as typed.
    pub fn person(name: &str, address: &str) -> Self {
        let mut about = Self { words: Vec::new() };
        about.add(PRODUCT, Kind::Product);
        about.add(name, Kind::Name);
        about.add(address, Kind::Address);
        if let Some((local, domain)) = address.rsplit_once('@') {
            about.add(local, Kind::Address);
            about.add(domain, Kind::Address);
        }
        about
    }

    /// Adds an organization that the person belongs to.
    #[must_use]
    pub fn and_organization(mut self, name: &str) -> Self {
        self.add(name, Kind::Organization);
        self
    }

    /// Adds a name, the name without separators, and each of its parts.
    fn add(&mut self, name: &str, kind: Kind) {
        let folded = name.trim().to_lowercase();
        let parts: Vec<&str> =
            folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
        let mut note = |word: &str, least: usize| {
            if word.chars().count() >= least {
                self.words.push((word.to_owned(), kind));
            }
        };
        note(&folded, SHORTEST_NAME);
        note(&parts.concat(), SHORTEST_NAME);
        for part in &parts {
            note(part, SHORTEST_PART);
        }
        // The longest first: shorter words are searched for in what remains.
        self.words.sort_by_key(|(word, _)| std::cmp::Reverse(word.chars().count()));
    }

    /// The words, for estimating a password's strength.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|(word, _)| word.as_str())
    }

    /// The kind of word that makes up the password, alone, repeated or with little added; `None` if
    /// enough remains.
    pub(super) fn is_all_of(&self, typed: &str, blocklist: &Blocklist) -> Option<Kind> {
        let mut left = typed.to_lowercase();
        let mut found = None;
        for (word, kind) in &self.words {
            if left.contains(word.as_str()) {
                left = left.replace(word.as_str(), " ");
                found = found.or(Some(*kind));
            }
        }
        let mut left: Vec<char> = left.chars().filter(|c| !c.is_whitespace()).collect();
        let rest: String = left.iter().collect();
        // Repeating a character adds nothing.
        left.dedup();
        found.filter(|_| left.len() < LEFT || blocklist.look_up(&rest).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(typed: &str) -> Option<Kind> {
        About::person("Ada Lovelace", "ada.l@harbour.example")
            .and_organization("Quay Street Bakery")
            .is_all_of(typed, &Blocklist::default())
    }

    #[test]
    fn what_consists_of_ones_own_words_is_told_from_what_only_has_one_in_it() {
        for (typed, expected) in [
            ("TenantryTenantry", Kind::Product),
            ("tenantry2026!", Kind::Product),
            ("Quay Street Bakery", Kind::Organization),
            ("quaystreetbakery1", Kind::Organization),
            ("bakery-street-2026", Kind::Organization),
            ("Ada Lovelace 1815", Kind::Name),
            ("lovelacelovelace", Kind::Name),
            ("ada.l@harbour.example", Kind::Address),
            ("harbour.example!!!!!!!!!!!!", Kind::Address),
            // A common password remains.
            ("lovelacesunshine", Kind::Name),
        ] {
            assert_eq!(kind(typed), Some(expected), "{typed}");
        }
        for fine in ["correct horse battery", "lovelace rides at noon", "street of nine lanterns"] {
            assert_eq!(kind(fine), None, "{fine}");
        }
    }

    #[test]
    fn names_too_short_to_mean_anything_forbid_nothing() {
        let about = About::person("Li", "a@b.cd").and_organization("X");
        assert_eq!(about.is_all_of("lixab library", &Blocklist::default()), None);
        assert_eq!(about.is_all_of("", &Blocklist::default()), None);
    }
}
