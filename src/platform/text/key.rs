//! Keys: text as it is searched, sorted and told apart, whatever its letters' size and however it
//! was typed. The databases have no part in it, because each has other rules.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

use super::tables::{is_ignorable, to_digit};

/// The longest key: PostgreSQL has an index with entries of 2,704 bytes at most. A few ligatures
/// are written out as many letters.
const LONGEST: usize = 600;

/// What two ways of writing one text have in common: compatibility forms and sizes of letters are
/// folded (`ﬁ`, `ß`, `İ`, full width), every apostrophe, quotation mark and hyphen is the plain one,
/// any space is one space, and what cannot be seen is left out.
pub fn key(text: &str) -> String {
    let text: String = text.chars().filter_map(plain).collect();
    let mut folded = compose(&fold(&compose(&fold(&text))));
    // Forms with a dot and without are one letter's in Turkish and another's elsewhere: whoever
    // searches for either finds both.
    while folded.contains("i\u{307}") || folded.contains('ı') {
        folded = compose(&folded.replace("i\u{307}", "i").replace('ı', "i"));
    }
    // Compatibility forms hide a few more.
    let folded: String = folded.chars().filter_map(plain).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The key of a name or title, as short as an index needs it.
pub fn name_key(name: &str) -> String {
    let key = key(name);
    match key.char_indices().nth(LONGEST) {
        Some((end, _)) => key[..end].trim_end().to_owned(),
        None => key,
    }
}

/// The key of a text that a search looks into: line by line, so that nothing is found across two.
pub fn search_key(text: &str) -> String {
    text.split('\n').map(key).collect::<Vec<_>>().join("\n")
}

/// What was typed of a code: its letters, small, and its digits, whatever their script and whatever
/// sets them apart.
pub fn code(typed: &str) -> String {
    let digit = |c| to_digit(c).map_or(c, |digit| char::from(b'0' + digit));
    key(typed).chars().map(digit).filter(|c| c.is_alphanumeric()).collect()
}

/// What one character is in a key, taken apart into letters and marks: two texts with the same
/// sequence have the same key. Nothing for what cannot be seen.
pub fn folded(c: char) -> impl Iterator<Item = char> {
    if c.is_ascii_alphanumeric() {
        return vec![c.to_ascii_lowercase()].into_iter();
    }
    let decomposing = DecomposingNormalizerBorrowed::new_nfkd();
    let text: String = plain(c).into_iter().collect();
    let folded = fold(&decomposing.normalize(&text));
    let folded = decomposing.normalize(&folded).replace("i\u{307}", "i").replace('ı', "i");
    let folded: Vec<char> = folded.chars().filter_map(plain).collect();
    folded.into_iter()
}

/// The plain form of what keyboards and word processors vary.
fn plain(c: char) -> Option<char> {
    Some(match c {
        '’' | '‘' | '‛' | 'ʼ' | 'ʻ' | 'ʽ' | 'ʾ' | 'ʿ' | 'ˈ' | '′' | '＇' | '՚' | 'ꞌ' | '´'
        | '`' => '\'',
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '＂' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹘' | '﹣' | '－' => '-',
        c if c.is_whitespace() => ' ',
        // Fillers take space; what is ignorable otherwise does not.
        '\u{3164}' | '\u{FFA0}' | '\u{2800}' => ' ',
        c if is_ignorable(c) => return None,
        c => c,
    })
}

fn fold(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(text);
    CaseMapper::new().fold_string(&decomposed).into_owned()
}

fn compose(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned()
}
