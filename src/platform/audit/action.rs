//! Recorded actions: a word for the database and addresses, and a phrase for people.

use std::sync::LazyLock;

use crate::platform::noun::actions::LifeActions;
use crate::platform::text::capitalized;

/// An action that is recorded. Each feature declares its own, with [`actions!`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action {
    word: &'static str,
    phrase: &'static str,
}

inventory::collect!(Action);

/// Declares a feature's actions: a constant, its word, and the phrase that follows the actor's
/// name. `{}` in the phrase stands for the object's name.
macro_rules! actions {
    ($($vis:vis $name:ident = $word:literal, $phrase:literal;)+) => {
        $(
            #[doc = concat!("Somebody ", $phrase, ".")]
            $vis const $name: $crate::platform::audit::Action =
                $crate::platform::audit::Action::new($word, $phrase);
            inventory::submit!($name);
        )+
    };
}
pub(crate) use actions;

actions! {
    pub SIGN_IN_ENDED = "sign_in.ended", "ended a session of {}";
    pub TRY_REFUSED = "sign_in.throttled", "made too many attempts at {}";
    pub ACCESS_REFUSED = "access.refused", "wasn't allowed to {}";
    pub AUDIT_ERASED = "audit.erased", "erased the details of {}";
    pub AUDIT_PURGED = "audit.purged", "removed the log of {}";
}

impl Action {
    /// Builds an action; use [`actions!`], which also registers it.
    ///
    /// # Panics
    /// At build time, if the phrase has no `{}`.
    pub const fn new(word: &'static str, phrase: &'static str) -> Self {
        assert!(
            has_place(phrase),
            "a phrase says with a pair of braces where the object's name stands"
        );
        Self { word, phrase }
    }

    /// All actions, ordered by their words.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Action>> = LazyLock::new(|| {
            let mut all: Vec<_> = inventory::iter::<Action>.into_iter().copied().collect();
            all.extend(inventory::iter::<&LifeActions>.into_iter().flat_map(|life| life.all()));
            all.sort();
            all
        });
        &ALL
    }

    /// The word in the database and in addresses.
    pub const fn word(self) -> &'static str {
        self.word
    }

    /// The phrase that follows the actor's name.
    pub fn phrase(self) -> Phrase {
        Phrase(self.phrase)
    }
}

/// A phrase that follows the actor's name and contains a place for the object's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase(&'static str);

impl Phrase {
    /// The phrase for an action recorded by a newer version.
    pub const UNKNOWN: Self = Self("did something with {}");

    /// The phrase of the action with this word.
    pub fn of(word: &str) -> Self {
        word.parse().map_or(Self::UNKNOWN, Action::phrase)
    }

    /// The words before the object's name.
    pub fn before(self) -> &'static str {
        self.0.split_once("{}").map_or(self.0, |(before, _)| before.trim_end())
    }

    /// The words after the object's name; usually none.
    pub fn behind(self) -> &'static str {
        self.0.split_once("{}").map_or("", |(_, behind)| behind.trim_start())
    }

    /// The phrase as a choice in a list, with an ellipsis for the object's name: `Added … to the
    /// project`.
    pub fn title(self) -> String {
        let text = self.0.replace("{}", "…");
        capitalized(text.strip_suffix(" …").unwrap_or(&text))
    }
}

/// Whether a phrase has a place for the object's name.
const fn has_place(phrase: &str) -> bool {
    let bytes = phrase.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() {
        if bytes[at] == b'{' && bytes[at + 1] == b'}' {
            return true;
        }
        at += 1;
    }
    false
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl std::str::FromStr for Action {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::all().iter().copied().find(|action| action.word() == word);
        known.ok_or_else(|| format!("no action {word:?}"))
    }
}

crate::platform::db::text_column!(Action);
