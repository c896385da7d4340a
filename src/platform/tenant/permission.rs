//! What a role may include. A handler names what it needs in its signature:
//! `CurrentOrg<InviteMembers>` cannot be had by somebody whose role does not include it.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// Something that a type proves about the caller's role.
pub trait Proof: Copy + Send + Sync + 'static {
    /// The permission that is proved; `None` for mere membership.
    const NEEDS: Option<Permission>;
}

/// Proved by every member.
#[derive(Clone, Copy, Debug)]
pub struct AnyMember;

impl Proof for AnyMember {
    const NEEDS: Option<Permission> = None;
}

/// Something that a role may let its members do. Each feature declares its own, with
/// [`permissions!`].
#[derive(Clone, Copy, Debug)]
pub struct Permission {
    word: &'static str,
    does: &'static str,
    built_in: &'static [&'static str],
    visits: Visits,
}

/// Which visits of an operator include a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visits {
    /// All of them, those too that only look.
    Reading,
    /// Those in which the operator may change something.
    Writing,
    /// None.
    Never,
}

inventory::collect!(Permission);

impl Permission {
    /// A permission; use [`permissions!`], which also registers it.
    pub const fn new(
        word: &'static str,
        does: &'static str,
        built_in: &'static [&'static str],
        visits: Visits,
    ) -> Self {
        Self { word, does, built_in, visits }
    }

    /// All of them, by their words.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Permission>> = LazyLock::new(|| {
            let mut all: Vec<_> = inventory::iter::<Permission>.into_iter().copied().collect();
            all.sort();
            all
        });
        &ALL
    }

    /// The word that the database keeps.
    pub const fn word(self) -> &'static str {
        self.word
    }

    /// What it lets people do, in words that follow "lets you".
    pub const fn does(self) -> &'static str {
        self.does
    }

    /// Which visits of an operator include it.
    pub const fn visits(self) -> Visits {
        self.visits
    }

    /// The keys of the built-in roles that include it, mightiest first.
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

/// Declares permissions: a type that proves one, the word that the database keeps, what it lets people
/// do in words that follow "lets you", the built-in roles that include it, mightiest first, and which
/// visits of operators do.
macro_rules! permissions {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $word:literal, $does:literal, $built_in:expr, $visits:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            $vis struct $name;

            impl $name {
                /// What it proves.
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

/// A set of permissions, stored as their words with spaces between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions(BTreeSet<Permission>);

impl Permissions {
    /// Whether `permission` is in the set.
    pub fn include(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}

impl FromStr for Permissions {
    type Err = std::convert::Infallible;

    /// Words this version does not know are passed over: a newer version may have written them.
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
