//! What is recorded of a row through its life, in words and phrases that are alike for all.

use super::life::Step;
use crate::platform::audit::Action;

/// What is recorded of a row through its life; declared with [`life_actions!`].
#[derive(Debug)]
pub struct LifeActions {
    /// Somebody created it.
    pub created: Action,
    /// Somebody changed what is written about it.
    pub changed: Action,
    /// Somebody archived it, and unarchived it, where that can be done.
    pub archived: Option<(Action, Action)>,
    /// Somebody deleted it.
    pub deleted: Action,
    /// Somebody restored it.
    pub restored: Action,
}

impl LifeActions {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Action> {
        let archived = self.archived.into_iter().flat_map(|(there, back)| [there, back]);
        [self.created, self.changed, self.deleted, self.restored].into_iter().chain(archived)
    }

    pub(super) fn of(&self, step: Step) -> Option<Action> {
        match step {
            Step::Archive => self.archived.map(|(archived, _)| archived),
            Step::Unarchive => self.archived.map(|(_, unarchived)| unarchived),
            Step::Delete => Some(self.deleted),
            Step::Restore => Some(self.restored),
        }
    }
}

inventory::collect!(&'static LifeActions);

/// Declares what is recorded of a row through its life: the word that the actions begin with, and
/// what the row is called in phrases: `pub LABEL_LIFE = "label", "the label {}";`. What is `never
/// archived` is created, changed, deleted and restored. Where another phrase says that somebody created
/// it: `created as "commented on {}"`.
macro_rules! life_actions {
    ($(
        $vis:vis $name:ident = $word:literal, $object:literal $(, never $archived:ident)?
            $(, created as $created:literal)?;
    )+) => {
        $(
            #[doc = concat!("What is recorded of ", $object, ".")]
            $vis static $name: $crate::platform::noun::actions::LifeActions =
                $crate::platform::noun::actions::LifeActions {
                    created: $crate::platform::noun::actions::action!(
                        $word, "created", $object $(, $created)?
                    ),
                    changed: $crate::platform::noun::actions::action!($word, "changed", $object),
                    archived: $crate::platform::noun::actions::archived!(
                        $word, $object $(, $archived)?
                    ),
                    deleted: $crate::platform::noun::actions::action!($word, "deleted", $object),
                    restored: $crate::platform::noun::actions::action!($word, "restored", $object),
                };
            inventory::submit!(&$name);
        )+
    };
}
pub(crate) use life_actions;

/// One action of a life.
macro_rules! action {
    ($word:literal, $verb:literal, $object:literal) => {
        $crate::platform::audit::Action::new(
            concat!($word, ".", $verb),
            concat!($verb, " ", $object),
        )
    };
    ($word:literal, $verb:literal, $object:literal, $phrase:literal) => {
        $crate::platform::audit::Action::new(concat!($word, ".", $verb), $phrase)
    };
}
pub(crate) use action;

/// The actions of what can be archived.
macro_rules! archived {
    ($word:literal, $object:literal) => {
        Some((
            $crate::platform::noun::actions::action!($word, "archived", $object),
            $crate::platform::noun::actions::action!($word, "unarchived", $object),
        ))
    };
    ($word:literal, $object:literal, archived) => {
        None
    };
}
pub(crate) use archived;
