//! Text that people type, in every script: what of it is kept, what is refused and where, and the
//! keys by which it is searched, sorted and told apart.
//!
//! Text is stored in Unicode's normalization form C, without invisible characters that do nothing:
//! a soft hyphen or a byte order mark that came along by pasting is dropped, while the joiners of
//! Persian, Sinhala or an emoji family stay. Only what turns the writing around and control
//! characters are refused, with the place where they stand.

mod bidi;
mod clean;
mod key;
mod tables;
mod visible;

pub use clean::Refusal;
pub use key::{code, folded, key, name_key, search_key};
pub use tables::{is_combining, is_invisible, is_spaced_script, is_unspaced_script};

use clean::{Lines, clean};

/// One line of text of at most `longest` characters that shows something; `missing` is said where
/// it shows nothing.
pub fn line_of_text(typed: &str, longest: usize, missing: &str) -> Result<String, String> {
    let text = clean(typed, Lines::One).map_err(|refusal| refusal.to_string())?;
    if !text.chars().any(tables::shows) {
        return Err(missing.to_owned());
    }
    within(text, longest)
}

/// Several lines of text of at most `longest` characters, or none. Browsers send lines apart by two
/// characters; one is stored.
pub fn block_of_text(typed: &str, longest: usize) -> Result<String, String> {
    let text = clean(typed, Lines::Many).map_err(|refusal| refusal.to_string())?;
    within(text, longest)
}

/// One line of text that may be left out.
pub fn optional_line(typed: &str, longest: usize) -> Result<String, String> {
    let text = clean(typed, Lines::One).map_err(|refusal| refusal.to_string())?;
    within(text, longest)
}

/// A few sentences of at most `longest` characters, as one line: line breaks become spaces.
pub fn sentences(typed: &str, longest: usize, missing: &str) -> Result<String, String> {
    let folded = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    line_of_text(&folded, longest, missing)
}

/// One line as it is stored, of any length: for what is parsed further.
pub fn cleaned_line(typed: &str) -> Result<String, Refusal> {
    clean(typed, Lines::One)
}

fn within(text: String, longest: usize) -> Result<String, String> {
    match text.chars().count() {
        count if count > longest => Err(format!("Use at most {longest} characters.")),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests;
