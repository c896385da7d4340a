//! `tenantry doctor`: checks whether everything is as it should be, and says how to fix what is
//! not. It changes nothing.

mod ask;
mod database;
mod files;
mod mail;
mod operators;
mod secrets;
mod settings;
mod way_in;
mod web;

use crate::cli::{Outcome, say};
use crate::platform::checkup::{Check, Verdict};
use crate::platform::config::{Config, Values};
use crate::platform::release::RELEASE;

/// Prints a line for each check.
///
/// # Errors
/// When a check failed.
pub async fn run(values: &Values, config: &Config) -> Outcome {
    let mut checks = vec![
        Check::ok("program", format!("This is Tenantry {RELEASE}.")),
        web::base_url(config),
        web::cookies(config),
        secrets::secret_key(&config.secret_key_file),
        files::passwords(config),
        files::places(config),
    ];
    checks.extend(settings::settings(values));
    checks.extend(way_in::way_in(config).await);
    checks.extend(database::database(config).await);
    checks.push(files::backups(config).await);
    checks.push(mail::mail(config).await);
    for check in &checks {
        say(check);
    }
    match checks.iter().filter(|check| check.verdict == Verdict::Fail).count() {
        0 => Ok(()),
        1 => Err("1 check failed".into()),
        failed => Err(format!("{failed} checks failed").into()),
    }
}
