//! Migrations: one folder, with one text for both engines, or separate files where an engine needs
//! statements of its own (`0004_guards.sqlite.sql`, `0004_guards.postgres.sql`).

use std::borrow::Cow;

use include_dir::{Dir, include_dir};
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::connect::{Db, Engine, Pools};
use super::sqlite::lock_next_to;
use super::text_keys::{self, Clash};
use super::{confine, grants};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/migrations");

/// Why the schema could not be brought up to date.
#[derive(Debug)]
pub enum MigrateError {
    /// A pooler in transaction mode is in front of the server: the lock against concurrent
    /// migrations would be lost, or stay on an idle connection for an hour.
    Pooled,
    /// The lock file beside SQLite's database could not be locked.
    Lock(std::io::Error),
    /// A migration failed, or the database is newer than this program.
    Migrate(sqlx::migrate::MigrateError),
    /// Tables could not be confined to their organizations.
    Confine(sqlx::Error),
    /// The application's role could not be created, or not be given its rights.
    Grant(sqlx::Error),
    /// Rows could not be updated; what was done is kept, and the next attempt continues.
    Rows(sqlx::Error),
}

impl std::fmt::Display for MigrateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pooled => f.write_str(
                "TENANTRY_DATABASE_URL: leads through a pooler in transaction mode, and migrating needs \
                 a connection of its own. Give the URL of the server itself, with its port (5432, \
                 say), for this command",
            ),
            Self::Lock(error) => write!(f, "cannot lock the database for migrating: {error}"),
            Self::Migrate(sqlx::migrate::MigrateError::VersionMissing(version)) => {
                let schema = Schema::Newer(*version);
                write!(f, "{schema}. {}", schema.mend(""))
            }
            Self::Migrate(error) => write!(f, "cannot migrate the database: {error}"),
            Self::Confine(error) => write!(f, "cannot confine the tables: {error}"),
            Self::Grant(error) => write!(f, "cannot create the application's role: {error}"),
            Self::Rows(error) => write!(f, "cannot bring rows along: {error}"),
        }
    }
}

impl std::error::Error for MigrateError {}

impl MigrateError {
    /// The database's error, if it is one.
    pub fn database(&self) -> Option<&sqlx::Error> {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match self {
            Self::Migrate(Execute(error) | ExecuteMigration(error, _))
            | Self::Confine(error)
            | Self::Grant(error)
            | Self::Rows(error) => Some(error),
            _ => None,
        }
    }
}

/// Brings the schema and the rows up to date. Several processes may start it at once, and it can be
/// interrupted and started again. On PostgreSQL it also creates `role`, as which the application
/// connects. Returns the clients whose names now count as those of others.
pub async fn migrate(db: &Db, role: &str) -> Result<Vec<Clash>, MigrateError> {
    if !db.is_direct() {
        return Err(MigrateError::Pooled);
    }
    let migrator = migrator(db.engine());
    match &db.pools {
        Pools::Sqlite { write, .. } => {
            // Neither step takes a lock on SQLite: if two processes start together, one fails
            // halfway.
            let lock = lock_next_to(write.connect_options().get_filename()).await;
            let _held = lock.map_err(MigrateError::Lock)?;
            migrator.run(write).await.map_err(MigrateError::Migrate)?;
            confine::sqlite(write).await.map_err(MigrateError::Confine)?;
        }
        Pools::Postgres(pool) => {
            migrator.run(pool).await.map_err(MigrateError::Migrate)?;
            confine::postgres(pool).await.map_err(MigrateError::Confine)?;
            grants::grant(pool, role).await.map_err(MigrateError::Grant)?;
        }
    }
    text_keys::bring_along(db).await.map_err(MigrateError::Rows)
}

/// How the schema compares with the one that this program expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// It is the same.
    Current,
    /// Migrations are missing, rows are not updated yet, or this role may not see the migrations.
    Older,
    /// A newer version of the program has applied this migration, which is unknown here.
    Newer(i64),
    /// This migration differs from the program's.
    Other(i64),
}

impl Schema {
    /// How to fix it; `migrate` says how to bring the schema up to date.
    pub fn mend(self, migrate: &str) -> String {
        match self {
            Self::Current => String::new(),
            Self::Older => migrate.to_owned(),
            Self::Newer(_) | Self::Other(_) => {
                "Run the version of Tenantry that migrated it, or restore the backup from before \
                 that."
                    .to_owned()
            }
        }
    }
}

impl std::fmt::Display for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Current => f.write_str("the schema is the one that this program was built for"),
            Self::Older => {
                f.write_str("the database is not up to date, or this role may not see it")
            }
            Self::Newer(version) => write!(
                f,
                "the database is newer than this program, which does not know its migration {version}"
            ),
            Self::Other(version) => {
                write!(
                    f,
                    "the database was made by another program: its migration {version} differs"
                )
            }
        }
    }
}

/// Compares the schema with the one that this program expects.
///
/// # Errors
/// When the database does not respond.
pub async fn schema(db: &Db) -> Result<Schema, sqlx::Error> {
    let applied = applied(db).await?;
    let known = migrator(db.engine());
    for (version, checksum) in &applied {
        match known.migrations.iter().find(|migration| migration.version == *version) {
            None => return Ok(Schema::Newer(*version)),
            Some(migration) if *checksum != *migration.checksum => {
                return Ok(Schema::Other(*version));
            }
            Some(_) => {}
        }
    }
    let is_whole = applied.len() == known.migrations.len();
    let is_current = is_whole && text_keys::is_done(db).await?;
    Ok(if is_current { Schema::Current } else { Schema::Older })
}

/// The applied migrations, each with the digest of its text, the oldest first.
async fn applied(db: &Db) -> Result<Vec<(i64, Vec<u8>)>, sqlx::Error> {
    const APPLIED: &str = "select version, checksum from _sqlx_migrations where success order by 1";
    match &db.pools {
        Pools::Sqlite { read, .. } => sqlx::query_as(APPLIED).fetch_all(read).await,
        Pools::Postgres(pool) => {
            let mut tx = pool.begin().await?;
            sqlx::query_as(APPLIED).persistent(false).fetch_all(&mut *tx).await
        }
    }
    .or_else(|error| match error {
        // No migration has been applied yet, or this is not the role that they created.
        sqlx::Error::Database(_) => Ok(Vec::new()),
        other => Err(other),
    })
}

/// Whether schema and rows are what this program expects.
///
/// # Errors
/// When the database does not respond.
pub async fn is_current(db: &Db) -> Result<bool, sqlx::Error> {
    Ok(schema(db).await? == Schema::Current)
}

/// Creates the schema as of migration `version` in a new SQLite database, for a copy of a database
/// that has not been brought up to date.
///
/// # Errors
/// When a migration fails.
pub(in crate::platform) async fn migrate_to(db: &Db, version: i64) -> Result<(), MigrateError> {
    if version >= newest_migration() {
        return migrate(db, "").await.map(drop);
    }
    let mut migrator = migrator(db.engine());
    migrator.migrations.to_mut().retain(|migration| migration.version <= version);
    match &db.pools {
        Pools::Sqlite { write, .. } => migrator.run(write).await,
        Pools::Postgres(pool) => migrator.run(pool).await,
    }
    .map_err(MigrateError::Migrate)
}

/// The newest applied migration; `None` if there is none, or if the role may not see it.
///
/// # Errors
/// When the database does not respond.
pub(in crate::platform) async fn version(db: &Db) -> Result<Option<i64>, sqlx::Error> {
    Ok(applied(db).await?.last().map(|(version, _)| *version))
}

/// The newest migration that this program contains.
pub(in crate::platform) fn newest_migration() -> i64 {
    let known = migrator(Engine::Sqlite);
    known.migrations.iter().map(|migration| migration.version).max().unwrap_or_default()
}

fn migrator(engine: Engine) -> Migrator {
    let mut migrations: Vec<Migration> =
        FILES.dirs().flat_map(Dir::files).filter_map(|file| migration(file, engine)).collect();
    migrations.sort_by_key(|migration| migration.version);
    Migrator { migrations: Cow::Owned(migrations), ..Migrator::DEFAULT }
}

/// The migration in `file`, unless it is for the other engine.
fn migration(file: &'static include_dir::File<'static>, engine: Engine) -> Option<Migration> {
    let name = file.path().file_name()?.to_str()?.strip_suffix(".sql")?;
    let (name, other) = match engine {
        Engine::Sqlite => (name.strip_suffix(".sqlite").unwrap_or(name), ".postgres"),
        Engine::Postgres => (name.strip_suffix(".postgres").unwrap_or(name), ".sqlite"),
    };
    if name.ends_with(other) {
        return None;
    }
    let (version, description) = name.split_once('_')?;
    Some(Migration::new(
        version.parse().ok()?,
        Cow::Owned(description.replace('_', " ")),
        MigrationType::Simple,
        file.contents_utf8()?.into_sql_str(),
        false,
    ))
}
