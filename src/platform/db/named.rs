//! Named parameters in SQL texts: `$state` instead of `$4`.
//!
//! The names are replaced by numbers at compile time. A text that uses a parameter that is not
//! bound, or leaves out one that is, does not compile.

/// The length of `text` with numbers instead of `names`; the first name gets the number `first`.
///
/// # Panics
/// At build time, when the text uses another name, or leaves one of them out.
pub const fn length(text: &str, names: &[&str], first: usize) -> usize {
    let mut length = 0;
    let mut at = 0;
    let mut used = [false; MOST];
    assert!(names.len() <= MOST, "a statement has too many parameters");
    while at < text.len() {
        let end = end_of_name(text, at);
        if end > at {
            let name = position(text, at, end, names);
            used[name] = true;
            length += 1 + digits(name + first);
            at = end;
        } else {
            length += 1;
            at += 1;
        }
    }
    let mut name = 0;
    while name < names.len() {
        assert!(used[name], "a statement has a parameter that it does not use");
        name += 1;
    }
    length
}

/// `text` with numbers instead of `names`; the first name gets the number `first`. `N` must be its
/// [`length`].
///
/// # Panics
/// At build time, as [`length`] does.
pub const fn numbered<const N: usize>(text: &str, names: &[&str], first: usize) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut numbered = [0; N];
    let (mut from, mut to) = (0, 0);
    while from < bytes.len() {
        let end = end_of_name(text, from);
        if end == from {
            numbered[to] = bytes[from];
            from += 1;
            to += 1;
            continue;
        }
        let mut number = position(text, from, end, names) + first;
        let last = to + digits(number);
        numbered[to] = b'$';
        to = last + 1;
        let mut digit = last;
        while number > 0 {
            numbered[digit] = b'0' + (number % 10) as u8;
            number /= 10;
            digit -= 1;
        }
        from = end;
    }
    numbered
}

/// The most named parameters of a statement.
const MOST: usize = 64;

/// The end of the name that begins with a `$` at `at`; `at` itself if none begins there.
const fn end_of_name(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    if bytes[at] != b'$' || at + 1 == bytes.len() || !bytes[at + 1].is_ascii_lowercase() {
        return at;
    }
    let mut end = at + 1;
    while end < bytes.len()
        && (bytes[end].is_ascii_lowercase() || bytes[end].is_ascii_digit() || bytes[end] == b'_')
    {
        end += 1;
    }
    end
}

/// The index in `names` of the name in `text` between the `$` at `at` and `end`.
const fn position(text: &str, at: usize, end: usize, names: &[&str]) -> usize {
    let bytes = text.as_bytes();
    let mut name = 0;
    while name < names.len() {
        let known = names[name].as_bytes();
        let mut matched = 0;
        while matched < known.len()
            && at + 1 + matched < end
            && known[matched] == bytes[at + 1 + matched]
        {
            matched += 1;
        }
        if matched == known.len() && at + 1 + matched == end {
            return name;
        }
        name += 1;
    }
    panic!("a statement names a parameter that is not bound")
}

const fn digits(mut number: usize) -> usize {
    let mut digits = 1;
    while number >= 10 {
        number /= 10;
        digits += 1;
    }
    digits
}

/// A text with numbers instead of its named parameters: `named!("… = $id", 2, [id])`.
macro_rules! named {
    ($text:expr, $first:literal, [$($name:ident),* $(,)?]) => {{
        const TEXT: &str = $text;
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        const LENGTH: usize = $crate::platform::db::named::length(TEXT, NAMES, $first);
        const BYTES: [u8; LENGTH] =
            $crate::platform::db::named::numbered::<LENGTH>(TEXT, NAMES, $first);
        match std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("a name begins and ends between characters"),
        }
    }};
}
pub(crate) use named;

#[cfg(test)]
mod tests {
    #[test]
    fn names_become_numbers_and_numbers_stay() {
        const TEXT: &str = named!(
            "where a = $1 and b = $state and c like $search and d = $state or e = '→ $5'",
            9,
            [state, search]
        );
        assert_eq!(TEXT, "where a = $1 and b = $9 and c like $10 and d = $9 or e = '→ $5'");
    }
}
