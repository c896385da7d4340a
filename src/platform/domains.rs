//! Lists of email domains, as people write them.

use std::fmt;
use std::str::FromStr;

use super::email::EmailAddress;

/// The domains that an address may belong to. An empty list allows every domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains(Vec<Domain>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Domain {
    /// The name in canonical form, as in [`EmailAddress`].
    name: String,
    /// Whether it stands for its subdomains instead of for itself.
    is_wild: bool,
}

impl Domains {
    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The domains in a sentence: `example.org, *.example.com or example.net`.
    pub fn in_words(&self) -> String {
        let names: Vec<String> = self.0.iter().map(Domain::to_string).collect();
        match names.split_last() {
            Some((last, before)) if !before.is_empty() => {
                format!("{} or {last}", before.join(", "))
            }
            _ => names.concat(),
        }
    }

    /// How many domains are listed.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether the address is in one of the domains. A subdomain does not count as its parent.
    pub fn hold(&self, email: &EmailAddress) -> bool {
        self.0.is_empty() || self.0.iter().any(|domain| domain.is_of(email.domain()))
    }
}

impl Domain {
    fn is_of(&self, domain: &str) -> bool {
        match self.is_wild {
            false => self.name == domain,
            true => domain.strip_suffix(&self.name).is_some_and(|below| below.ends_with('.')),
        }
    }
}

impl FromStr for Domains {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let listed = text.split(',').map(str::trim).filter(|domain| !domain.is_empty());
        let domains: Vec<Domain> = listed.map(str::parse).collect::<Result<_, _>>()?;
        // The operator wanted a limit; an empty list would allow everything.
        if domains.is_empty() && !text.trim().is_empty() {
            return Err(format!("{text:?} does not name a domain"));
        }
        Ok(Self(domains))
    }
}

impl FromStr for Domain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (is_wild, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        // Uses the rules for addresses, so that every domain listed here can occur in one.
        let address: Result<EmailAddress, String> = format!("somebody@{name}").parse();
        match address {
            Ok(address) if !name.contains('@') => {
                Ok(Self { name: address.domain().to_owned(), is_wild })
            }
            _ => Err(format!("{text:?} is not a domain like example.org or *.example.org")),
        }
    }
}

/// With commas between, as they are typed. What a column holds that is no such list is an error and
/// not an empty one, which would allow everything.
impl fmt::Display for Domains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, domain) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { ", " };
            write!(f, "{between}{domain}")?;
        }
        Ok(())
    }
}

crate::platform::db::text_column!(Domains);

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wild = if self.is_wild { "*." } else { "" };
        // Shows the Unicode form: people do not know the canonical form of `bücher.example`.
        let (name, _errors) = idna::domain_to_unicode(&self.name);
        write!(f, "{wild}{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::Domains;

    fn holds(listed: &str, email: &str) -> bool {
        listed.parse::<Domains>().unwrap().hold(&email.parse().unwrap())
    }

    #[test]
    fn an_address_is_at_a_domain_that_is_listed_exactly() {
        for (listed, email, is_held) in [
            ("", "ada@anything.test", true),
            ("example.org", "ada@example.org", true),
            ("EXAMPLE.org , example.com", "ADA@Example.COM", true),
            ("example.org", "ada@sub.example.org", false),
            ("example.org", "ada@badexample.org", false),
            ("example.org", "ada@example.org.evil.test", false),
            ("*.example.org", "ada@sub.example.org", true),
            ("*.example.org", "ada@a.b.example.org", true),
            ("*.example.org", "ada@example.org", false),
            ("*.example.org", "ada@badexample.org", false),
            ("bücher.example", "ada@xn--bcher-kva.example", true),
            ("xn--bcher-kva.example", "ada@BÜCHER.example", true),
        ] {
            assert_eq!(holds(listed, email), is_held, "{listed}: {email}");
        }
    }

    #[test]
    fn what_is_no_domain_is_named() {
        for wrong in
            ["ada@example.org", "@example.org", "org", "*", "*.", "a b.test", "1.2.3.4", ",", ", ,"]
        {
            let words = wrong.parse::<Domains>().unwrap_err();
            assert!(words.contains(wrong), "{words}");
        }
        let several: Domains = "example.org,*.example.com,bücher.example".parse().unwrap();
        assert_eq!(several.in_words(), "example.org, *.example.com or bücher.example");
        assert_eq!(several.to_string().parse::<Domains>(), Ok(several));
    }
}
