//! Decides which invisible characters have an effect where they stand.

use super::tables::{
    BRAILLE_BLANK, is_cursive, is_emoji, is_ignorable, is_mark, is_of_a_script, is_pictographic,
    is_skin_tone, is_syllabic, is_unspaced, is_virama, script,
};
use icu_properties::props::Script;

const NON_JOINER: char = '\u{200C}';
const JOINER: char = '\u{200D}';
const EMOJI_SELECTOR: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';
const BLACK_FLAG: char = '\u{1F3F4}';
/// The longest sequence of tags in a flag: two letters for a country, three for a part of it, with
/// room to spare.
const TAGS: usize = 8;

/// Drops invisible characters that have no effect where they stand; fillers that only take up space
/// become spaces.
pub(super) fn keep(text: &[char]) -> Vec<char> {
    let mut kept: Vec<char> = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        at += 1;
        // The next character that will not be dropped.
        let next = || text[at..].iter().copied().find(|c| !is_dropped_anywhere(*c));
        match c {
            BRAILLE_BLANK if !is_in_braille(&kept, &text[at..]) => kept.push(' '),
            // Fillers: wide spaces that count as letters.
            '\u{3164}' | '\u{FFA0}' => kept.push(' '),
            BLACK_FLAG => {
                kept.push(c);
                let tags = tags(&text[at..]);
                kept.extend(&text[at..at + tags]);
                at += tags;
            }
            _ if does_something(&kept, c, next()) => kept.push(c),
            _ => {}
        }
    }
    kept
}

fn does_something(before: &[char], c: char, next: Option<char>) -> bool {
    match c {
        _ if is_dropped_anywhere(c) => false,
        _ if !is_ignorable(c) => true,
        NON_JOINER | JOINER => joins(before, c, next),
        // A possible line break, in scripts without spaces.
        '\u{200B}' => {
            before.last().copied().is_some_and(is_unspaced) && next.is_some_and(is_unspaced)
        }
        // Keeps marks in the order in which they were typed.
        '\u{34F}' => {
            let is_before_mark = next.is_some_and(|next| is_mark(next) && !is_ignorable(next));
            is_before_mark && before.last().is_some_and(|c| !is_ignorable(*c) && !c.is_whitespace())
        }
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => selects(before, c, next),
        '\u{115F}' | '\u{1160}' => {
            before.last().copied().is_some_and(is_jamo) || next.is_some_and(is_jamo)
        }
        '\u{180B}'..='\u{180F}' => follows(before, Script::Mongolian),
        // `bidi` decides about direction marks.
        '\u{200E}' | '\u{200F}' | '\u{61C}' => true,
        '\u{202A}'..='\u{202C}' | '\u{2066}'..='\u{2069}' => true,
        _ => false,
    }
}

/// Soft hyphens, byte order marks, word joiners, annotation and object marks, and tags outside
/// flags: nobody types them, and nothing is lost without them.
fn is_dropped_anywhere(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{17B4}' | '\u{17B5}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFC}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}'
    )
}

/// Whether a joiner or non-joiner after `before` changes how the text looks: in an emoji, between
/// letters that connect, or in a syllable.
fn joins(before: &[char], joiner: char, next: Option<char>) -> bool {
    let Some(&last) = before.last() else {
        // An Arabic letter in the shape that it has inside a word.
        return joiner == JOINER && next.is_some_and(is_cursive);
    };
    if matches!(last, JOINER | NON_JOINER) {
        return false;
    }
    let is_dressing = |c: char| c == EMOJI_SELECTOR || c == KEYCAP || is_skin_tone(c);
    let picture = before.iter().rev().copied().find(|c| !is_dressing(*c));
    if picture.is_some_and(is_pictographic) {
        return joiner == JOINER && next.is_some_and(is_pictographic);
    }
    if is_virama(last) {
        return true;
    }
    let base = before.iter().rev().copied().find(|c| !is_mark(*c) && !is_ignorable(*c));
    if base.is_some_and(is_cursive) && (is_mark(last) || Some(last) == base) {
        return joiner == JOINER || next.is_some_and(is_cursive);
    }
    if joiner == JOINER && next.is_some_and(is_cursive) {
        return true;
    }
    is_syllabic(last) && next.is_some_and(|next| is_syllabic(next) && script(next) == script(last))
}

/// Whether a variation selector changes how the character before it looks.
fn selects(before: &[char], selector: char, next: Option<char>) -> bool {
    let Some(&last) = before.last() else { return false };
    match selector {
        '\u{FE0E}' | EMOJI_SELECTOR => is_emoji(last) && (!last.is_ascii() || next == Some(KEYCAP)),
        _ => {
            let is_plain = is_ignorable(last) || is_mark(last) || last.is_whitespace();
            !(is_plain || last.is_ascii() || script(last) == Script::Latin)
        }
    }
}

/// Whether the text ends in a letter of the script `wanted`.
fn follows(before: &[char], wanted: Script) -> bool {
    before.last().is_some_and(|c| script(*c) == wanted && is_of_a_script(*c) && !is_ignorable(*c))
}

fn is_jamo(c: char) -> bool {
    !is_ignorable(c)
        && matches!(c, '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97C}' | '\u{D7B0}'..='\u{D7FB}')
}

fn is_in_braille(before: &[char], after: &[char]) -> bool {
    let is_pattern = |c: Option<&char>| c.is_some_and(|c| ('\u{2801}'..='\u{28FF}').contains(c));
    let is_other = |c: &&char| **c != BRAILLE_BLANK;
    is_pattern(before.iter().rev().find(is_other)) || is_pattern(after.iter().find(is_other))
}

/// The number of tags that form the flag of a part of a country, such as Wales.
fn tags(after: &[char]) -> usize {
    let is_letter =
        |c: &&char| matches!(**c, '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}');
    let letters = after.iter().take(TAGS).take_while(is_letter).count();
    match after.get(letters) {
        Some('\u{E007F}') if letters > 0 => letters + 1,
        _ => 0,
    }
}
