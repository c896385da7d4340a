//! Gathers the operator's values before they are parsed. Flags take precedence over the
//! environment, and the environment over the file named by `TENANTRY_ENV_FILE`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::setting::Setting;
use super::settings::ALL;
use super::source::{Given, Layer, Source, Wrong, credential};
use super::unknown::Unknown;
use super::{Config, LogFormat, Settings, WrongSetting, WrongSettings, check, env_file};
use crate::platform::files::read_up_to;
use crate::platform::owners::cannot_read;

/// The largest file of settings, in bytes.
const LARGEST: u64 = 1024 * 1024;
const ENV_FILE: &str = "TENANTRY_ENV_FILE";

/// The settings given on the command line.
#[derive(Clone, Default)]
pub struct Flags(BTreeMap<&'static str, String>);

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        command.args(ALL.iter().map(Setting::argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for setting in ALL {
            if let Some(text) = matches.get_one::<String>(setting.name) {
                self.0.insert(setting.name, text.clone());
            }
        }
        Ok(())
    }
}

/// Every value that was set, with its source.
pub struct Values {
    given: BTreeMap<&'static str, Given>,
    demo_database: bool,
    /// What was set but is not a setting.
    pub unknown: Vec<Unknown>,
    wrong: Vec<WrongSetting>,
}

impl Values {
    /// Gathers the values from the command line and this process's environment.
    pub fn gather(flags: Flags) -> Self {
        Self::gather_from(flags, std::env::vars_os())
    }

    /// Gathers the values from the command line and `variables`.
    pub(super) fn gather_from(
        flags: Flags,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let variables = variables.into_iter();
        let variables =
            variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let environment = Layer { source: Source::Environment, variables: variables.collect() };
        let mut values = Self {
            given: BTreeMap::new(),
            demo_database: false,
            unknown: Vec::new(),
            wrong: Vec::new(),
        };
        let folder = environment.variables.get("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        let file = flags.0.get(ENV_FILE).map(OsString::from);
        let file = file.or_else(|| environment.variables.get(ENV_FILE).cloned());
        let file = file.filter(|path| !path.is_empty()).map(PathBuf::from);
        let file = file.and_then(|path| values.env_file(path));
        let layers: Vec<&Layer> =
            [Some(&environment), file.as_ref()].into_iter().flatten().collect();
        for setting in ALL {
            match find(setting, &flags, &layers, folder.as_deref()) {
                Ok(Some(given)) => drop(values.given.insert(setting.name, given)),
                Ok(None) => {}
                Err((name, words)) => values.wrong.push(WrongSetting::new(&name, words)),
            }
        }
        values.unknown = layers.iter().flat_map(|layer| Unknown::in_layer(layer)).collect();
        values.unknown.extend(folder.iter().flat_map(|folder| Unknown::in_credentials(folder)));
        values
    }

    fn env_file(&mut self, path: PathBuf) -> Option<Layer> {
        let text = match read_up_to(LARGEST, &path) {
            Ok(Some(bytes)) => String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned()),
            Ok(None) => Err(format!("{} is larger than a file of settings", path.display())),
            Err(error) => Err(cannot_read(&path, &error)),
        };
        let entries = text.and_then(|text| {
            env_file::parse(&text).map_err(|words| format!("{}: {words}", path.display()))
        });
        match entries {
            Ok(entries) => {
                let variables = entries.into_iter().map(|(name, value)| (name, value.into()));
                Some(Layer { source: Source::EnvFile(path), variables: variables.collect() })
            }
            Err(words) => {
                self.wrong.push(WrongSetting::new(ENV_FILE, words));
                None
            }
        }
    }

    /// The files that contain secrets in use: the secrets' own files, and the file of settings if
    /// it contains one.
    pub fn secret_files(&self) -> BTreeSet<PathBuf> {
        let is_secret = |name: &str| ALL.iter().any(|own| own.is_secret() && own.name == name);
        let secrets = self.given.iter().filter(|(name, _)| is_secret(name));
        let files = secrets.filter_map(|(_, given)| match &given.source {
            Source::EnvFile(path) | Source::File(path) => Some(path.clone()),
            // systemd decides who can read a credential.
            Source::Flag | Source::Environment | Source::Credential(_) => None,
        });
        files.collect()
    }

    /// Uses the demonstration's database unless the operator has named one.
    #[must_use]
    pub fn with_demo_database(mut self) -> Self {
        self.demo_database = true;
        self
    }

    /// Checks the settings one by one and against each other.
    ///
    /// # Errors
    /// All settings that are wrong.
    pub fn check(&self) -> Result<Config, WrongSettings> {
        let mut reader = Reader { values: self, wrong: self.wrong.clone() };
        let settings = Settings::read(&mut reader);
        let mut wrong = reader.wrong;
        let config = settings.and_then(|settings| Config::new(settings, &mut wrong));
        match config {
            Some(config) if wrong.is_empty() => Ok(config),
            _ => Err(WrongSettings(wrong)),
        }
    }

    /// The log format, even if other settings are wrong; `None` if this one is.
    pub fn log_format(&self) -> Option<LogFormat> {
        let setting = ALL.iter().find(|setting| setting.name == "TENANTRY_LOG_FORMAT")?;
        let (text, _source) = self.in_force(setting);
        check::choice(text?).ok()
    }

    /// The value in force, set or by default, with its source if it was set.
    pub(super) fn in_force(&self, setting: &Setting) -> (Option<&str>, Option<&Source>) {
        match self.given.get(setting.name) {
            Some(Given { text, .. }) if text.is_empty() => (self.default(setting), None),
            Some(Given { text, source }) => (Some(text), Some(source)),
            None => (self.default(setting), None),
        }
    }

    fn default(&self, setting: &Setting) -> Option<&'static str> {
        match setting.name {
            "TENANTRY_DATABASE_URL" if self.demo_database => Some("sqlite:data/demo.db"),
            _ => setting.default.value(),
        }
    }
}

/// The value of a setting that takes precedence. A credential and the environment are set together
/// with the service: if they differ, it is unclear which was meant, so that is an error.
fn find(
    setting: &Setting,
    flags: &Flags,
    layers: &[&Layer],
    credentials: Option<&Path>,
) -> Result<Option<Given>, Wrong> {
    if let Some(text) = flags.0.get(setting.name) {
        return Ok(Some(Given { text: text.clone(), source: Source::Flag }));
    }
    let mut given = None;
    for layer in layers {
        // The file of settings cannot name another one.
        let is_nested = setting.name == ENV_FILE && layer.source != Source::Environment;
        if given.is_none() && !is_nested {
            given = layer.get(setting)?;
        }
    }
    let credential = credential(credentials, setting)?;
    match (given, credential) {
        (Some(given), Some(credential)) if given.text.is_empty() => Ok(Some(credential)),
        (Some(given), Some(credential)) if given.text != credential.text => {
            let words = format!(
                "the {} has a different value than the {}: set only one of the two",
                credential.source, given.source
            );
            Err((setting.name.to_owned(), words))
        }
        (given, credential) => Ok(given.or(credential)),
    }
}

/// Parses values, and collects what is wrong with them.
pub(super) struct Reader<'a> {
    values: &'a Values,
    wrong: Vec<WrongSetting>,
}

impl Reader<'_> {
    /// The value of a setting that always has one; `None` if it is wrong.
    pub fn value<T>(
        &mut self,
        name: &'static str,
        default: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let values = self.values;
        let setting = ALL.iter().find(|setting| setting.name == name)?;
        let text = match values.given.get(name) {
            Some(given) if given.text.is_empty() && !default.is_empty() => {
                return self.refuse(name, format!("is empty; left out, it is {default}"));
            }
            Some(given) => &given.text,
            None => values.default(setting).unwrap_or(default),
        };
        self.parse(name, text, read)
    }

    /// The value of an optional setting; `None` if it is wrong.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let values = self.values;
        match values.given.get(name).filter(|given| !given.text.is_empty()) {
            None => Some(None),
            Some(given) => self.parse(name, &given.text, read).map(Some),
        }
    }

    fn parse<T>(
        &mut self,
        name: &'static str,
        text: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match tidy(text).and_then(read) {
            Ok(value) => Some(value),
            Err(words) => self.refuse(name, words),
        }
    }

    fn refuse<T>(&mut self, name: &str, words: String) -> Option<T> {
        self.wrong.push(WrongSetting::new(name, words));
        None
    }
}

/// Refuses surrounding white space and quotes, which some shells and programs strip and others
/// keep.
fn tidy(text: &str) -> Result<&str, String> {
    if text.trim() != text {
        return Err("begins or ends with a space or a line break; remove it".to_owned());
    }
    let is_quoted = |quote| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') {
        return Err("is in quotes, which count as part of it here; remove them".to_owned());
    }
    Ok(text)
}

/// The names of all variables that are read, including those that name files of secrets.
pub(super) fn names() -> BTreeSet<String> {
    let files = ALL.iter().filter_map(Setting::file_variable);
    ALL.iter().map(|setting| setting.name.to_owned()).chain(files).collect()
}
