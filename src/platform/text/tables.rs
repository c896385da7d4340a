//! Questions about a character, answered from Unicode's tables.

use icu_properties::props::{
    BidiClass, CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, EmojiModifier,
    ExtendedPictographic, GeneralCategory, IndicSyllabicCategory, JoiningType, LineBreak, Script,
};
use icu_properties::{CodePointMapData, CodePointSetData};

pub(super) fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

pub(super) fn script(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}

/// Whether it is never visible by itself: joiners, selectors, fillers, direction marks.
pub(super) fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether it is invisible: ignorable, a control character or an annotation mark.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || is_ignorable(c)
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFC}')
}

/// Whether it is a mark on the letter before it.
pub fn is_combining(c: char) -> bool {
    is_mark(c) && !is_ignorable(c)
}

pub(super) fn is_mark(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    matches!(category(c), NonspacingMark | SpacingMark | EnclosingMark)
}

/// Whether it is visible when it stands alone: a letter, a digit, a symbol.
pub(super) fn shows(c: char) -> bool {
    use GeneralCategory::{
        Control, Format, LineSeparator, ParagraphSeparator, SpaceSeparator, Surrogate, Unassigned,
    };
    let is_blank = matches!(
        category(c),
        Control
            | Format
            | LineSeparator
            | ParagraphSeparator
            | SpaceSeparator
            | Surrogate
            | Unassigned
    );
    let is_empty_shape = matches!(c, BRAILLE_BLANK | NULL_NOTEHEAD);
    !(is_blank || is_empty_shape || is_mark(c) || is_invisible(c) || c.is_whitespace())
}

/// The Braille pattern without dots: a space between patterns that have some.
pub(super) const BRAILLE_BLANK: char = '\u{2800}';
/// A musical note without a head, to which a stem can be added.
const NULL_NOTEHEAD: char = '\u{1D159}';

pub(super) fn is_emoji(c: char) -> bool {
    CodePointSetData::new::<Emoji>().contains(c)
}

pub(super) fn is_pictographic(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

pub(super) fn is_skin_tone(c: char) -> bool {
    CodePointSetData::new::<EmojiModifier>().contains(c)
}

/// Whether neighbouring letters change their shape next to it, as in Arabic.
pub(super) fn is_cursive(c: char) -> bool {
    let joining = CodePointMapData::<JoiningType>::new().get(c);
    !matches!(joining, JoiningType::NonJoining | JoiningType::Transparent) && !is_ignorable(c)
}

/// Whether it removes the vowel of the letter before it, in Indic scripts.
pub(super) fn is_virama(c: char) -> bool {
    let class = CodePointMapData::<CanonicalCombiningClass>::new().get(c);
    class == CanonicalCombiningClass::Virama
}

/// Whether it is part of a syllable in an Indic script.
pub(super) fn is_syllabic(c: char) -> bool {
    let category = CodePointMapData::<IndicSyllabicCategory>::new().get(c);
    category != IndicSyllabicCategory::Other && !is_ignorable(c) && is_of_a_script(c)
}

pub(super) fn is_of_a_script(c: char) -> bool {
    !matches!(script(c), Script::Common | Script::Inherited | Script::Unknown)
}

/// Whether its script has no spaces between words, so that marks tell where lines may break: Khmer,
/// Thai, Burmese.
pub(super) fn is_unspaced(c: char) -> bool {
    CodePointMapData::<LineBreak>::new().get(c) == LineBreak::ComplexContext
}

/// Whether it is visible and written from right to left.
pub(super) fn is_right_to_left(c: char) -> bool {
    let class = CodePointMapData::<BidiClass>::new().get(c);
    matches!(class, BidiClass::RightToLeft | BidiClass::ArabicLetter) && !is_ignorable(c)
}

/// Whether it is a digit or a letter of a script that separates words with spaces: Latin, Greek,
/// Cyrillic and the like.
pub fn is_spaced_script(c: char) -> bool {
    let is_letter = matches!(
        script(c),
        Script::Latin
            | Script::Greek
            | Script::Cyrillic
            | Script::Armenian
            | Script::Georgian
            | Script::Cherokee
    );
    (is_letter && c.is_alphanumeric()) || c.is_numeric()
}

/// Whether it is a letter of a script in which a word may begin and end anywhere: Chinese,
/// Japanese, Thai and the like, and Korean, where suffixes follow a name.
pub fn is_unspaced_script(c: char) -> bool {
    let is_east_asian = matches!(
        script(c),
        Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Bopomofo
            | Script::Hangul
            | Script::Yi
            | Script::Tibetan
    );
    // The prolonged sound mark is used in both Japanese syllabaries and belongs to neither.
    is_east_asian || is_unspaced(c) || matches!(c, 'ー' | 'ｰ')
}

/// The value of a decimal digit in any script: `7`, `７`, `٧`, `७`.
pub fn to_digit(c: char) -> Option<u8> {
    if category(c) != GeneralCategory::DecimalNumber {
        return None;
    }
    // Unicode guarantees that the ten digits of a script are consecutive, from zero.
    let is_digit = |c: char| category(c) == GeneralCategory::DecimalNumber;
    let before = (1..=9).take_while(|back| {
        u32::from(c).checked_sub(*back).and_then(char::from_u32).is_some_and(is_digit)
    });
    let before = u8::try_from(before.count()).ok()?;
    // Sets that are adjacent, as those of mathematical digits are, start at multiples of ten from
    // the first.
    match u32::from(c) {
        code @ 0x1D7CE..=0x1D7FF => u8::try_from((code - 0x1D7CE) % 10).ok(),
        _ => Some(before),
    }
}
