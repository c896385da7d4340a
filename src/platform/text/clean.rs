//! What is stored of a text that somebody typed.

use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::{bidi, visible};

/// How many lines a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Many,
}

/// How much of the text before a character is shown to find it by.
const EXCERPT: usize = 12;

/// A character that is not taken, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    character: char,
    /// Counted from one, where there is more than one line.
    line: Option<usize>,
    /// Counted from one, in its line.
    position: usize,
    /// What stands before it in its line.
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

/// The text as it is stored: composed, without what is invisible and does nothing, without space
/// around it.
///
/// # Errors
/// The first control character or mark that overrides the direction of writing, and in one line the
/// first line break.
pub(super) fn clean(typed: &str, lines: Lines) -> Result<String, Refusal> {
    if let Some(refusal) = refusal(typed, lines) {
        return Err(refusal);
    }
    let mut text = compose(&unify(typed.trim(), lines));
    loop {
        let kept = bidi::balance(visible::keep(&text.chars().collect::<Vec<_>>()));
        let kept = compose(&kept.into_iter().collect::<String>()).trim().to_owned();
        // With one character gone, another beside it may do nothing any more.
        if kept == text {
            return Ok(kept);
        }
        text = kept;
    }
}

/// Unicode's normalization form C: one of the ways to write a letter with its marks.
pub(super) fn compose(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

/// One character for the end of a line. A tab in one line, from a cell of a spreadsheet, is a space.
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
