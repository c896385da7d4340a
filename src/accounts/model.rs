//! What an account is made of: addresses and names, parsed once at the door.

use std::fmt;
use std::str::FromStr;

/// The longest address that mail takes (RFC 5321, 4.5.3.1.3).
const EMAIL_LENGTH: usize = 254;
/// The longest name.
const NAME_LENGTH: usize = 100;

/// An address in its one canonical form: without spaces around it, lower-cased, the domain in
/// ASCII. Two ways of writing one address are the same value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
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
        if canonical.len() > EMAIL_LENGTH || !is_sendable || !is_plain || !is_public {
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

/// A person's name as they write it, or what is wrong with it.
pub fn person_name(typed: &str) -> Result<String, String> {
    line_of_text(typed, NAME_LENGTH, "Enter a name.")
}

/// One line of text of at most `longest` characters, without characters that are not seen or turn
/// the direction of writing: they make one name look like another, and a line break in a name
/// would break the header of a mail.
pub(crate) fn line_of_text(typed: &str, longest: usize, missing: &str) -> Result<String, String> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(missing.to_owned());
    }
    if text.chars().any(is_unseen) {
        return Err("This contains characters that cannot be seen. Type it again.".to_owned());
    }
    if text.chars().count() > longest {
        return Err(format!("Use at most {longest} characters."));
    }
    Ok(text.to_owned())
}

/// Control characters, line and paragraph separators, zero-width and direction marks.
pub(crate) fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

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

    #[test]
    fn a_name_is_one_line_without_hidden_characters() {
        assert_eq!(person_name(" Zoë Ångström-O'Neil ").unwrap(), "Zoë Ångström-O'Neil");
        for wrong in ["", "   ", "a\nb", "Ada\u{202E}nimda", "zero\u{200B}width", "tab\tbed"] {
            assert!(person_name(wrong).is_err(), "{wrong:?}");
        }
        assert!(person_name(&"n".repeat(101)).is_err());
    }
}
