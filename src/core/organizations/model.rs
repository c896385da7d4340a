//! Names and slugs.

use super::sql;
use crate::core::organizations::noun::{SLUG_IN_USE, SLUG_ONCE_USED};
use crate::platform::error::{AppError, Result};
use crate::platform::links::name_without_link;
use crate::platform::secrets::random_bytes;
use crate::platform::tenant::UnscopedTx;
use crate::platform::text::{key, line_of_text};

/// The longest name, in characters.
const NAME_LENGTH: usize = 80;
/// The shortest slug, in characters.
const SLUG_MIN: usize = 3;
/// The longest slug, in characters.
const SLUG_MAX: usize = 40;
/// How many slugs are tried before a random one is used.
const TRIES: usize = 100;

/// Words that other paths have, or may get, in the place of a slug.
const RESERVED: &[&str] = &[
    "account",
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "dev",
    "docs",
    "help",
    "home",
    "invitations",
    "join",
    "login",
    "logout",
    "mail",
    "members",
    "new",
    "null",
    "operator",
    "org",
    "orgs",
    "password",
    "root",
    "settings",
    "signup",
    "static",
    "status",
    "support",
    "switcher",
    "system",
    "tenantry",
    "undefined",
    "verify",
    "webhooks",
    "www",
];

/// Parses an organization's name.
pub fn organization_name(typed: &str) -> Result<String, String> {
    name_without_link(line_of_text(typed, NAME_LENGTH, "Enter a name for the organization.")?)
}

/// Parses a slug.
pub fn parse_slug(typed: &str) -> Result<String, String> {
    let slug = key(typed);
    let is_made_of = |allowed: fn(char) -> bool| slug.chars().all(allowed);
    if !(SLUG_MIN..=SLUG_MAX).contains(&slug.chars().count()) {
        return Err(format!("Use {SLUG_MIN} to {SLUG_MAX} characters."));
    }
    if !is_made_of(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err("Use lowercase letters, digits and hyphens.".to_owned());
    }
    if slug.starts_with('-') || slug.ends_with('-') {
        return Err("Start and end with a letter or digit.".to_owned());
    }
    // Such a label in a host name would be read as encoded text in another script.
    if slug.contains("--") {
        return Err("Use one hyphen at a time.".to_owned());
    }
    if RESERVED.contains(&slug.as_str()) {
        return Err(format!("{slug} is reserved. Choose another address."));
    }
    Ok(slug)
}

/// The slug that a name suggests; [`parse_slug`] accepts it.
fn derive_slug(name: &str) -> String {
    let derived = cut(&slug::slugify(name), SLUG_MAX);
    if derived.len() < SLUG_MIN {
        return if derived.is_empty() {
            "organization".to_owned()
        } else {
            format!("{derived}-org")
        };
    }
    if RESERVED.contains(&derived.as_str()) { format!("{derived}-org") } else { derived }
}

fn cut(slug: &str, longest: usize) -> String {
    // A slug is ASCII, so a byte is a character.
    slug[..slug.len().min(longest)].trim_matches('-').to_owned()
}

/// Whether `error` reports that another organization has or had the slug.
pub(crate) fn slug_is_taken(error: &AppError) -> bool {
    error.breaks(SLUG_IN_USE) || error.breaks(SLUG_ONCE_USED)
}

/// A slug for `name` that no organization has or had at this moment.
pub async fn free_slug(tx: &mut UnscopedTx, name: &str) -> Result<String> {
    let base = derive_slug(name);
    let taken = sql::taken_slugs(tx, &cut(&base, SLUG_MAX - 4)).await?;
    let free = (1..=TRIES)
        .map(|number| match number {
            1 => base.clone(),
            _ => format!("{}-{number}", cut(&base, SLUG_MAX - 4)),
        })
        .find(|slug| !taken.contains(slug));
    Ok(free.unwrap_or_else(|| unlikely_slug(name)))
}

/// A random slug for `name`, for the loser of a race for a free one.
pub fn unlikely_slug(name: &str) -> String {
    let mark: String = random_bytes::<4>().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{mark}", cut(&derive_slug(name), SLUG_MAX - mark.len() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_three_to_forty_letters_digits_and_hyphens() {
        assert_eq!(parse_slug(" Acme-2 ").unwrap(), "acme-2");
        assert_eq!(parse_slug("Ａｃｍｅ‐２").unwrap(), "acme-2");
        assert!(parse_slug(&"a".repeat(40)).is_ok());
        for wrong in [
            "",
            "ab",
            "a b c",
            "a--b",
            "xn--a",
            "-acme",
            "acme-",
            "ümlaut",
            "new",
            "a/b/c",
            &"a".repeat(41),
        ] {
            assert!(parse_slug(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_derived_slug_is_always_one_that_is_taken() {
        for (name, slug) in [
            ("Acme & Söhne", "acme-sohne"),
            ("A", "a-org"),
            ("New", "new-org"),
            ("日本", "ri-ben"),
            ("!!!", "organization"),
        ] {
            assert_eq!(derive_slug(name), slug);
            assert!(parse_slug(&derive_slug(name)).is_ok(), "{name}");
        }
        assert!(parse_slug(&derive_slug(&"long name ".repeat(8))).is_ok());
        assert!(parse_slug(&unlikely_slug(&"long name ".repeat(8))).is_ok());
    }
}
