//! Turns typed text into the form that is stored.

use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::{bidi, visible};

/// How many lines a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Many,
}

/// How many of the characters before a refused one are shown to locate it.
const EXCERPT: usize = 12;

/// A character that is refused, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    character: char,
    /// The line number from one; `None` in a text of one line.
    line: Option<usize>,
    /// The position in its line, from one.
    position: usize,
    /// The end of the text before it in its line.
    before: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "Line {line}, character {}", self.position)?,
            None => write!(f, "Character {}", self.position)?,
        }
        if !self.before.is_empty() {
            write!(f, ", after “{}”", self.before)?;
        }
        let code = u32::from(self.character);
        match self.character {
            _ if is_line_break(self.character) => write!(f, ", is a line break. Use one line."),
            '\u{202D}' | '\u{202E}' => {
                write!(
                    f,
                    ", is invisible and reverses the direction of the text (U+{code:04X}). Remove \
                     it."
                )
            }
            _ => write!(f, ", is a control character (U+{code:04X}). Remove it."),
        }
    }
}

/// The text as it is stored: composed, trimmed, and without invisible characters that have no
/// effect.
///
/// # Errors
/// The first control character or direction override; in a text of one line, also the first line
/// break.
pub(super) fn clean(typed: &str, lines: Lines) -> Result<String, Refusal> {
    if let Some(refusal) = refusal(typed, lines) {
        return Err(refusal);
    }
    let mut text = compose(&unify(typed.trim(), lines));
    loop {
        let kept = bidi::balance(visible::keep(&text.chars().collect::<Vec<_>>()));
        let kept = compose(&kept.into_iter().collect::<String>()).trim().to_owned();
        // When a character is removed, one next to it may lose its effect.
        if kept == text {
            return Ok(kept);
        }
        text = kept;
    }
}

/// Converts to Unicode's normalization form C: one spelling for each letter with its marks.
pub(super) fn compose(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

/// Uses one character for every line end. A tab in a line, from a spreadsheet cell, becomes a
/// space.
fn unify(text: &str, lines: Lines) -> String {
    let unified = |c| match c {
        '\t' if lines == Lines::One => ' ',
        c if is_line_break(c) => '\n',
        c => c,
    };
    text.replace("\r\n", "\n").chars().map(unified).collect()
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn refusal(typed: &str, lines: Lines) -> Option<Refusal> {
    let is_wrong = |c: char| match c {
        '\t' => false,
        '\u{202D}' | '\u{202E}' => true,
        _ if is_line_break(c) => lines == Lines::One,
        _ => c.is_control(),
    };
    let start = typed.len() - typed.trim_start().len();
    let (at, character) = typed.trim().char_indices().find(|(_, c)| is_wrong(*c))?;
    let before = typed[..start + at].replace("\r\n", "\n");
    let begin = before.rfind(is_line_break);
    let begin = begin.map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
    let excerpt = |text: &str| {
        let shown: Vec<char> = text.chars().filter(|c| !super::is_invisible(*c)).collect();
        let cut = shown.len().saturating_sub(EXCERPT);
        let text: String = shown[cut..].iter().collect();
        let text = text.trim();
        if cut > 0 && !text.is_empty() { format!("…{text}") } else { text.to_owned() }
    };
    Some(Refusal {
        character,
        line: (lines == Lines::Many).then(|| before.matches(is_line_break).count() + 1),
        position: before[begin..].chars().count() + 1,
        before: excerpt(&before[begin..]),
    })
}
