//! After a new first key has been added, seals with it what older keys have sealed, so that they
//! can be removed.

use std::time::Duration;

use uuid::Uuid;

use super::{Column, note_first};
use crate::platform::App;
use crate::platform::db::statement::{TenantSql, UnscopedSql, sql, unscoped_sql};
use crate::platform::error::Result;
use crate::platform::tenant::{self, OrgTx, UnscopedTx};

/// The number of values resealed in one transaction.
const BATCH: i64 = 200;

/// How often the key file is checked for changes.
const PAUSE: Duration = Duration::from_secs(30);

/// How many values were resealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Secrets of authenticator apps.
    pub apps: u64,
    /// Waiting emails.
    pub mails: u64,
    /// Links of invitations.
    pub links: u64,
    /// Join links.
    pub join_links: u64,
    /// Values that no available key opens.
    pub closed: u64,
}

/// A sealed value with the id of its row.
type Row = (Uuid, Vec<u8>);

/// How to read and write the values of one column outside organizations.
struct Outside {
    column: Column,
    /// The next `$3` values after the id `$2` that a key other than `$1` has sealed.
    next: UnscopedSql,
    /// Writes `$1` to the row `$2` if its value is still `$3`.
    put: UnscopedSql,
}

const SEEDS: Outside = Outside {
    column: Column::Seed,
    next: unscoped_sql!(
        "select id, sealed_seed from totp_factors
         where substr(sealed_seed, 1, 4) <> $1 and id > $2 order by id limit $3"
    ),
    put: unscoped_sql!(
        "update totp_factors set sealed_seed = $1 where id = $2 and sealed_seed = $3"
    ),
};

const MAILS: Outside = Outside {
    column: Column::Mail,
    next: unscoped_sql!(
        "select id, sealed from outbox
         where sealed is not null and substr(sealed, 1, 4) <> $1 and id > $2 order by id limit $3"
    ),
    put: unscoped_sql!("update outbox set sealed = $1 where id = $2 and sealed = $3"),
};

/// How to read and write the values of one column inside organizations.
struct Inside {
    column: Column,
    /// The next `$4` values after the id `$3` that a key other than `$2` has sealed.
    next: TenantSql,
    /// Writes `$2` to the row `$3` if its value is still `$4`.
    put: TenantSql,
}

/// The current links of one organization's invitations, which are the only ones ever shown.
const LINKS: Inside = Inside {
    column: Column::Link,
    next: sql!(
        "select id, copy_sealed from invitation_links
         where organization_id = $1 and replaced_at is null
            and substr(copy_sealed, 1, 4) <> $2 and id > $3
         order by id limit $4"
    ),
    put: sql!(
        "update invitation_links set copy_sealed = $2
         where organization_id = $1 and id = $3 and copy_sealed = $4"
    ),
};

/// The current join link, which is the only one ever shown.
const JOIN_LINKS: Inside = Inside {
    column: Column::JoinLink,
    next: sql!(
        "select id, sealed_token from join_links
         where organization_id = $1 and ended_at is null
            and substr(sealed_token, 1, 4) <> $2 and id > $3
         order by id limit $4"
    ),
    put: sql!(
        "update join_links set sealed_token = $2
         where organization_id = $1 and id = $3 and sealed_token = $4"
    ),
};

/// Reseals everything that a key other than the first has sealed. If interrupted, the next run
/// continues where it stopped. Values that change meanwhile are left to their writers.
///
/// # Errors
/// Any error of the database; what was resealed until then is kept.
pub async fn reseal(app: &App) -> Result<Resealed> {
    let mut done = Resealed::default();
    done.apps = outside(app, &SEEDS, &mut done.closed).await?;
    done.mails = outside(app, &MAILS, &mut done.closed).await?;
    for organization in tenant::organizations(app).await? {
        let mut tx = tenant::look_into(app, organization).await?;
        let mut due = Vec::new();
        for of in [&LINKS, &JOIN_LINKS] {
            if !next(&mut tx, app, of, Uuid::nil(), 1).await?.is_empty() {
                due.push(of);
            }
        }
        drop(tx);
        for of in due {
            let tx = tenant::work_in(app, organization).await?;
            let count = inside(tx, app, of, &mut done.closed).await?;
            match of.column {
                Column::JoinLink => done.join_links += count,
                _ => done.links += count,
            }
        }
    }
    Ok(done)
}

/// The value sealed with the first key; `None` if it cannot be opened.
fn resealed(app: &App, column: Column, (id, sealed): &Row) -> Option<Vec<u8>> {
    let context = column.context(id);
    let plain = app.keyring.open(&context, sealed).ok()?;
    Some(app.keyring.seal(&context, &plain))
}

async fn outside(app: &App, of: &Outside, closed: &mut u64) -> Result<u64> {
    let mut done = 0;
    let mut last = Uuid::nil();
    loop {
        let mut tx = UnscopedTx::queues(app).await?;
        let rows: Vec<Row> = tx
            .query(of.next)
            .bind(app.keyring.first().as_bytes().to_vec())
            .bind(last)
            .bind(BATCH)
            .all()
            .await?;
        for row in &rows {
            let Some(sealed) = resealed(app, of.column, row) else {
                *closed += 1;
                continue;
            };
            done += tx.query(of.put).bind(sealed).bind(row.0).bind(row.1.clone()).execute().await?;
        }
        // Nothing changes that people could see.
        tx.commit_unrecorded().await?;
        match rows.last() {
            Some((id, _)) => last = *id,
            None => return Ok(done),
        }
    }
}

async fn next(
    tx: &mut OrgTx,
    app: &App,
    of: &Inside,
    last: Uuid,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    tx.query(of.next)
        .bind(app.keyring.first().as_bytes().to_vec())
        .bind(last)
        .bind(limit)
        .all()
        .await
}

/// Reseals one organization's links. There are only as many as open invitations, so one transaction
/// is enough.
async fn inside(mut tx: OrgTx, app: &App, of: &Inside, closed: &mut u64) -> Result<u64> {
    let mut done = 0;
    let mut last = Uuid::nil();
    loop {
        let rows = next(&mut tx, app, of, last, BATCH).await?;
        for row in &rows {
            let Some(sealed) = resealed(app, of.column, row) else {
                *closed += 1;
                continue;
            };
            let put = tx.query(of.put).bind(sealed).bind(row.0).bind(row.1.clone());
            done += put.execute().await?;
        }
        match rows.last() {
            Some((id, _)) => last = *id,
            None => break,
        }
    }
    tx.commit_unrecorded().await?;
    Ok(done)
}

/// Follows the key file as long as the service runs. A new first key is used as soon as the
/// database has recorded it, and what other keys have sealed is resealed.
pub async fn follow(app: App) {
    let mut is_due = app.keyring.ids().len() > 1;
    loop {
        if is_due {
            match take_up(&app).await {
                Ok(()) => is_due = false,
                Err(error) => {
                    tracing::error!(?error, "could not reseal what an older key has sealed");
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
        match reread(&app).await {
            Ok(is_another) => is_due |= is_another,
            Err(error) => tracing::error!(
                error,
                "the key file can no longer be read; its earlier keys stay in use"
            ),
        }
    }
}

/// Reads the file on a thread that may block.
async fn reread(app: &App) -> Result<bool, String> {
    let keyring = app.keyring.clone();
    let read = tokio::task::spawn_blocking(move || keyring.reread()).await;
    read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

async fn take_up(app: &App) -> Result<()> {
    note_first(&app.db, &app.keyring, app.clock.now()).await?;
    let Resealed { apps, mails, links, join_links, closed } = reseal(app).await?;
    if apps + mails + links + join_links + closed > 0 {
        let key = app.keyring.first();
        tracing::info!(
            %key, apps, mails, links, join_links, closed, "resealed with the first key"
        );
    }
    Ok(())
}
