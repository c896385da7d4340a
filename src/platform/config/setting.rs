//! What a setting is, and the macro by which [`super::settings`] declares each of them once.

use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::{Arg, ValueEnum};

use super::settings::ALL;

/// A setting as it is declared: what the command line, the environment, `tenantry config`, the
/// page of settings and the hints at a wrong name know of it.
#[derive(Debug)]
pub struct Setting {
    /// Its environment variable.
    pub name: &'static str,
    /// What it is, in a sentence or two: the lines of its documentation.
    pub lines: &'static [&'static str],
    /// What it takes.
    pub kind: Kind,
    /// What is in force unless it is set.
    pub default: Default,
}

/// What a setting takes.
#[derive(Debug)]
pub enum Kind {
    /// Text that anybody may see.
    Plain,
    /// Text that may hold a password: it also comes from a file or a systemd credential, and is never
    /// printed.
    Secret,
    /// Yes or no.
    Switch,
    /// One of a few words.
    Choice(fn() -> Vec<(String, String)>),
}

/// What is in force unless a setting is set.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// This value.
    Value(&'static str),
    /// What these words say, which depends on other settings; nothing if there are none.
    Words(&'static str),
}

impl Default {
    /// The value, where one is always there.
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::Value(value) => Some(value).filter(|value| !value.is_empty()),
            Self::Words(_) => None,
        }
    }

    /// What to tell people about it; empty if there is nothing to tell.
    pub fn words(self) -> &'static str {
        match self {
            Self::Value(words) | Self::Words(words) => words,
        }
    }
}

impl Setting {
    /// What it is, in one line.
    pub fn sentence(&self) -> String {
        self.lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }

    /// Whether its value is hidden, and may come from a file or a credential.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret)
    }

    /// The words it takes, where it takes only a few.
    pub fn choices(&self) -> Vec<String> {
        match self.kind {
            Kind::Choice(words) => words().into_iter().map(|(word, _)| word).collect(),
            Kind::Switch => vec!["true".to_owned(), "false".to_owned()],
            Kind::Plain | Kind::Secret => Vec::new(),
        }
    }

    /// The words it takes, where it takes only a few, each with what it means.
    pub fn choices_with_help(&self) -> Vec<(String, String)> {
        match self.kind {
            Kind::Choice(words) => words(),
            Kind::Switch | Kind::Plain | Kind::Secret => Vec::new(),
        }
    }

    /// The variable that names a file with its value, for a setting that may hold a secret.
    pub fn file_variable(&self) -> Option<String> {
        self.is_secret().then(|| format!("{}_FILE", self.name))
    }

    /// Its flag, as the command line takes it.
    pub(super) fn argument(&'static self) -> Arg {
        // What the page of settings sets in another type stands as it is on a terminal.
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

    /// `base-url` of `TENANTRY_BASE_URL`.
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

/// The words of an enumeration, as the operator writes them, each with what it means.
pub(super) fn words<T: ValueEnum>() -> Vec<(String, String)> {
    let words = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let help = |word: &PossibleValue| word.get_help().map(ToString::to_string).unwrap_or_default();
    words.map(|word| (word.get_name().to_owned(), help(&word))).collect()
}

/// The words of an enumeration, as the operator writes them.
pub(super) fn names<T: ValueEnum>() -> Vec<String> {
    words::<T>().into_iter().map(|(word, _)| word).collect()
}

/// Declares every setting: its field, type, variable, default, and the function that reads it.
///
/// The documentation of the field is the sentence that `--help`, `tenantry config` and
/// `docs/settings.md` show. Before the name of the field stands what it takes: `plain`, `secret`, `switch` or
/// `choice`. With `default` the field always has a value; with `otherwise` the function is not
/// called unless the setting is set, the field is an `Option`, and the words tell what `None` means.
macro_rules! settings {
    ($(
        $(#[doc = $line:literal])+
        $kind:ident $field:ident: $type:ty = $name:literal,
            $presence:ident $words:expr, $read:expr;
    )+) => {
        /// The settings, each by itself; [`Config`](super::Config) has checked them against each
        /// other.
        #[derive(Clone)]
        pub struct Settings {
            $($(#[doc = $line])+ pub $field: $type,)+
        }

        /// Every setting, as it is declared.
        pub static ALL: &[Setting] = &[$(
            Setting {
                name: $name,
                lines: &[$($line),+],
                kind: settings!(@kind $kind $type),
                default: settings!(@default $presence $words),
            },
        )+];

        impl Settings {
            /// Reads each setting; `None` when one of them is wrong, which `reader` then knows.
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
