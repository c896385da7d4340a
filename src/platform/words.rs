//! Enums stored as words: each variant has a word for the database, forms and addresses, and a
//! label for people.

/// The words of an enum that is a column of the database, where the schema lists them, too.
#[derive(Debug)]
pub struct Words {
    /// The words, in the order of the declaration.
    pub words: fn() -> Vec<&'static str>,
}

inventory::collect!(Words);

/// Declares an enum whose variants have a word each, and a label where people should read something
/// else: `Todo = "todo", "To do";`. The sentence after the enum's name is the error for an unknown
/// word.
///
/// The enum gets `ALL` in the order of the declaration, `word`, `label`, `Display` and `FromStr` by
/// the word, and `Serialize`. Unless it is declared `without column`, it is also a text column on
/// both engines, whose `check` in the schema lists the same words.
macro_rules! words {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident, $unknown:literal { $($variants:tt)+ }
    ) => {
        $crate::platform::words::words! {
            $(#[$meta])*
            $vis enum $name without column, $unknown { $($variants)+ }
        }
        $crate::platform::db::text_column!($name);
        inventory::submit!($crate::platform::words::Words {
            words: || $name::ALL.iter().map(|variant| variant.word()).collect(),
        });
    };
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident without column, $unknown:literal {
            $($(#[$variant_meta:meta])* $variant:ident = $word:literal $(, $label:literal)?;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// All variants, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The variant's word in the database, in forms and in addresses.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The variant's label for people.
            #[allow(dead_code, reason = "some words are never shown")]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $crate::platform::words::first!($($label,)? $word),)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                let known = Self::ALL.iter().copied().find(|known| known.word() == word);
                known.ok_or_else(|| $unknown.to_owned())
            }
        }

        impl $crate::platform::audit::Recorded for $name {
            const SHOWN: $crate::platform::audit::Shown = $crate::platform::audit::Shown::Word(
                |word| word.parse::<Self>().ok().map(|variant| variant.label().to_owned()),
            );
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}
pub(crate) use words;

/// The first of several literals.
macro_rules! first {
    ($first:literal $(, $other:literal)?) => {
        $first
    };
}
pub(crate) use first;
