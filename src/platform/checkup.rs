//! What `tenantry doctor` finds: a line for each check, and how to mend what is wrong.

use std::fmt;

use crate::platform::db::safety::Weakness;

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, but not as one would want it.
    Warn,
    /// It does not work, or does not keep organizations apart.
    Fail,
}

/// A check with what came of it.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was looked at.
    pub about: &'static str,
    /// What came of it.
    pub verdict: Verdict,
    /// That in a sentence.
    pub what: String,
    /// What to do about it; empty when nothing is to be done.
    pub mend: String,
}

impl Check {
    /// Nothing is wrong.
    pub fn ok(about: &'static str, what: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Ok, what: what.into(), mend: String::new() }
    }

    /// Something could be better.
    pub fn warn(about: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Warn, what: what.into(), mend: mend.into() }
    }

    /// Something is wrong.
    pub fn fail(about: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Fail, what: what.into(), mend: mend.into() }
    }

    /// A line for each weakness, or one that says `fine`.
    pub fn of(about: &'static str, weaknesses: Vec<Weakness>, fine: &str) -> Vec<Self> {
        if weaknesses.is_empty() {
            return vec![Self::ok(about, fine)];
        }
        weaknesses.into_iter().map(|found| Self::fail(about, found.what, found.mend)).collect()
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        write!(f, "{word:4}  {}: {}", self.about, self.what)?;
        if self.mend.is_empty() { Ok(()) } else { write!(f, "\n      {}", self.mend) }
    }
}
