//! Words in our mails that somebody else has chosen: the mail is ours, they are not.

use std::fmt;
use std::ops::Deref;

use crate::platform::links::{defused, shortened};

/// The longest name in a mail.
const NAME: usize = 60;

/// Words as they stand in a mail: no link is made of anything in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// A name of somebody or something, cut where it is long: it stands in the subject.
    pub fn name(name: &str) -> Self {
        Self(defused(&shortened(name, NAME)))
    }

    /// A text, as long as it is.
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
