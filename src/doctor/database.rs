//! Whether the database is there, and what [`checkup`] finds in it.

use std::path::Path;

use super::operators;
use crate::cli::sqlite_path;
use crate::config::Config;
use crate::platform::checkup::Check;
use crate::platform::clock::Clock;
use crate::platform::db::{self, Db, Patience, Schema, Unreachable, checkup, reach};
use crate::platform::secrets::Keyring;

pub(super) async fn database(config: &Config) -> Vec<Check> {
    const ABOUT: &str = "database";
    // Opening it would make it.
    if let Some(path) = sqlite_path(&config.database_url).filter(|path| !Path::new(path).exists()) {
        let what = format!("There is no file {path}.");
        return vec![Check::fail(ABOUT, what, "tenantry migrate")];
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
                "See that it runs, that TENANTRY_DATABASE_URL names it, and that the password fits. \
                 Where a pooler refuses a startup parameter, leave TENANTRY_DATABASE_POOLER out, or set \
                 it to transaction.",
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
            format!("It stopped answering: {error}."),
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
