//! Email addresses, parsed once at the boundary.

use std::fmt;
use std::str::FromStr;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::text::{cleaned_line, is_invisible};

/// The longest address that mail servers accept (RFC 5321, 4.5.3.1.3).
const LENGTH: usize = 254;

/// An address in its one canonical form: trimmed, lower-cased, with the domain in ASCII. Two ways
/// of writing the same address become the same value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address shortened for strangers: its owner recognizes it, and nobody else learns it.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let (name, end) = domain.split_once('.').unwrap_or((domain, ""));
        let first = |text: &str| text.chars().take(1).collect::<String>();
        format!("{}•••@{}•••.{end}", first(local), first(name))
    }

    /// `words` with the part before the `@` removed from every address in them.
    pub fn hide_in(words: &str) -> String {
        let ends = |c: char| c.is_whitespace() || "<>()[],;:\"".contains(c);
        let parts: Vec<&str> = words.split('@').collect();
        let Some((last, before)) = parts.split_last() else { return String::new() };
        let hidden = before.iter().map(|part| match part.strip_suffix('"') {
            // A quoted local part may contain anything.
            Some(quoted) => format!("{}…@", quoted.rsplit_once('"').map_or("", |(rest, _)| rest)),
            None => {
                let start = part.rfind(ends).map_or(0, |at| at + 1);
                let start = (start..=part.len()).find(|at| part.is_char_boundary(*at));
                format!("{}…@", &part[..start.unwrap_or(part.len())])
            }
        });
        hidden.chain([(*last).to_owned()]).collect()
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses an address of an existing account, as its owner types it. It also accepts addresses
    /// that were allowed when the account was created and are not allowed any more.
    ///
    /// # Errors
    /// A message that says what is wrong, and where.
    pub fn of_account(typed: &str) -> Result<Self, String> {
        parse(typed, |domain| domain.contains('.') && !domain.ends_with('.'))
    }
}

impl FromStr for EmailAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text, is_public)
    }
}

fn parse(typed: &str, is_taken_domain: fn(&str) -> bool) -> Result<EmailAddress, String> {
    let wrong = |why: &str| format!("This isn't a valid email address: {why}");
    let text = cleaned_line(typed).map_err(|refusal| wrong(&refusal.to_string()))?;
    // Full-width characters, as Chinese and Japanese keyboards produce them.
    let text = ComposingNormalizerBorrowed::new_nfkc().normalize(&text);
    if text.is_empty() {
        return Err("Enter an email address.".to_owned());
    }
    let (local, domain) = text.rsplit_once('@').ok_or_else(|| wrong("it has no @."))?;
    if local.contains('@') {
        return Err(wrong("it has more than one @."));
    }
    if let Some((at, c)) = local.chars().enumerate().find(|(_, c)| !is_taken(*c)) {
        let shown = if c.is_whitespace() { "a space".to_owned() } else { format!("“{c}”") };
        return Err(wrong(&format!("character {} is {shown}.", at + 1)));
    }
    let no_domain = || wrong(&format!("“{domain}” after the @ isn't a domain."));
    let domain = idna::domain_to_ascii_strict(domain).map_err(|_| no_domain())?;
    if !is_taken_domain(&domain) {
        return Err(no_domain());
    }
    let canonical = format!("{}@{domain}", local.to_lowercase());
    if canonical.len() > LENGTH {
        return Err(wrong(&format!("it's longer than {LENGTH} characters.")));
    }
    // Applies lettre's own rules, so that mail can be sent to every address accepted here.
    if canonical.parse::<lettre::Address>().is_err() {
        return Err(wrong(&format!("“{local}” can't come before an @.")));
    }
    Ok(EmailAddress(canonical))
}

/// Whether the character is allowed before the `@`. A quoted local part could contain anything,
/// even spaces and line breaks, so quotes are not allowed.
fn is_taken(c: char) -> bool {
    !(c.is_whitespace() || is_invisible(c) || "()<>[]:;@\\,\"".contains(c))
}

/// Whether the domain is a public name and not an IP address.
fn is_public(domain: &str) -> bool {
    let Some((_, last)) = domain.rsplit_once('.') else { return false };
    // A name that ends in a number is an IP address, in one of its notations.
    let hexadecimal = last.strip_prefix("0x");
    let is_number = last.bytes().all(|b| b.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    !last.is_empty() && !is_number
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::platform::db::text_column!(EmailAddress, |stored| Ok(EmailAddress(stored.to_owned())));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_address_shows_the_first_letters_and_the_end() {
        let masked = |text: &str| text.parse::<EmailAddress>().unwrap().masked();
        assert_eq!(masked("ada.lovelace@mail.example.org"), "a•••@m•••.example.org");
        assert_eq!(masked("ö@x.test"), "ö•••@x•••.test");
    }

    #[test]
    fn addresses_in_a_servers_words_lose_what_is_before_the_at_sign() {
        for (words, hidden) in [
            ("550 5.1.1 <cy@nowhere.test>: Recipient", "550 5.1.1 <…@nowhere.test>: Recipient"),
            ("to=cy+x@a.test,ö@b.test: no", "…@a.test,…@b.test: no"),
            ("<o'brien{1}|a`b@a.test> no", "<…@a.test> no"),
            ("no \"cy at home\"@a.test", "no …@a.test"),
            ("nobody here", "nobody here"),
            ("é@", "…@"),
            ("", ""),
        ] {
            assert_eq!(EmailAddress::hide_in(words), hidden);
        }
    }

    #[test]
    fn an_address_has_one_canonical_form() {
        let canonical = |text: &str| text.parse::<EmailAddress>().map(|email| email.to_string());
        assert_eq!(canonical("  First.Last@Example.TEST ").unwrap(), "first.last@example.test");
        assert_eq!(
            canonical("\u{FEFF}ada\u{200B}@example.test\u{A0}").unwrap(),
            "ada@example.test"
        );
        assert_eq!(canonical("ａｄａ＠ｅｘａｍｐｌｅ．ｔｅｓｔ").unwrap(), "ada@example.test");
        assert_eq!(canonical("jo\u{308}rg@example.test"), canonical("JÖRG@example.test"));
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
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a@1.2.3",
            "a@127.0.0.0x1",
            "a@2130706433",
            "a@example.1",
            "a@0x7f.0X0",
            "a@[::1]",
            "a@example..test",
            "a,b@example.test",
            "a@b@example.test",
        ] {
            assert!(canonical(wrong).is_err(), "{wrong:?}");
        }
        assert!(canonical(&format!("{}@example.test", "a".repeat(250))).is_err());
    }

    #[test]
    fn what_is_wrong_is_said_and_where() {
        for (typed, why) in [
            ("ada", "it has no @."),
            ("ad a@example.test", "character 3 is a space."),
            ("ad;a@example.test", "character 3 is “;”."),
            ("bad@@example.test", "it has more than one @."),
            ("ada@example.1", "“example.1” after the @ isn't a domain."),
            ("ada..b@example.test", "“ada..b” can't come before an @."),
        ] {
            assert_eq!(EmailAddress::of_account("a@127.0.0.1").unwrap().as_str(), "a@127.0.0.1");
            let words = format!("This isn't a valid email address: {why}");
            assert_eq!(typed.parse::<EmailAddress>(), Err(words));
        }
    }
}
