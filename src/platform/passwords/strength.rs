//! Estimates how long a password would resist guessing, and how to improve it. This is only advice,
//! and refuses nothing.

use zxcvbn::zxcvbn;

use super::about::About;

/// How many characters are considered: the time of the estimate grows with their square.
const LOOKED_AT: usize = 40;

/// The estimate for a typed password, without the password itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strength {
    /// From 0 to 4.
    score: u8,
    guessing: String,
    hint: String,
}

impl Strength {
    /// Estimates how many guesses an attacker needs who has a copy of the database and knows the
    /// person's data in `about`.
    pub(super) fn of(typed: &str, about: &About) -> Self {
        let looked_at: String = typed.chars().take(LOOKED_AT).collect();
        let known: Vec<&str> = about.words().collect();
        let estimate = zxcvbn(&looked_at, &known);
        let time = estimate.crack_times().offline_slow_hashing_1e4_per_second();
        let mut hint = Vec::new();
        if let Some(feedback) = estimate.feedback() {
            hint.extend(feedback.warning().map(|words| words.to_string()));
            hint.extend(feedback.suggestions().first().map(ToString::to_string));
        }
        Self {
            score: u8::from(estimate.score()).min(4),
            guessing: format!("with a copy of the database, guessing it would take {time}"),
            hint: hint.join(" "),
        }
    }

    /// The estimate for a password that is refused because it is listed, or made up of known words.
    pub(super) fn of_refused() -> Self {
        Self {
            score: 0,
            guessing: "it's among the first guesses".to_owned(),
            hint: "Use a few unrelated words, and nothing about yourself.".to_owned(),
        }
    }

    /// From 1 to 5, so that even the lowest shows on a meter.
    pub fn value(&self) -> u8 {
        self.score + 1
    }

    /// The strength in words.
    pub fn word(&self) -> &'static str {
        match self.score {
            0 => "very weak",
            1 | 2 => "weak",
            3 => "fair",
            _ => "strong",
        }
    }

    /// How long it would resist.
    pub fn guessing(&self) -> &str {
        &self.guessing
    }

    /// How to improve it; empty if it is good enough.
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// Whether it is so weak that a remark is made even when it was accepted.
    pub(super) fn is_weak(&self) -> bool {
        self.score < 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(typed: &str) -> Strength {
        Strength::of(typed, &About::person("Ada Lovelace", "ada@example.test"))
    }

    #[test]
    fn a_weak_password_is_told_with_a_hint_and_a_strong_one_is_left_alone() {
        let weak = of("abcdefghijkl");
        assert!(weak.is_weak() && weak.value() <= 3, "{weak:?}");
        assert!(weak.guessing().contains("guessing it would take "), "{weak:?}");
        assert!(!weak.hint().is_empty(), "{weak:?}");
        let strong = of("correct horse battery");
        assert_eq!((strong.word(), strong.value(), strong.hint()), ("strong", 5, ""));
    }

    #[test]
    fn ones_own_words_are_worth_little_and_nothing_typed_is_repeated() {
        let own = of("lovelaceada1");
        assert!(own.is_weak(), "{own:?}");
        let told = format!("{own:?}").to_lowercase();
        assert!(!told.contains("lovelace"), "{told}");
    }

    #[test]
    fn only_the_beginning_is_looked_at() {
        let long = "4@8({[<369&#!1/|0$5+7%2".repeat(20);
        let shown: String = long.chars().take(LOOKED_AT).collect();
        assert_eq!(of(&long), of(&shown));
        assert_eq!(of("").value(), 1);
    }
}
