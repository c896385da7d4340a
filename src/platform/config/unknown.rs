//! Variables that look like settings but are not: mistyped, or from another version.

use std::fmt;
use std::path::Path;

use super::settings::ALL;
use super::source::{Layer, Source};
use super::values::names;

/// How similar a name must be, from 0 to 1, to be suggested.
const ALIKE: f64 = 0.7;

/// Prefixes of variables that others read: the tests, and packagers of the program.
const OTHERS: &[&str] = &["TENANTRY_TEST_", "TENANTRY_BUILD"];

/// A variable that is not a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Its name.
    pub name: String,
    /// The source that contains it.
    pub source: String,
    /// The setting that was probably meant.
    pub nearest: Option<&'static str>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) is not a setting", self.name, self.source)?;
        match self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}?"),
            None => Ok(()),
        }
    }
}

impl Unknown {
    /// The unknown variables in a layer. In a file, which is for this program only, every name that
    /// is not a setting is unknown.
    pub(super) fn in_layer(layer: &Layer) -> Vec<Self> {
        let known = names();
        let is_file = layer.source != Source::Environment;
        let names = layer.variables.keys().filter(|name| is_file || name.starts_with("TENANTRY_"));
        let names = names.filter(|name| !known.contains(*name) && !is_of_others(name));
        names.map(|name| Self::new(name, layer.source.to_string())).collect()
    }

    /// The unknown credentials whose names claim that they are for this program.
    pub(super) fn in_credentials(folder: &Path) -> Vec<Self> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let is_known =
            |name: &String| ALL.iter().any(|setting| setting.is_secret() && setting.name == *name);
        let names = names.filter(|name| name.starts_with("TENANTRY_") && !is_known(name));
        names.map(|name| Self::new(&name, format!("credential in {}", folder.display()))).collect()
    }

    fn new(name: &str, source: String) -> Self {
        let own = |name: &'_ str| name.strip_prefix("TENANTRY_").map(str::to_owned);
        let alike = |setting: &&str| match (own(name), own(setting)) {
            (Some(name), Some(setting)) => strsim::jaro_winkler(&name, &setting),
            _ => 0.0,
        };
        let nearest = ALL
            .iter()
            .map(|setting| setting.name)
            .max_by(|one, other| alike(one).total_cmp(&alike(other)))
            .filter(|nearest| alike(nearest) >= ALIKE);
        Self { name: name.to_owned(), source, nearest }
    }
}

fn is_of_others(name: &str) -> bool {
    OTHERS.iter().any(|other| name.starts_with(other))
}
