//! Keys by which text is searched, sorted and compared, regardless of case and of how it was typed.
//! They are made here because each database has different rules.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

use super::tables::{is_ignorable, to_digit};

/// The longest key, in characters: an index entry in PostgreSQL has at most 2,704 bytes. A few
/// ligatures expand to many letters.
const LONGEST: usize = 600;

/// What different spellings of one text have in common. Compatibility forms and case are folded
/// (`ﬁ`, `ß`, `İ`, full width), apostrophes, quotation marks and hyphens become plain ones, any run
/// of white space becomes one space, and invisible characters are dropped.
pub fn key(text: &str) -> String {
    let text: String = text.chars().filter_map(plain).collect();
    let mut folded = compose(&fold(&compose(&fold(&text))));
    // Dotted and dotless i are different letters in Turkish but not elsewhere: a search for either
    // finds both.
    while folded.contains("i\u{307}") || folded.contains('ı') {
        folded = compose(&folded.replace("i\u{307}", "i").replace('ı', "i"));
    }
    // Normalizing may have produced more of these characters.
    let folded: String = folded.chars().filter_map(plain).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The key of a name or title, cut to what an index can hold.
pub fn name_key(name: &str) -> String {
    let key = key(name);
    match key.char_indices().nth(LONGEST) {
        Some((end, _)) => key[..end].trim_end().to_owned(),
        None => key,
    }
}

/// The key of a text for searching, line by line, so that no match spans two lines.
pub fn search_key(text: &str) -> String {
    text.split('\n').map(key).collect::<Vec<_>>().join("\n")
}

/// Normalizes a typed code: its letters in lower case and its digits, of any script, without
/// separators.
pub fn code(typed: &str) -> String {
    let digit = |c| to_digit(c).map_or(c, |digit| char::from(b'0' + digit));
    key(typed).chars().map(digit).filter(|c| c.is_alphanumeric()).collect()
}

/// A character as it appears in a key, decomposed into letters and marks: texts with equal
/// sequences have equal keys. Empty for invisible characters.
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

/// The plain form of a character that keyboards and word processors vary; `None` if it is
/// invisible.
fn plain(c: char) -> Option<char> {
    Some(match c {
        '’' | '‘' | '‛' | 'ʼ' | 'ʻ' | 'ʽ' | 'ʾ' | 'ʿ' | 'ˈ' | '′' | '＇' | '՚' | 'ꞌ' | '´'
        | '`' => '\'',
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '＂' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹘' | '﹣' | '－' => '-',
        c if c.is_whitespace() => ' ',
        // Fillers take up space; other ignorable characters do not.
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
