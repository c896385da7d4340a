//! What a setting is, and the macro with which [`super::settings`] declares each of them once.

use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::{Arg, ValueEnum};

use super::settings::ALL;

/// The declaration of a setting. The command line, the environment, `tenantry config`, the document
/// of settings and the suggestions for mistyped names are all based on it.
#[derive(Debug)]
pub struct Setting {
    /// Its environment variable.
    pub name: &'static str,
    /// What it does, in a sentence or two: the lines of its documentation.
    pub lines: &'static [&'static str],
    /// What kind of value it takes.
    pub kind: Kind,
    /// The value in force when it is not set.
    pub default: Default,
}

/// The kinds of values.
#[derive(Debug)]
pub enum Kind {
    /// Text that need not be hidden.
    Plain,
    /// Text that may contain a password: it can also come from a file or a systemd credential, and
    /// is never printed.
    Secret,
    /// Yes or no.
    Switch,
    /// One of a few words.
    Choice(fn() -> Vec<(String, String)>),
}

/// The value in force when a setting is not set.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// This value.
    Value(&'static str),
    /// A value that depends on other settings, described by these words; empty if there is nothing
    /// to describe.
    Words(&'static str),
}

impl Default {
    /// The fixed default, if there is one.
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::Value(value) => Some(value).filter(|value| !value.is_empty()),
            Self::Words(_) => None,
        }
    }

    /// The description of the default for people; empty if there is nothing to say.
    pub fn words(self) -> &'static str {
        match self {
            Self::Value(words) | Self::Words(words) => words,
        }
    }
}

impl Setting {
    /// What it does, in one line.
    pub fn sentence(&self) -> String {
        self.lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }

    /// Whether its value is hidden, and may come from a file or a credential.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret)
    }

    /// The words it accepts, if it is a choice.
    pub fn choices(&self) -> Vec<String> {
        match self.kind {
            Kind::Choice(words) => words().into_iter().map(|(word, _)| word).collect(),
            Kind::Switch => vec!["true".to_owned(), "false".to_owned()],
            Kind::Plain | Kind::Secret => Vec::new(),
        }
    }

    /// The words it accepts, if it is a choice, each with its meaning.
    pub fn choices_with_help(&self) -> Vec<(String, String)> {
        match self.kind {
            Kind::Choice(words) => words(),
            Kind::Switch | Kind::Plain | Kind::Secret => Vec::new(),
        }
    }

    /// The variable that names a file with the value, if the setting may contain a secret.
    pub fn file_variable(&self) -> Option<String> {
        self.is_secret().then(|| format!("{}_FILE", self.name))
    }

    /// Its command-line flag.
    pub(super) fn argument(&'static self) -> Arg {
        // Drops the Markdown of the document, which is of no use in a terminal.
        let plain = |words: &str| words.replace('`', "");
        let mut help = plain(&self.sentence());
        help.push_str(&format!(" [env: {}]", self.name));
        if let Some(file) = self.file_variable() {
            help.push_str(&format!(" [from a file: {file}]"));
        }
        match self.kind {
            Kind::Choice(_) => {
                help.push_str(&format!(" [one of: {}]", self.choices().join(", ")));
            }
            Kind::Plain | Kind::Secret | Kind::Switch => {}
        }
        if !self.default.words().is_empty() {
            help.push_str(&format!(" [default: {}]", plain(self.default.words())));
        }
        let argument =
            Arg::new(self.name).long(self.flag()).global(true).hide_short_help(true).help(help);
        match self.kind {
            Kind::Switch => {
                argument.num_args(0..=1).require_equals(true).default_missing_value("true")
            }
            Kind::Plain | Kind::Secret | Kind::Choice(_) => argument.num_args(1),
        }
        .value_name("VALUE")
    }

    /// The name of the flag, such as `base-url` for `TENANTRY_BASE_URL`.
    fn flag(&self) -> &'static str {
        static FLAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
            let flag = |setting: &Setting| {
                let name = setting.name.strip_prefix("TENANTRY_").unwrap_or(setting.name);
                name.to_ascii_lowercase().replace('_', "-")
            };
            ALL.iter().map(flag).collect()
        });
        let mut both = ALL.iter().zip(FLAGS.iter());
        both.find(|(setting, _)| setting.name == self.name).map_or(self.name, |(_, flag)| flag)
    }
}

/// The words of an enum, as the operator writes them, each with its meaning.
pub(super) fn words<T: ValueEnum>() -> Vec<(String, String)> {
    let words = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let help = |word: &PossibleValue| word.get_help().map(ToString::to_string).unwrap_or_default();
    words.map(|word| (word.get_name().to_owned(), help(&word))).collect()
}

/// The words of an enum, as the operator writes them.
pub(super) fn names<T: ValueEnum>() -> Vec<String> {
    words::<T>().into_iter().map(|(word, _)| word).collect()
}

/// Declares every setting: its field, type, variable, default, and the function that parses it.
///
/// The documentation of the field is the sentence shown by `--help`, `tenantry config` and
/// `docs/settings.md`. The kind comes before the name of the field: `plain`, `secret`, `switch` or
/// `choice`. With `default`, the field always has a value. With `otherwise`, the field is an
/// `Option`, the function is only called if the setting is set, and the words describe what `None`
/// means.
macro_rules! settings {
    ($(
        $(#[doc = $line:literal])+
        $kind:ident $field:ident: $type:ty = $name:literal,
            $presence:ident $words:expr, $read:expr;
    )+) => {
        /// The settings, each checked by itself; a [`Config`](super::Config) has them checked
        /// against each other.
        #[derive(Clone)]
        pub struct Settings {
            $($(#[doc = $line])+ pub $field: $type,)+
        }

        /// The declarations of all settings.
        pub static ALL: &[Setting] = &[$(
            Setting {
                name: $name,
                lines: &[$($line),+],
                kind: settings!(@kind $kind $type),
                default: settings!(@default $presence $words),
            },
        )+];

        impl Settings {
            /// Parses every setting; `None` if one of them is wrong, which is then noted in
            /// `reader`.
            pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
                $(let $field = settings!(@read reader $presence $name, $words, $read);)+
                Some(Self { $($field: $field?,)+ })
            }
        }
    };
    (@kind plain $type:ty) => { Kind::Plain };
    (@kind secret $type:ty) => { Kind::Secret };
    (@kind switch $type:ty) => { Kind::Switch };
    (@kind choice $type:ty) => { Kind::Choice(words::<$type>) };
    (@default default $words:expr) => { Default::Value($words) };
    (@default otherwise $words:expr) => { Default::Words($words) };
    (@read $reader:ident default $name:literal, $words:expr, $read:expr) => {
        $reader.value($name, $words, $read)
    };
    (@read $reader:ident otherwise $name:literal, $words:expr, $read:expr) => {
        $reader.optional($name, $read)
    };
}

pub(super) use settings;
