//! Reports unknown settings, and who can read secret ones.

use crate::platform::checkup::Check;
use crate::platform::config::Values;

use super::secrets::closing;

const ABOUT: &str = "settings";

/// A check for each unknown setting, or one that says that all is well.
pub(super) fn settings(values: &Values) -> Vec<Check> {
    let unknown = values.unknown.iter().map(|unknown| {
        let mend = match unknown.nearest {
            Some(nearest) => format!("Call it {nearest}, or remove it."),
            None => "Remove it; `tenantry --help` lists them all.".to_owned(),
        };
        Check::warn(ABOUT, format!("{} ({}) is not one.", unknown.name, unknown.source), mend)
    });
    let open = values.secret_files().into_iter().filter_map(|path| {
        let mend = closing(&path)?;
        Some(Check::fail(ABOUT, format!("Others can read {}.", path.display()), mend))
    });
    let checks: Vec<Check> = unknown.chain(open).collect();
    match checks.is_empty() {
        true => vec![Check::ok(ABOUT, "`tenantry config` prints them.")],
        false => checks,
    }
}
