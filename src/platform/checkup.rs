//! The findings of `tenantry doctor`: a line for each check, and how to fix what is wrong.

use std::fmt;

use crate::platform::db::safety::Weakness;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Ok,
    /// It works, but could be better.
    Warn,
    /// It does not work, or does not keep organizations apart.
    Fail,
}

/// A check and its result.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was checked.
    pub about: &'static str,
    /// The result.
    pub verdict: Verdict,
    /// The finding, in one sentence.
    pub what: String,
    /// How to fix it; empty when there is nothing to fix.
    pub mend: String,
}

impl Check {
    /// A check that found nothing wrong.
    pub fn ok(about: &'static str, what: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Ok, what: what.into(), mend: String::new() }
    }

    /// A check that found something to improve, with how to improve it in `mend`.
    pub fn warn(about: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Warn, what: what.into(), mend: mend.into() }
    }

    /// A check that found something wrong, with how to fix it in `mend`.
    pub fn fail(about: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Fail, what: what.into(), mend: mend.into() }
    }

    /// One check for each weakness, or a single one that says `fine`.
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
