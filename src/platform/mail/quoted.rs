//! Words in our emails that somebody else has chosen and that we do not vouch for.

use std::fmt;
use std::ops::Deref;

use crate::platform::links::{defused, shortened};

/// The longest name in an email, in characters.
const NAME: usize = 60;

/// Quoted words, defused so that programs turn nothing in them into a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// A name, cut if it is long: it is part of the subject.
    pub fn name(name: &str) -> Self {
        Self(defused(&shortened(name, NAME)))
    }

    /// A text of any length.
    pub fn text(text: &str) -> Self {
        Self(defused(text))
    }
}

impl Deref for Quoted {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
