//! The sources of a setting's value, and their precedence.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::setting::Setting;
use crate::platform::files::read_up_to;
use crate::platform::owners::cannot_read;

/// The largest file of a secret, in bytes: a secret is a line, so a larger file is something else.
const LARGEST: u64 = 64 * 1024;

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The command line.
    Flag,
    /// An environment variable.
    Environment,
    /// The file named by `TENANTRY_ENV_FILE`.
    EnvFile(PathBuf),
    /// A file named by the setting's variable with the suffix `_FILE`.
    File(PathBuf),
    /// A systemd credential.
    Credential(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment => f.write_str("environment"),
            Self::EnvFile(path) => write!(f, "environment file {}", path.display()),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Credential(path) => write!(f, "credential {}", path.display()),
        }
    }
}

/// A value with its source.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub text: String,
    pub source: Source,
}

/// Variables from one source: the environment or a file.
pub(super) struct Layer {
    pub source: Source,
    pub variables: BTreeMap<String, OsString>,
}

/// The name of a variable, and what is wrong with it.
pub(super) type Wrong = (String, String);

impl Layer {
    /// The value of a setting in this layer. If it may be a secret, the value can also come from
    /// the file that its `_FILE` variable names.
    pub fn get(&self, setting: &Setting) -> Result<Option<Given>, Wrong> {
        let own = self.text(setting.name)?.map(|text| Given { text, source: self.source.clone() });
        let Some(variable) = setting.file_variable() else {
            return Ok(own);
        };
        let Some(path) = self.text(&variable)?.filter(|path| !path.is_empty()) else {
            return Ok(own);
        };
        let path = PathBuf::from(path);
        let text = read_secret(&path).map_err(|words| (variable.clone(), words))?;
        match own {
            Some(own) if !own.text.is_empty() && own.text != text => Err((
                setting.name.to_owned(),
                format!("{variable} has a different value: set only one of the two"),
            )),
            _ => Ok(Some(Given { text, source: Source::File(path) })),
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, Wrong> {
        let text = self.variables.get(name).map(|value| value.to_str().map(str::to_owned));
        match text {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => Err((name.to_owned(), "is not UTF-8".to_owned())),
        }
    }
}

/// The systemd credential for a secret setting, if there is one.
pub(super) fn credential(folder: Option<&Path>, setting: &Setting) -> Result<Option<Given>, Wrong> {
    let Some(folder) = folder.filter(|_| setting.is_secret()) else {
        return Ok(None);
    };
    let path = folder.join(setting.name);
    if matches!(path.try_exists(), Ok(false)) {
        return Ok(None);
    }
    match read_secret(&path) {
        Ok(text) => Ok(Some(Given { text, source: Source::Credential(path) })),
        Err(words) => Err((setting.name.to_owned(), words)),
    }
}

/// Reads the only line of the file at `path`.
fn read_secret(path: &Path) -> Result<String, String> {
    let wrong = |words: &str| format!("{} {words}", path.display());
    let bytes = read_up_to(LARGEST, path).map_err(|error| cannot_read(path, &error))?;
    let bytes = bytes.ok_or_else(|| wrong("has more than one line"))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    match text {
        "" => Err(wrong("is empty")),
        text if text.contains('\n') => Err(wrong("has more than one line")),
        text => Ok(text.to_owned()),
    }
}
