//! Migrations: one folder, one text for both engines, and files for one engine where it needs
//! statements of its own (`0004_guards.sqlite.sql`, `0004_guards.postgres.sql`).

use std::borrow::Cow;

use include_dir::{Dir, include_dir};
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::connect::{Db, Engine, Pools};
use super::sqlite::lock_beside;
use super::text_keys::{self, Clash};
use super::{confine, grants};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/migrations");

/// Why the schema could not be brought up to date.
#[derive(Debug)]
pub enum MigrateError {
    /// A pooler in transaction mode stands in front of the server: the lock that keeps two from
    /// migrating at once would be lost, or held by nobody for an hour.
    Pooled,
    /// The lock file beside SQLite's database could not be taken.
    Lock(std::io::Error),
    /// A migration failed, or the database is newer than this program.
    Migrate(sqlx::migrate::MigrateError),
    /// Tables could not be confined to their organizations.
    Confine(sqlx::Error),
    /// The application's role could not be made, or not be given what it needs.
    Grant(sqlx::Error),
    /// Rows could not be brought along; what was done is kept, and the next try goes on.
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
    /// What the database says, where it does.
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

/// Brings the schema and the rows up to date; safe when several processes start at once, and when it
/// is cut off and begun again. On PostgreSQL it also makes `role`, with which the application then
/// connects. Gives the rows whose names count as another one's from now on.
pub async fn migrate(db: &Db, role: &str) -> Result<Vec<Clash>, MigrateError> {
    if !db.is_direct() {
        return Err(MigrateError::Pooled);
    }
    let migrator = migrator(db.engine());
    let migrated = match &db.pools {
        Pools::Sqlite { write, .. } => {
            // sqlx takes no lock on SQLite: of two that start together, one fails half way.
            let lock = lock_beside(write.connect_options().get_filename()).await;
            let _held = lock.map_err(MigrateError::Lock)?;
            migrator.run(write).await
        }
        Pools::Postgres(pool) => migrator.run(pool).await,
    };
    migrated.map_err(MigrateError::Migrate)?;
    match &db.pools {
        Pools::Sqlite { write, .. } => {
            confine::sqlite(write).await.map_err(MigrateError::Confine)?
        }
        Pools::Postgres(pool) => {
            confine::postgres(pool).await.map_err(MigrateError::Confine)?;
            grants::grant(pool, role).await.map_err(MigrateError::Grant)?;
        }
    }
    text_keys::bring_along(db).await.map_err(MigrateError::Rows)
}

/// How the schema compares with the one that this program was built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// It is that one.
    Current,
    /// Migrations are missing, rows are not brought along yet, or this role may not see which there are.
    Older,
    /// A newer version of the program was here: it made this migration, which is unknown here.
    Newer(i64),
    /// This migration is another one than the program's.
    Other(i64),
}

impl Schema {
    /// What to do about it; `migrate` is how it is brought up to date.
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

/// How the schema compares with the one that this program was built for.
///
/// # Errors
/// When the database does not answer.
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

/// The migrations that were made here, each with the digest of its text, the oldest first.
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
        // No migration has been here yet, or the role is not the one they made.
        sqlx::Error::Database(_) => Ok(Vec::new()),
        other => Err(other),
    })
}

/// Whether schema and rows are those that this program was built for.
///
/// # Errors
/// When the database does not answer.
pub async fn is_current(db: &Db) -> Result<bool, sqlx::Error> {
    Ok(schema(db).await? == Schema::Current)
}

/// Makes the schema as it was at the migration `version`, in a new SQLite database: for the copy of a
/// database that was not brought up to date yet.
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

/// The newest migration that was made here; `None` where none was, or where the role may not see it.
///
/// # Errors
/// When the database does not answer.
pub(in crate::platform) async fn version(db: &Db) -> Result<Option<i64>, sqlx::Error> {
    Ok(applied(db).await?.last().map(|(version, _)| *version))
}

/// The newest migration that this program knows.
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

/// The migration in `file`, unless it is meant for the other engine.
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
