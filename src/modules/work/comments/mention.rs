//! Mentions: a name after an `@`, such as `@Ada Lovelace`. Spelling variants match, and the longest
//! matching name counts.
//!
//! A name must end at the end of a word. In scripts without spaces between words it may end
//! anywhere; in these, and in Hebrew and Arabic, the `@` may directly follow a word.

use crate::platform::text::{
    Markup, folded, is_combining, is_invisible, is_spaced_script, is_unspaced_script,
    markup_with_mentions,
};

/// The most `@` marks that are examined in a comment.
const MOST: usize = 200;

/// The characters before a name, as the keyboards of all scripts type them.
pub(super) const MARKS: [char; 3] = ['@', '＠', '﹫'];

/// How many characters of an unknown name are shown.
const UNKNOWN_LENGTH: usize = 30;

/// The indexes of the `names` that `text` mentions; people with the same name are all included.
pub(super) fn mentioned(text: &str, names: &[String]) -> Vec<usize> {
    let mut found = Vec::new();
    for place in places(text, names) {
        for number in place.names {
            if !found.contains(&number) {
                found.push(number);
            }
        }
    }
    found
}

/// The words after an `@` in `text` that match none of `names`, shortened.
pub(super) fn unknown(text: &str, names: &[String]) -> Vec<String> {
    let places = places(text, names);
    let is_known = |at: usize| places.iter().any(|place| (place.start..place.end).contains(&at));
    let mut unknown = Vec::new();
    for (start, from) in marks(text).filter(|(start, _)| !is_known(*start)) {
        let words = text[from..].split(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
        let word: String = words.take(1).collect();
        let shown: String = word.chars().take(UNKNOWN_LENGTH).collect();
        if !shown.is_empty() && !is_in_address(text, start, from + word.len()) {
            let shown = format!("@{shown}");
            if !unknown.contains(&shown) {
                unknown.push(shown);
            }
        }
    }
    unknown
}

/// The comment `body` as HTML, with emphasis on mentions of `names`.
pub(super) fn markup(body: &str, names: &[String]) -> Markup {
    let find = |text: &str| {
        let places = places(text, names).into_iter();
        places.map(|place| place.start..place.end).collect()
    };
    markup_with_mentions(body, find)
}

/// A mention, from the `@` to the end of the name.
struct Place {
    start: usize,
    end: usize,
    /// The indexes of the people with this name.
    names: Vec<usize>,
}

/// The start and end of each `@` that may precede a name; inside a word it is part of an address.
fn marks(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let is_mark = |(_, c): &(usize, char)| MARKS.contains(c);
    let marks = text.char_indices().filter(is_mark).take(MOST);
    let marks = marks.map(|(start, c)| (start, start + c.len_utf8()));
    marks.filter(|(start, _)| !text[..*start].chars().next_back().is_some_and(is_spaced_script))
}

fn places(text: &str, names: &[String]) -> Vec<Place> {
    let names: Vec<Vec<char>> = names.iter().map(|name| letters(name)).collect();
    let longest = names.iter().map(Vec::len).max().unwrap_or(0);
    let mut places: Vec<Place> = Vec::new();
    for (start, from) in marks(text) {
        if places.last().is_some_and(|place| start < place.end) {
            continue;
        }
        let written = Written::new(&text[from..], longest);
        let mut best: Option<Place> = None;
        for (number, name) in names.iter().enumerate() {
            let Some(length) = written.begins_with(name) else { continue };
            let end = from + length;
            match &mut best {
                Some(place) if place.end > end => {}
                Some(place) if place.end == end => place.names.push(number),
                _ => best = Some(Place { start, end, names: vec![number] }),
            }
        }
        places.extend(best.filter(|place| !is_in_address(text, start, place.end)));
    }
    places
}

/// Whether the `@` at `start` is part of an email address whose local part is in a script that may
/// directly precede a mention; the domain continues at `end`.
fn is_in_address(text: &str, start: usize, end: usize) -> bool {
    let follows_word = text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
    let mut rest = text[end..].chars();
    follows_word && rest.next() == Some('.') && rest.next().is_some_and(char::is_alphanumeric)
}

/// A name, as letters folded for comparison.
fn letters(name: &str) -> Vec<char> {
    name.trim().chars().flat_map(folded).collect()
}

/// The beginning of the text after an `@`.
struct Written<'t> {
    text: &'t str,
    /// Each character as letters folded for comparison, with its end.
    characters: Vec<(Vec<char>, usize)>,
}

impl<'t> Written<'t> {
    /// As much of `text` as a name of `longest` letters can take up.
    fn new(text: &'t str, longest: usize) -> Self {
        let mut characters = Vec::new();
        let mut count = 0;
        // Repeated spaces and invisible characters do not count as letters of a name.
        for (at, c) in text.char_indices().take(longest * 2) {
            if c == '\n' || count > longest {
                break;
            }
            let letters: Vec<char> = folded(c).collect();
            count += letters.len();
            characters.push((letters, at + c.len_utf8()));
        }
        Self { text, characters }
    }

    /// The length of `name` at its beginning, if it is there and ends with the word.
    fn begins_with(&self, name: &[char]) -> Option<usize> {
        let mut expected = name.iter().peekable();
        let mut last = None;
        for (letters, end) in &self.characters {
            for letter in letters {
                if *letter == ' ' && last == Some(' ') {
                    continue;
                }
                if expected.next() != Some(letter) {
                    return None;
                }
                last = Some(*letter);
            }
            if expected.peek().is_none() {
                return (last.is_some() && self.ends_at(*end)).then_some(*end);
            }
        }
        None
    }

    /// Whether a word may end at `end`.
    fn ends_at(&self, end: usize) -> bool {
        let last = self.text[..end].chars().rfind(|c| !is_combining(*c) && !is_invisible(*c));
        let next = self.text[end..].chars().find(|c| c.is_whitespace() || !is_invisible(*c));
        let (Some(last), Some(next)) = (last, next) else { return true };
        let goes_on =
            next.is_alphanumeric() && !is_unspaced_script(last) && !is_unspaced_script(next);
        !goes_on && !is_combining(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        let latin = ["Ada", "Ada Lovelace", "Zoë Ångström", "ada", "Bo O’Neil", "Jo\u{A0}Ann Groß"];
        let others = ["王小明", "王小", "田中メアリー", "דנה", "김철수", "سارة", "สมชาย", "राम"];
        latin.into_iter().chain(others).map(str::to_owned).collect()
    }

    fn marked(text: &str) -> String {
        let mut marked = text.to_owned();
        for place in places(text, &names()).into_iter().rev() {
            marked.insert(place.end, ']');
            marked.insert(place.start, '[');
        }
        marked
    }

    #[test]
    fn the_longest_name_is_meant_whatever_its_letters() {
        assert_eq!(marked("@ada lovelace, @ADA: look"), "[@ada lovelace], [@ADA]: look");
        assert_eq!(marked("(@zoë ångström)"), "([@zoë ångström])");
        assert_eq!(mentioned("@ada lovelace", &names()), [1]);
        assert_eq!(mentioned("@Ada and @Ada", &names()), [0, 3]);
    }

    #[test]
    fn addresses_and_longer_words_name_nobody() {
        for text in ["mail me@ada.example", "@adam", "@", "@@", "ada", "@ada1", ""] {
            assert_eq!(marked(text), text);
        }
        assert_eq!(marked("@@ada"), "@[@ada]");
        assert_eq!(marked("<b>@ada</b>"), "<b>[@ada]</b>");
    }

    #[test]
    fn names_may_touch_words_of_every_script() {
        for (text, expected) in [
            ("你好@王小明请看", "你好[@王小明]请看"),
            ("＠王小明，@王小。", "[＠王小明]，[@王小]。"),
            ("@Adaさん、@田中メアリーさんへ", "[@Ada]さん、[@田中メアリー]さんへ"),
            ("サーバー@ada", "サーバー[@ada]"),
            ("ל@דנה, @דנהשלום", "ל[@דנה], @דנהשלום"),
            ("@김철수님", "[@김철수]님"),
            ("إلى@سارة", "إلى[@سارة]"),
            ("@สมชายครับ", "[@สมชาย]ครับ"),
            ("@राम @रामा", "[@राम] @रामा"),
            ("@bo o'neil @BO OʼNEIL's", "[@bo o'neil] [@BO OʼNEIL]'s"),
            ("@jo ann GROSS @Jo  Ann Groß", "[@jo ann GROSS] [@Jo  Ann Groß]"),
            ("@Zoe\u{308} A\u{30A}ngstro\u{308}m", "[@Zoe\u{308} A\u{30A}ngstro\u{308}m]"),
            ("@Ad\u{AD}a @Ada\u{301}", "[@Ad\u{AD}a] @Ada\u{301}"),
            ("王@ada.example почта@ada.example", "王@ada.example почта@ada.example"),
            ("@Ada\nLovelace", "[@Ada]\nLovelace"),
        ] {
            assert_eq!(marked(text), expected);
        }
    }

    #[test]
    fn names_that_nobody_has_are_told() {
        let text = "@Grace @Ada @grace, @Grace me@ada.example 王@x.example @";
        assert_eq!(unknown(text, &names()), ["@Grace", "@grace"]);
        assert_eq!(unknown(&"@x".repeat(9000), &[]).len(), 1);
    }
}
