//! The words of a text, as the index stores them and searches look for them.

use std::collections::BTreeMap;

use crate::platform::text::{folded, is_combining, is_unspaced_script};

/// How many different words of a row are indexed, those of its name first. More would make the index
/// grow with long texts that few people search.
const MOST: usize = 1000;
/// The longest word, in characters; longer ones are cut.
const LONGEST: usize = 40;
/// How much more a word counts in a name than in a text.
const NAME: i64 = 4;

/// The words of a text in their order: runs of letters and digits, without case and accents. Scripts
/// without spaces have no words, so that each pair of neighbours counts as one.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut run: Vec<char> = Vec::new();
    let mut is_unspaced = false;
    for c in text.chars().flat_map(folded).flat_map(plain) {
        if is_combining(c) {
            continue;
        }
        let unspaced = is_unspaced_script(c);
        if !c.is_alphanumeric() || (unspaced != is_unspaced && !run.is_empty()) {
            finish(&mut words, &mut run, is_unspaced);
        }
        if c.is_alphanumeric() {
            is_unspaced = unspaced;
            run.push(c);
        }
    }
    finish(&mut words, &mut run, is_unspaced);
    words
}

/// The letters by which people look for a letter that has no accent to be left out.
fn plain(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ł' => ('l', None),
        'ø' => ('o', None),
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'þ' => ('t', Some('h')),
        c => (c, None),
    };
    std::iter::once(first).chain(second)
}

fn finish(words: &mut Vec<String>, run: &mut Vec<char>, is_unspaced: bool) {
    match (is_unspaced, run.len()) {
        (_, 0) => {}
        // The last character counts by itself, too: no pair begins with it.
        (true, 2..) => {
            words.extend(run.windows(2).chain([&run[run.len() - 1..]]).map(String::from_iter))
        }
        _ => words.push(run.iter().take(LONGEST).collect()),
    }
    run.clear();
}

/// Whether every word that was typed is the beginning of a word of the label.
pub fn begins(label: &str, typed: &str) -> bool {
    all_begin(words(typed).iter().map(String::as_str), label)
}

/// Whether each of the beginnings is that of a word of the text.
pub(super) fn all_begin<'a>(mut beginnings: impl Iterator<Item = &'a str>, text: &str) -> bool {
    let words = words(text);
    beginnings.all(|beginning| words.iter().any(|word| word.starts_with(beginning)))
}

/// The words of a row with their weights.
pub(super) fn weighed(name: &str, text: &str) -> BTreeMap<String, i64> {
    let mut weighed = BTreeMap::new();
    let names = words(name).into_iter().map(|word| (word, NAME));
    for (word, weight) in names.chain(words(text).into_iter().map(|word| (word, 1))) {
        if weighed.len() < MOST || weighed.contains_key(&word) {
            weighed.entry(word).or_insert(weight);
        }
    }
    weighed
}

#[cfg(test)]
mod tests {
    use super::{MOST, weighed, words};

    #[test]
    fn words_are_without_case_accents_and_punctuation() {
        assert_eq!(words("Ça-va, Zoë? OFF-2026"), ["ca", "va", "zoe", "off", "2026"]);
        assert_eq!(words("don’t ada@example.com"), ["don", "t", "ada", "example", "com"]);
        assert_eq!(words("Straße İstanbul Łódź Ærø"), ["strasse", "istanbul", "lodz", "aero"]);
        assert_eq!(words(" *—* "), Vec::<String>::new());
    }

    #[test]
    fn scripts_without_spaces_are_found_by_pairs() {
        assert_eq!(words("東京都"), ["東京", "京都", "都"]);
        assert_eq!(words("第3回 東"), ["第", "3", "回", "東"]);
    }

    #[test]
    fn a_word_of_the_name_counts_more_and_long_texts_are_cut() {
        let weighed = weighed("Roof plan", "The plan of the roof. ".repeat(9).as_str());
        assert_eq!((weighed["roof"], weighed["plan"], weighed["the"]), (4, 4, 1));
        let long: String = (0..9999).map(|n| format!("w{n} ")).collect();
        assert_eq!(super::weighed("", &long).len(), MOST);
    }
}
