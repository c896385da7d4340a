//! Checks whether the database is there, and runs [`checkup`] on it.

use std::path::Path;

use super::operators;
use crate::cli::sqlite_path;
use crate::platform::checkup::Check;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{self, Db, Patience, Schema, Unreachable, checkup, reach};
use crate::platform::owners::cannot_read;
use crate::platform::secrets::Keyring;

const ABOUT: &str = "database";

/// The check that fails if the file is missing or cannot be reached: opening it would create it.
fn absent(path: &Path) -> Option<Check> {
    match path.try_exists() {
        Ok(true) => None,
        Ok(false) => {
            let what = format!("There is no file {}.", path.display());
            Some(Check::fail(
                ABOUT,
                what,
                "For a new installation: tenantry migrate. Otherwise run this in the folder of the \
                 installation and with its settings (--env-file).",
            ))
        }
        Err(error) => Some(Check::fail(
            ABOUT,
            format!("{}.", cannot_read(path, &error)),
            "Run this as the user that the service runs as.",
        )),
    }
}

pub(super) async fn database(config: &Config) -> Vec<Check> {
    if let Some(check) = sqlite_path(&config.database_url).and_then(|path| absent(Path::new(path)))
    {
        return vec![check];
    }
    if let Err(Unreachable { place, cause, mend, .. }) = reach(&config.database_url).await {
        return vec![Check::fail(ABOUT, format!("It cannot be reached: {place}: {cause}."), mend)];
    }
    let db = match Db::connect_through(
        &config.database_url,
        config.database_connections.max(2),
        Patience::USUAL,
        config.database_pooler,
    )
    .await
    {
        Ok(db) => db,
        Err(error) => {
            return vec![Check::fail(
                ABOUT,
                format!("It cannot be reached: {error}."),
                "Check that it is running, that TENANTRY_DATABASE_URL names it, and that the \
                 password is right. Where a pooler refuses a startup parameter, leave \
                 TENANTRY_DATABASE_POOLER out, or set it to transaction.",
            )];
        }
    };
    let mut checks = vec![Check::ok(ABOUT, "It can be reached.")];
    checks.extend(checkup::connected_role(&db, &config.database_role).await.ok().flatten());
    let keyring = Keyring::load(&config.secret_key_file).ok().flatten();
    match checkup::examine(&db, keyring.as_ref(), || Clock::System.now()).await {
        Ok(more) => checks.extend(more),
        Err(error) => checks.push(Check::fail(
            ABOUT,
            format!("It stopped responding: {error}."),
            "See its log.",
        )),
    }
    if db::schema(&db).await.is_ok_and(|schema| schema == Schema::Current) {
        checks.extend(operators::look(db, config).await);
    } else {
        db.close().await;
    }
    checks
}
