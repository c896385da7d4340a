//! After another key was put first in the keyring: the seeds of apps, which are kept for years, are
//! sealed anew with it, so that the old key can go.

use super::sql::SealedSeed;
use super::totp::Seed;
use crate::error::Result;
use crate::platform::App;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::tenant::UnscopedTx;

/// Seeds that are sealed in one transaction.
const BATCH: usize = 500;

/// Seals every seed with the first key that another one has sealed.
pub async fn reseal(app: &App) -> Result<()> {
    let Some(first) = app.keyring.ids().next() else { return Ok(()) };
    let mut tx = UnscopedTx::read(app).await?;
    let sealed: Vec<SealedSeed> = tx
        .query(unscoped_sql!(
            "select id, sealed_seed from totp_factors
             where substr(sealed_seed, 1, 4) <> $1 order by id"
        ))
        .bind(first.as_bytes().to_vec())
        .all()
        .await?;
    drop(tx);
    for batch in sealed.chunks(BATCH) {
        let mut tx = UnscopedTx::write(app).await?;
        for SealedSeed { id, sealed_seed } in batch {
            let Some(seed) = Seed::open(app, *id, sealed_seed) else { continue };
            // Unless it was removed, or another process was quicker.
            tx.query(unscoped_sql!(
                "update totp_factors set sealed_seed = $1 where id = $2 and sealed_seed = $3"
            ))
            .bind(seed.seal(app, *id))
            .bind(*id)
            .bind(sealed_seed.clone())
            .execute()
            .await?;
        }
        // Nobody's factor has changed.
        tx.commit_unrecorded().await?;
    }
    Ok(())
}
