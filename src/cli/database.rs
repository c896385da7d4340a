//! How commands open their database.

use std::path::Path;

use super::{Outcome, wait};
use crate::platform::App;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{self, Clash, Db, Engine, Hold, Patience, Pooler, Schema, safety};
use crate::platform::owners::cannot_read;
use crate::platform::secrets::{Keyring, create_private_folder};

/// Holds an SQLite database as long as the result is kept; `command` is shown to processes that
/// come later. PostgreSQL can be served by several processes.
pub(super) fn hold(config: &Config, command: &str) -> Outcome<Option<Hold>> {
    let Some(path) = sqlite_path(&config.database_url) else { return Ok(None) };
    make_folder(path)?;
    let held = db::hold(Path::new(path), command, Clock::System.now());
    Ok(Some(held.map_err(|error| format!("TENANTRY_DATABASE_URL: {error}"))?))
}

/// Opens the database for serving: up to date, and on PostgreSQL with working isolation of
/// organizations. An SQLite database is brought up to date by the process that holds it (`held`),
/// and by others only while nobody does.
pub(super) async fn open_database(config: &Config, held: Option<&Hold>) -> Outcome<Db> {
    if held.is_none() {
        must_exist(config)?;
    }
    let db = connect(config).await?;
    if db.engine() == Engine::Sqlite {
        let schema = db::schema(&db).await?;
        if schema == Schema::Current {
            return Ok(db);
        }
        let _held = match held {
            Some(_) => None,
            None => hold(config, "migrate")?,
        };
        for clash in db::migrate(&db, &config.database_role).await? {
            let Clash { organization, word, id, .. } = clash;
            tracing::warn!(organization, word, %id, "a name now counts as the same as another's");
        }
        return Ok(db);
    }
    let schema = db::schema(&db).await?;
    if matches!(schema, Schema::Newer(_) | Schema::Other(_)) {
        return Err(out_of_step(schema, db.engine()).into());
    }
    let weaknesses = safety::weaknesses(&db).await?;
    if !weaknesses.is_empty() {
        let lines = weaknesses
            .iter()
            .map(|weakness| format!("\n  {}\n    {}", weakness.what, weakness.mend));
        return Err(format!(
            "TENANTRY_DATABASE_URL: this database would not keep organizations apart.{}",
            lines.collect::<String>()
        )
        .into());
    }
    if schema != Schema::Current {
        return Err(out_of_step(schema, db.engine()).into());
    }
    Ok(db)
}

/// Why the schema cannot be used, and what to do.
pub(super) fn out_of_step(schema: Schema, engine: Engine) -> String {
    let mend = schema.mend(match engine {
        Engine::Sqlite => "Run `tenantry migrate`.",
        Engine::Postgres => "Run `tenantry migrate` with the URL of its owner.",
    });
    format!("TENANTRY_DATABASE_URL: {schema}. {mend}")
}

/// The application for a command that runs beside the service. It neither sends nor seals anything,
/// so it does not load the keys.
pub(super) async fn open_application(config: Config) -> Outcome<App> {
    let db = open_database(&config, None).await?;
    Ok(App::new(db, Clock::System, config, Keyring::random()))
}

pub(super) async fn connect(config: &Config) -> Outcome<Db> {
    connect_through(config, config.database_pooler).await
}

pub(super) async fn connect_through(config: &Config, pooler: Pooler) -> Outcome<Db> {
    if let Some(path) = sqlite_path(&config.database_url) {
        make_folder(path)?;
    }
    db::reach(&config.database_url).await.map_err(|away| wait::wrong(&away))?;
    let (url, connections) = (&config.database_url, config.database_connections);
    let db = Db::connect_through(url, connections, Patience::USUAL, pooler)
        .await
        .map_err(|error| format!("TENANTRY_DATABASE_URL: cannot open the database: {error}"))?;
    Ok(db)
}

/// Checks that SQLite's file exists, because opening it would create it: in the wrong folder, a
/// command would work on an empty database and report success.
pub(super) fn must_exist(config: &Config) -> Outcome {
    let Some(path) = sqlite_path(&config.database_url) else { return Ok(()) };
    match Path::new(path).try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!(
            "TENANTRY_DATABASE_URL: there is no file {path}. Run the command in the folder of the \
             installation and with its settings (--env-file); `tenantry serve` or `tenantry \
             migrate` creates a new database"
        )
        .into()),
        Err(error) => {
            Err(format!("TENANTRY_DATABASE_URL: {}", cannot_read(Path::new(path), &error)).into())
        }
    }
}

/// Creates the folder of SQLite's file, unless it exists.
fn make_folder(path: &str) -> Outcome {
    if let Some(folder) = Path::new(path).parent() {
        create_private_folder(folder)
            .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    }
    Ok(())
}

pub(crate) fn sqlite_path(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(path.split('?').next().unwrap_or(path))
}
