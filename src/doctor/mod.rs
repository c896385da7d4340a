//! `tenantry doctor`: looks whether everything is as it should be, and says how to mend what is
//! not. It changes nothing.

mod database;
mod files;
mod mail;
mod operators;
mod secrets;
mod web;

use crate::cli::{Outcome, say};
use crate::config::Config;
use crate::platform::checkup::Verdict;

/// Prints a line for each check.
///
/// # Errors
/// When one of them failed.
pub async fn run(config: &Config) -> Outcome {
    let mut checks = vec![
        web::base_url(config),
        web::cookies(config),
        secrets::secret_key(&config.secret_key_file),
        files::passwords(config),
        files::places(config),
    ];
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
