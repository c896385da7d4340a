//! Words that a password must not consist of: the product's name, and what everybody knows about
//! the person and the organizations that it is for.

use super::blocklist::Blocklist;

/// The product's name.
const PRODUCT: &str = "Tenantry";

/// The shortest name that counts, in characters.
const SHORTEST_NAME: usize = 3;

/// The shortest part of a name that counts: "the" and "and" are nobody's.
const SHORTEST_PART: usize = 4;

/// What must be left of a password without those words, in characters.
const LEFT: usize = 8;

/// What a word is.
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
            Self::Product => "This is the name of this product with little added.",
            Self::Organization => "This is your organization's name with little added.",
            Self::Name => "This is your name with little added.",
            Self::Address => "This is your address with little added.",
        }
    }
}

/// Whom and what a new password is for.
#[derive(Clone, Debug)]
pub struct About {
    words: Vec<(String, Kind)>,
}

impl About {
    /// The person, by name and address, as they stand or as they were typed.
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

    /// And an organization that the person works in.
    #[must_use]
    pub fn and_organization(mut self, name: &str) -> Self {
        self.add(name, Kind::Organization);
        self
    }

    /// A name, the same without what separates its parts, and each part.
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
        // The longest first: what is left of them is looked through for the shorter ones.
        self.words.sort_by_key(|(word, _)| std::cmp::Reverse(word.chars().count()));
    }

    /// The words alone, for whoever estimates what they are worth.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|(word, _)| word.as_str())
    }

    /// The word that a password consists of, alone, repeated, or with little beside it.
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
        // The same sign over and over adds no more than the sign.
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
            // What is left is a common password.
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
