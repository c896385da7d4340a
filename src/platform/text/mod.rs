//! Text that people type, in any script: what is stored, what is refused and where, and the keys by
//! which it is searched, sorted and compared.
//!
//! Text is stored in Unicode's normalization form C, without invisible characters that have no
//! effect: a soft hyphen or a pasted byte order mark is dropped, while the joiners of Persian,
//! Sinhala or an emoji family are kept. Only direction overrides and control characters are
//! refused, with their position.

mod bidi;
mod clean;
mod key;
mod markdown;
mod tables;
mod visible;

pub use clean::Refusal;
pub use key::{code, folded, key, name_key, search_key};
pub use markdown::{Markup, markup, markup_with_mentions, prose};
pub use tables::{is_combining, is_invisible, is_spaced_script, is_unspaced_script};

use clean::{Lines, clean};

/// One line of at most `longest` characters that contains something visible; otherwise the error is
/// `missing`.
pub fn line_of_text(typed: &str, longest: usize, missing: &str) -> Result<String, String> {
    let text = clean(typed, Lines::One).map_err(|refusal| refusal.to_string())?;
    if !text.chars().any(tables::shows) {
        return Err(missing.to_owned());
    }
    within(text, longest)
}

/// Several lines of at most `longest` characters in all, possibly empty. Browsers send two
/// characters for a line break; one is stored.
pub fn block_of_text(typed: &str, longest: usize) -> Result<String, String> {
    let text = clean(typed, Lines::Many).map_err(|refusal| refusal.to_string())?;
    within(text, longest)
}

/// One line of at most `longest` characters, possibly empty.
pub fn optional_line(typed: &str, longest: usize) -> Result<String, String> {
    let text = clean(typed, Lines::One).map_err(|refusal| refusal.to_string())?;
    within(text, longest)
}

/// A few sentences of at most `longest` characters as one line: line breaks become spaces.
pub fn sentences(typed: &str, longest: usize, missing: &str) -> Result<String, String> {
    let folded = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    line_of_text(&folded, longest, missing)
}

/// One line in its stored form, of any length, for further parsing.
pub fn cleaned_line(typed: &str) -> Result<String, Refusal> {
    clean(typed, Lines::One)
}

fn within(text: String, longest: usize) -> Result<String, String> {
    match text.chars().count() {
        count if count > longest => Err(format!("Use up to {longest} characters.")),
        _ => Ok(text),
    }
}

/// The text with its first letter in upper case.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(char::to_uppercase).into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests;
