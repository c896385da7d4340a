//! Names behind an `@`: `@Ada Lovelace`, in letters of any size, the longest name that fits.

/// The most places in a comment that are looked at.
const MOST: usize = 200;

/// A part of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// As it was typed.
    pub text: String,
    /// Whether it names somebody.
    pub is_mention: bool,
}

/// Those of `names` that `text` mentions, by number; people who have the same name all are.
pub(super) fn mentioned(text: &str, names: &[String]) -> Vec<usize> {
    let mut found = Vec::new();
    for (start, end) in places(text, names) {
        let is_meant = |name: &String| prefix(&text[start + 1..], name) == Some(end - start - 1);
        for (number, _) in names.iter().enumerate().filter(|(_, name)| is_meant(name)) {
            if !found.contains(&number) {
                found.push(number);
            }
        }
    }
    found
}

/// The text in parts: those that mention one of `names`, and what stands between them.
pub(super) fn segments(text: &str, names: &[String]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut add = |text: &str, is_mention| {
        if !text.is_empty() {
            segments.push(Segment { text: text.to_owned(), is_mention });
        }
    };
    let mut rest = 0;
    for (start, end) in places(text, names) {
        add(&text[rest..start], false);
        add(&text[start..end], true);
        rest = end;
    }
    add(&text[rest..], false);
    segments
}

/// Where names stand, from their `@` to their end.
fn places(text: &str, names: &[String]) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    let mut free_from = 0;
    for (start, _) in text.match_indices('@').take(MOST) {
        // Inside a word it is part of an address.
        let is_inside = text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
        if start < free_from || is_inside {
            continue;
        }
        let rest = &text[start + 1..];
        if let Some(length) = names.iter().filter_map(|name| prefix(rest, name)).max() {
            free_from = start + 1 + length;
            places.push((start, free_from));
        }
    }
    places
}

/// How much of the beginning of `text` is `name`, if it is, and the word ends with it.
fn prefix(text: &str, name: &str) -> Option<usize> {
    let mut expected = name.chars().flat_map(char::to_lowercase).peekable();
    for (at, character) in text.char_indices() {
        if !character.to_lowercase().all(|lower| expected.next() == Some(lower)) {
            return None;
        }
        if expected.peek().is_none() {
            let end = at + character.len_utf8();
            let goes_on = text[end..].chars().next().is_some_and(char::is_alphanumeric);
            return (!goes_on).then_some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["Ada", "Ada Lovelace", "Zoë Ångström", "ada"].map(str::to_owned).to_vec()
    }

    fn marked(text: &str) -> String {
        let wrap = |segment: Segment| match segment.is_mention {
            true => format!("[{}]", segment.text),
            false => segment.text,
        };
        segments(text, &names()).into_iter().map(wrap).collect()
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
}
