//! A transaction outside organizations: people, sign-ins, the look-up of a token, the outbox.
//!
//! A test holds the list of modules that may name [`UnscopedTx`].

use super::org_tx::OrgTx;
use crate::platform::App;
use crate::platform::db::statement::UnscopedSql;
use crate::platform::db::{Query, ReadOrWrite, Tx};
use crate::platform::ids::OrganizationId;

/// A transaction that is inside no organization.
pub struct UnscopedTx {
    tx: Tx,
    app: App,
    leaves_work: bool,
}

impl UnscopedTx {
    /// Begins a transaction that only reads.
    pub async fn read(app: &App) -> Result<Self, sqlx::Error> {
        Self::begin(app, ReadOrWrite::Read).await
    }

    /// Begins a transaction that changes something.
    pub async fn write(app: &App) -> Result<Self, sqlx::Error> {
        Self::begin(app, ReadOrWrite::Write).await
    }

    async fn begin(app: &App, intent: ReadOrWrite) -> Result<Self, sqlx::Error> {
        let tx = app.db.begin(intent, None).await?;
        Ok(Self { tx, app: app.clone(), leaves_work: false })
    }

    /// The running application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Wakes the workers when this transaction is committed.
    pub(in crate::platform) fn leave_work(&mut self) {
        self.leaves_work = true;
    }

    /// A statement outside organizations.
    pub fn query(&mut self, sql: UnscopedSql) -> Query<'_> {
        self.tx.unscoped_query(sql)
    }

    /// Continues inside `organization`: from here on the transaction reaches its rows only.
    pub async fn enter(mut self, organization: OrganizationId) -> Result<OrgTx, sqlx::Error> {
        self.tx.enter(organization).await?;
        Ok(OrgTx::new(self.tx, organization, self.app, self.leaves_work))
    }

    /// Makes the changes last.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await?;
        if self.leaves_work {
            self.app.wake_workers();
        }
        Ok(())
    }
}
