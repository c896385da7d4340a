//! Email addresses, parsed once at the door.

use std::fmt;
use std::str::FromStr;

use super::text::is_unseen;

/// The longest address that mail takes (RFC 5321, 4.5.3.1.3).
const LENGTH: usize = 254;

/// An address in its one canonical form: without spaces around it, lower-cased, the domain in
/// ASCII. Two ways of writing one address are the same value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Enter an email address.".to_owned());
        }
        let wrong = || "This does not look like an email address.".to_owned();
        let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| wrong())?;
        let canonical = format!("{}@{domain}", local.to_lowercase());
        // lettre's own rules, so that what is taken here can be sent to.
        let is_sendable = canonical.parse::<lettre::Address>().is_ok();
        // A quoted local part may hold anything, spaces and line breaks included.
        let is_plain = !local.contains(['"', ' ', '\\']) && !local.chars().any(is_unseen);
        let is_public = domain.contains('.') && !domain.ends_with('.');
        if canonical.len() > LENGTH || !is_sendable || !is_plain || !is_public {
            return Err(wrong());
        }
        Ok(Self(canonical))
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::platform::db::text_column!(EmailAddress);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_canonical_form() {
        let canonical = |text: &str| text.parse::<EmailAddress>().map(|email| email.to_string());
        assert_eq!(canonical("  First.Last@Example.TEST ").unwrap(), "first.last@example.test");
        assert_eq!(canonical("ada@bücher.example").unwrap(), "ada@xn--bcher-kva.example");
        for wrong in [
            "",
            "ada",
            "ada@",
            "@example.test",
            "ada@localhost",
            "a b@example.test",
            "\"a b\"@example.test",
            "ada@example.test\r\nBcc: x@y.test",
            "ada@exa mple.test",
            "ada@example.test.",
            "a\u{202E}b@example.test",
        ] {
            assert!(canonical(wrong).is_err(), "{wrong:?}");
        }
        assert!(canonical(&format!("{}@example.test", "a".repeat(250))).is_err());
    }
}
