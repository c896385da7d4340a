//! Many addresses in one field, as people paste them: one a line, with commas or semicolons, with
//! or without names.

use std::collections::HashSet;

use crate::platform::email::EmailAddress;

/// The most addresses in one go.
pub const MOST: usize = 100;

/// What was typed between two separators, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// As it was typed.
    pub text: String,
    /// The address, or what is wrong with it.
    pub address: Result<EmailAddress, String>,
}

/// Takes `text` apart, up to one more than [`MOST`]; an address that stands in it twice is given
/// once.
pub fn parse(text: &str) -> Vec<Typed> {
    let mut found: Vec<Typed> = Vec::new();
    let mut known = HashSet::new();
    for piece in text.split(['\n', '\r', ',', ';']).map(str::trim).filter(|text| !text.is_empty()) {
        let inside = piece.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
        let words: Vec<&str> = match inside {
            Some((address, _)) => vec![address],
            None => piece.split_whitespace().collect(),
        };
        for word in words {
            let typed = Typed { text: word.to_owned(), address: word.parse() };
            let canonical = match &typed.address {
                Ok(address) => address.to_string(),
                Err(_) => typed.text.clone(),
            };
            if known.insert(canonical) {
                found.push(typed);
            }
            if found.len() > MOST {
                return found;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn addresses_are_found_however_they_are_pasted() {
        let text = "ada@example.test, Grace Hopper <grace@example.test>;\nADA@example.test b@c.test d@e.test";
        let found: Vec<String> =
            parse(text).into_iter().filter_map(|t| t.address.ok()).map(|a| a.to_string()).collect();
        assert_eq!(found, ["ada@example.test", "grace@example.test", "b@c.test", "d@e.test"]);
    }

    #[test]
    fn what_is_no_address_is_kept_with_its_reason() {
        let found = parse("ada@example.test nonsense");
        assert_eq!(found[1].text, "nonsense");
        assert!(found[1].address.is_err());
        assert!(parse(" \n ,; ").is_empty());
    }
}
