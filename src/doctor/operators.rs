//! Checks who runs the installation.

use crate::core::operators::checkup;
use crate::platform::App;
use crate::platform::checkup::Check;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::secrets::Keyring;

/// Checks the operators in a database that is up to date, and closes it.
pub(super) async fn look(db: Db, config: &Config) -> Vec<Check> {
    // Nothing is sealed or opened here, so no keys are needed.
    let app = App::new(db, Clock::System, config.clone(), Keyring::random());
    let checks = checkup::examine(&app).await.unwrap_or_else(|error| {
        let what = format!("They cannot be read: {error}.");
        vec![Check::warn("operators", what, "See what is reported about the database.")]
    });
    app.close().await;
    checks
}
