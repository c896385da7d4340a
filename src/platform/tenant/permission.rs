//! Permissions that a role may include. A handler names the one it needs in its signature: nobody
//! without it can obtain a `CurrentOrg<InviteMembers>`.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// What a type proves about the caller's role.
pub trait Proof: Copy + Send + Sync + 'static {
    /// The permission it proves; `None` for mere membership.
    const NEEDS: Option<Permission>;
}

/// The proof that every member has.
#[derive(Clone, Copy, Debug)]
pub struct AnyMember;

impl Proof for AnyMember {
    const NEEDS: Option<Permission> = None;
}

/// Something that a role may allow. Each feature declares its own, with [`permissions!`].
#[derive(Clone, Copy, Debug)]
pub struct Permission {
    word: &'static str,
    does: &'static str,
    built_in: &'static [&'static str],
    visits: Visits,
}

/// Which visits of operators include a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visits {
    /// All visits, even read-only ones.
    Reading,
    /// Visits in which the operator may make changes.
    Writing,
    /// No visit.
    Never,
}

inventory::collect!(Permission);

impl Permission {
    /// Builds a permission; use [`permissions!`], which also registers it.
    pub const fn new(
        word: &'static str,
        does: &'static str,
        built_in: &'static [&'static str],
        visits: Visits,
    ) -> Self {
        Self { word, does, built_in, visits }
    }

    /// All permissions, ordered by their words.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Permission>> = LazyLock::new(|| {
            let mut all: Vec<_> = inventory::iter::<Permission>.into_iter().copied().collect();
            all.sort();
            all
        });
        &ALL
    }

    /// The word stored in the database.
    pub const fn word(self) -> &'static str {
        self.word
    }

    /// What it allows, in words that follow "lets you".
    pub const fn does(self) -> &'static str {
        self.does
    }

    /// Which visits of operators include it.
    pub const fn visits(self) -> Visits {
        self.visits
    }

    /// The keys of the built-in roles that include it, highest first.
    pub const fn built_in(self) -> &'static [&'static str] {
        self.built_in
    }
}

impl PartialEq for Permission {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Permission {}

impl PartialOrd for Permission {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Permission {
    fn cmp(&self, other: &Self) -> Ordering {
        self.word.cmp(other.word)
    }
}

/// Declares permissions. Each has a type that proves it, the word stored in the database, what it
/// allows (in words that follow "lets you"), the built-in roles that include it, highest first, and
/// which visits of operators include it.
macro_rules! permissions {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $word:expr, $does:literal, $built_in:expr, $visits:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            $vis struct $name;

            impl $name {
                /// The permission that this type proves.
                pub const PERMISSION: $crate::platform::tenant::Permission =
                    $crate::platform::tenant::Permission::new(
                        $word,
                        $does,
                        $built_in,
                        $crate::platform::tenant::permission::Visits::$visits,
                    );
            }

            impl $crate::platform::tenant::Proof for $name {
                const NEEDS: Option<$crate::platform::tenant::Permission> = Some(Self::PERMISSION);
            }

            inventory::submit!($name::PERMISSION);
        )+
    };
}
pub(crate) use permissions;

impl FromStr for Permission {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::all().iter().copied().find(|permission| permission.word() == word).ok_or(())
    }
}

/// A set of permissions, stored as their words separated by spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions(BTreeSet<Permission>);

impl Permissions {
    /// Whether `permission` is in the set.
    pub fn include(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// Whether `other` includes all of them.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}

impl FromStr for Permissions {
    type Err = std::convert::Infallible;

    /// Skips unknown words: a newer version may have written them.
    fn from_str(words: &str) -> Result<Self, Self::Err> {
        Ok(words.split_whitespace().filter_map(|word| word.parse().ok()).collect())
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, permission) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{}", permission.word())?;
        }
        Ok(())
    }
}

crate::platform::db::text_column!(Permissions);

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Permission = Permission::new("members.invite", "invite people", &[], Visits::Never);
    const TWO: Permission =
        Permission::new("members.view", "see its members", &[], Visits::Reading);

    #[test]
    fn permissions_survive_their_text_and_unknown_words_are_passed_over() {
        let set: Permissions = [ONE, TWO].into_iter().collect();
        assert_eq!(set.to_string().parse::<Permissions>().unwrap(), set);
        assert_eq!(
            "members.view kites.fly".parse::<Permissions>().unwrap().to_string(),
            "members.view"
        );
    }
}
