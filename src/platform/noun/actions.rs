//! The recorded actions in the life of a row, with words and phrases that follow one pattern.

use super::life::Step;
use crate::platform::audit::Action;

/// The recorded actions in the life of a row, declared with [`life_actions!`].
#[derive(Debug)]
pub struct LifeActions {
    /// It was created.
    pub created: Action,
    /// Its details were changed.
    pub changed: Action,
    /// It was archived, and unarchived, if it can be.
    pub archived: Option<(Action, Action)>,
    /// It was deleted.
    pub deleted: Action,
    /// It was restored.
    pub restored: Action,
}

impl LifeActions {
    /// All of these actions.
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

/// Declares the recorded actions of a row's life, with the word that they begin with and what
/// phrases call the row: `pub LIFE = "label", "the label {}";`. With `never archived`, it can
/// only be created, changed, deleted and restored. For another phrase at its creation, add
/// `created as "commented on {}"`.
macro_rules! life_actions {
    ($(
        $vis:vis $name:ident = $word:literal, $object:expr $(, never $archived:ident)?
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
    ($word:literal, $verb:literal, $object:expr) => {
        $crate::platform::audit::Action::new(
            concat!($word, ".", $verb),
            concat!($verb, " ", $object),
        )
    };
    ($word:literal, $verb:literal, $object:expr, $phrase:literal) => {
        $crate::platform::audit::Action::new(concat!($word, ".", $verb), $phrase)
    };
}
pub(crate) use action;

/// The actions for archiving, if there are any.
macro_rules! archived {
    ($word:literal, $object:expr) => {
        Some((
            $crate::platform::noun::actions::action!($word, "archived", $object),
            $crate::platform::noun::actions::action!($word, "unarchived", $object),
        ))
    };
    ($word:literal, $object:expr, archived) => {
        None
    };
}
pub(crate) use archived;
