//! Checks of an SQLite database.

use sqlx::AssertSqlSafe;
use std::path::{Path, PathBuf};

use sqlx::SqlitePool;

use crate::platform::checkup::Check;
use crate::platform::db::confine::{SQLITE_TABLES, sqlite_trigger};
use crate::platform::db::safety::Weakness;
use crate::platform::disk;
use crate::platform::files::folder_of;

pub(super) async fn examine(
    read: &SqlitePool,
    write: &SqlitePool,
) -> Result<Vec<Check>, sqlx::Error> {
    let path = write.connect_options().get_filename().to_owned();
    let mut checks = vec![Check::ok(
        "row-level security",
        "SQLite has none: types, statements and the schema keep organizations apart.",
    )];
    checks.push(write_ahead(read).await?);
    checks.push(foreign_keys(write).await?);
    checks.extend(Check::of(
        "immovable rows",
        triggers(read).await?,
        "Every table with an organization refuses to move a row to another one.",
    ));
    checks.extend(Check::of(
        "composite keys",
        keys(read).await?,
        "Every reference between tenant tables carries the organization.",
    ));
    checks.push(privacy(&path));
    checks.extend(disk::free(&path).map(disk::room));
    Ok(checks)
}

async fn write_ahead(read: &SqlitePool) -> Result<Check, sqlx::Error> {
    let mode: String = sqlx::query_scalar("pragma journal_mode").fetch_one(read).await?;
    Ok(if mode == "wal" {
        Check::ok("write-ahead log", "It is on.")
    } else {
        Check::fail(
            "write-ahead log",
            format!("The journal mode is {mode}."),
            "pragma journal_mode = wal;",
        )
    })
}

/// Whether foreign keys are enforced, and have been so far.
async fn foreign_keys(write: &SqlitePool) -> Result<Check, sqlx::Error> {
    const ABOUT: &str = "foreign keys";
    let are_on: bool = sqlx::query_scalar("pragma foreign_keys").fetch_one(write).await?;
    if !are_on {
        return Ok(Check::fail(
            ABOUT,
            "They are off.",
            "Use the SQLite that Tenantry is built with.",
        ));
    }
    let broken: Result<Option<(String, i64)>, sqlx::Error> = sqlx::query_as(
        "select \"table\", count(*) from pragma_foreign_key_check group by 1 order by 1 limit 1",
    )
    .fetch_optional(write)
    .await;
    let broken = match broken {
        Ok(broken) => broken,
        Err(sqlx::Error::Database(error)) => {
            let what = format!("They do not fit the tables: {}.", error.message());
            return Ok(Check::fail(ABOUT, what, "Recreate the table as the migrations do."));
        }
        Err(other) => return Err(other),
    };
    Ok(match broken {
        None => Check::ok(ABOUT, "They are on, and every row refers to one that exists."),
        Some((table, rows)) => Check::fail(
            ABOUT,
            format!("{rows} rows of {table} refer to rows that do not exist."),
            format!(
                "See `pragma foreign_key_check({table});`, and restore what is missing from a backup."
            ),
        ),
    })
}

async fn triggers(read: &SqlitePool) -> Result<Vec<Weakness>, sqlx::Error> {
    let movable: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
        "select n.name from ({SQLITE_TABLES}) n
         where not exists (
            select 1 from sqlite_schema s
            where s.type = 'trigger' and s.tbl_name = n.name and s.name = n.name || '_stay'
                and s.sql like '%before update of organization_id on%raise(abort%')
         order by 1"
    )))
    .fetch_all(read)
    .await?;
    Ok(movable
        .into_iter()
        .map(|table| Weakness {
            what: format!("The trigger {table}_stay is missing or not ours: a row could move to another organization."),
            mend: format!("drop trigger if exists {table}_stay; {}", sqlite_trigger(&table)),
        })
        .collect())
}

async fn keys(read: &SqlitePool) -> Result<Vec<Weakness>, sqlx::Error> {
    let loose: Vec<(String, String, String)> = sqlx::query_as(AssertSqlSafe(format!(
        "with tenant as ({SQLITE_TABLES})
         select t.name, k.\"table\", group_concat(k.\"from\", ', ')
         from tenant t
         join pragma_foreign_key_list(t.name) k
         join tenant r on r.name = k.\"table\"
         group by t.name, k.id
         having not max(k.\"from\" = 'organization_id')
         order by 1, 2"
    )))
    .fetch_all(read)
    .await?;
    Ok(loose
        .into_iter()
        .map(|(table, other, columns)| Weakness {
            what: format!(
                "The foreign key ({columns}) of {table} could refer to another organization's {other}."
            ),
            mend: format!(
                "Recreate {table} as the migrations do, with (organization_id, …) references \
                 {other} (organization_id, …), and copy its rows."
            ),
        })
        .collect())
}

/// Whether others on this machine can read the file or the log beside it.
fn privacy(path: &Path) -> Check {
    const ABOUT: &str = "database file";
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    if !is_open(folder_of(path), 0o001) {
        return Check::ok(ABOUT, "Its folder is closed to other people of this machine.");
    }
    let files = [path.to_owned(), beside("-wal"), beside("-shm")];
    match files.iter().find(|file| is_open(file, 0o006)) {
        None => Check::ok(ABOUT, "It is closed to other people of this machine."),
        Some(file) => Check::fail(
            ABOUT,
            format!("Everyone on this machine can read {}.", file.display()),
            format!("chmod o= {}*", path.display()),
        ),
    }
}

#[cfg(unix)]
fn is_open(path: &Path, to: u32) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & to != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path, _: u32) -> bool {
    false
}
