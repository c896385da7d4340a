//! Named parameters in SQL texts: `$state` instead of `$4`.
//!
//! The names are replaced by numbers at compile time. A text that uses a parameter that is not
//! bound, or leaves out one that is, does not compile. The compiler interprets what is computed here,
//! for every statement and slowly, so the loops over all bytes do as little as they can.

/// The length of `text` with numbers instead of `names`; the first name gets the number `first`.
///
/// # Panics
/// At build time, when the text uses another name, or leaves out one of them or a number below
/// `first`.
pub const fn length(text: &str, names: &[&str], first: usize) -> usize {
    let bytes = text.as_bytes();
    let mut length = bytes.len();
    let mut at = 0;
    let mut used = [false; MOST];
    let mut has_number = [false; 10];
    assert!(names.len() <= MOST, "a statement has too many parameters");
    while at < bytes.len() {
        if bytes[at] != b'$' {
            at += 1;
            continue;
        }
        let end = end_of_name(bytes, at);
        if end > at {
            let name = position(bytes, at, end, names);
            used[name] = true;
            length = length + 1 + digits(name + first) - (end - at);
            at = end;
        } else {
            at += 1;
            // A number has one digit: `visible!` has the highest ones.
            if at < bytes.len() && bytes[at].is_ascii_digit() {
                has_number[(bytes[at] - b'0') as usize] = true;
            }
        }
    }
    let mut number = 1;
    while number < first {
        assert!(has_number[number], "a statement has a numbered parameter that it does not use");
        number += 1;
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
    let (mut start, mut from, mut to) = (0, 0, 0);
    while from < bytes.len() {
        if bytes[from] != b'$' {
            from += 1;
            continue;
        }
        let end = end_of_name(bytes, from);
        if end == from {
            from += 1;
            continue;
        }
        to = copy(bytes, start, from, &mut numbered, to);
        start = end;
        let mut number = position(bytes, from, end, names) + first;
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
    copy(bytes, start, from, &mut numbered, to);
    numbered
}

/// Copies `bytes[start..end]` to `target[to..]`; returns where the copy ends.
const fn copy(bytes: &[u8], start: usize, end: usize, target: &mut [u8], to: usize) -> usize {
    let (_, part) = bytes.split_at(start);
    let (part, _) = part.split_at(end - start);
    let (_, place) = target.split_at_mut(to);
    let (place, _) = place.split_at_mut(part.len());
    place.copy_from_slice(part);
    to + part.len()
}

/// The most named parameters of a statement.
const MOST: usize = 64;

/// The end of the name that begins with a `$` at `at`; `at` itself if none begins there.
const fn end_of_name(bytes: &[u8], at: usize) -> usize {
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

/// The index in `names` of the name in `bytes` between the `$` at `at` and `end`.
const fn position(bytes: &[u8], at: usize, end: usize, names: &[&str]) -> usize {
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
            "a = $1 and b = $state and c like $search and d = $state or e in ($2, $3, $4, $5, $6, $7, '→ $8')",
            9,
            [state, search]
        );
        assert_eq!(
            TEXT,
            "a = $1 and b = $9 and c like $10 and d = $9 or e in ($2, $3, $4, $5, $6, $7, '→ $8')"
        );
    }
}
