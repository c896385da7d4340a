//! A transaction outside organizations: people, sign-ins, token look-ups, the queues.
//!
//! A test lists the modules that may use [`UnscopedTx`].

use super::once;
use super::org_tx::OrgTx;
use crate::platform::App;
use crate::platform::audit::{ActorKind, Entry, Journal, Who};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{UnscopedSql, unscoped_sql};
use crate::platform::db::{Query, ReadOrWrite, Runs, Scope, Tx};
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::secrets::Token;
use crate::platform::session::{CurrentUser, Device};

/// A transaction outside organizations. On PostgreSQL it sees no organization's rows except those
/// that it may look up by the signed-in person or token it presents.
pub struct UnscopedTx {
    tx: Tx,
    app: App,
    journal: Journal,
    leaves_work: bool,
    moment: Moment,
}

/// The time that counts for what a transaction does.
#[derive(Clone, Copy)]
enum Moment {
    /// When it began, as long as it has locked nobody.
    Begun(Timestamp),
    /// When it locked a person: if it had to wait, this is later than the previous holder's time.
    Locked(Timestamp),
}

impl UnscopedTx {
    /// Begins a transaction that only reads.
    pub async fn read(app: &App) -> Result<Self, sqlx::Error> {
        Self::begin(app, ReadOrWrite::Read, &Scope::Outside, Who::system()).await
    }

    /// Begins a transaction that changes something.
    pub async fn write(app: &App) -> Result<Self, sqlx::Error> {
        Self::begin(app, ReadOrWrite::Write, &Scope::Outside, Who::system()).await
    }

    /// Begins a transaction that reads what `user` may look up.
    pub(in crate::platform) async fn read_as(
        app: &App,
        user: &CurrentUser,
    ) -> Result<Self, sqlx::Error> {
        let scope = Scope::Person(user.id, user.email.clone());
        Self::begin(app, ReadOrWrite::Read, &scope, user.who(ActorKind::Person)).await
    }

    /// Begins a transaction that changes something in the name of `user`.
    pub(in crate::platform) async fn write_as(
        app: &App,
        user: &CurrentUser,
    ) -> Result<Self, sqlx::Error> {
        let scope = Scope::Person(user.id, user.email.clone());
        Self::begin(app, ReadOrWrite::Write, &scope, user.who(ActorKind::Person)).await
    }

    /// Begins a worker's transaction, which takes due entries from the queues of every
    /// organization.
    pub(in crate::platform) async fn queues(app: &App) -> Result<Self, sqlx::Error> {
        Self::begin(app, ReadOrWrite::Write, &Scope::Queues, Who::system()).await
    }

    /// Begins a transaction that checks whether any entry in the queues is due.
    pub(in crate::platform) async fn look_at_queues(app: &App) -> Result<Self, sqlx::Error> {
        Self::begin(app, ReadOrWrite::Read, &Scope::Queues, Who::system()).await
    }

    /// Begins a transaction that reads what the owner of this account may look up.
    pub(super) async fn read_of(
        app: &App,
        user: UserId,
        email: EmailAddress,
    ) -> Result<Self, sqlx::Error> {
        Self::begin(app, ReadOrWrite::Read, &Scope::Person(user, email), Who::system()).await
    }

    async fn begin(
        app: &App,
        intent: ReadOrWrite,
        scope: &Scope,
        who: Who,
    ) -> Result<Self, sqlx::Error> {
        let tx = app.db.begin(intent, scope).await?;
        Ok(Self::of(tx, app.clone(), Journal::new(who), false))
    }

    /// Claims the form of the running request, if it must take effect only once.
    ///
    /// # Errors
    /// [`crate::platform::error::AppError::SentBefore`] when it has already taken effect.
    pub(in crate::platform) async fn claim_form(&mut self, user: UserId) -> Result<()> {
        let now = self.app.clock.now();
        once::claim(&mut self.tx, &user.to_string(), now).await
    }

    /// Claims the form of the running request for somebody who has no account yet.
    ///
    /// # Errors
    /// [`crate::platform::error::AppError::SentBefore`] when it has already taken effect.
    pub async fn claim_form_of(&mut self, email: &EmailAddress) -> Result<()> {
        let now = self.app.clock.now();
        once::claim(&mut self.tx, email.as_str(), now).await
    }

    /// Stores where a second sending of the form claimed by [`UnscopedTx::claim_form_of`] is
    /// redirected.
    pub async fn leads(&mut self, email: &EmailAddress, path: &str) -> Result<(), sqlx::Error> {
        once::leads_to(&mut self.tx, email.as_str(), path).await
    }

    /// Stores where a second sending of the running request's form is redirected.
    pub async fn leads_to(&mut self, path: &str) -> Result<(), sqlx::Error> {
        match self.journal.who.id {
            Some(user) => once::leads_to(&mut self.tx, &user.to_string(), path).await,
            None => Ok(()),
        }
    }

    /// Wraps a transaction that has left an organization.
    pub(super) fn of(tx: Tx, app: App, journal: Journal, leaves_work: bool) -> Self {
        let moment = Moment::Begun(app.clock.now());
        Self { tx, app, journal, leaves_work, moment }
    }

    /// The time of everything this transaction does. There is only one, so that a record is exactly
    /// as old as what it records.
    pub fn now(&self) -> Timestamp {
        match self.moment {
            Moment::Begun(now) | Moment::Locked(now) => now,
        }
    }

    /// Continues in the name of somebody who is not signed in, in this browser.
    pub fn from(mut self, device: &Device) -> Self {
        let device = Some(device.clone());
        self.journal.who = Who { kind: ActorKind::Anonymous, device, ..Who::system() };
        self
    }

    /// The browser that made the request, if there is one.
    pub fn device(&self) -> Option<&Device> {
        self.journal.who.device.as_ref()
    }

    /// From now on, acts in the name of the person who has just authenticated.
    pub fn acting(&mut self, id: UserId, name: &str, email: &EmailAddress) {
        let who = &mut self.journal.who;
        who.kind = ActorKind::Person;
        who.id = Some(id);
        who.name = name.to_owned();
        who.email = email.to_string();
    }

    /// From now on, the person acts as an operator of the installation.
    pub(in crate::platform) fn act_as_operator(&mut self) {
        self.journal.who.kind = ActorKind::Operator;
    }

    /// Makes every other decision about this person's standing in the installation wait until this
    /// transaction ends.
    pub async fn lock_person(&mut self, id: UserId) -> Result<(), sqlx::Error> {
        // An update, because it locks the row on both engines.
        self.query(unscoped_sql!("update users set name = name where id = $1 returning id"))
            .bind(id)
            .optional::<(UserId,)>()
            .await?;
        if let Moment::Begun(_) = self.moment {
            self.moment = Moment::Locked(self.app.clock.now());
        }
        Ok(())
    }

    /// The running application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Wakes the workers once this transaction is committed.
    pub(in crate::platform) fn leave_work(&mut self) {
        self.leaves_work = true;
    }

    /// A statement outside organizations.
    pub fn query(&mut self, sql: UnscopedSql) -> Query<'_> {
        self.tx.unscoped_query(sql)
    }

    /// Presents a token, so that its row may be looked up from now on.
    pub async fn present(&mut self, token: &Token) -> Result<(), sqlx::Error> {
        self.tx.present(&token.digest()).await
    }

    /// Records in the installation's audit log what this transaction does.
    pub fn record(&mut self, entry: Entry) {
        self.journal.record(OrganizationId::OUTSIDE, entry);
    }

    /// Continues inside `organization`: from now on the transaction reaches only its rows.
    pub async fn enter(mut self, organization: OrganizationId) -> Result<OrgTx, sqlx::Error> {
        self.tx.enter(organization).await?;
        Ok(OrgTx::new(self.tx, organization, self.app, self.journal, self.leaves_work))
    }

    /// Writes the records and commits.
    ///
    /// # Errors
    /// When something was changed and nothing was recorded.
    pub async fn commit(mut self) -> Result<()> {
        let now = self.app.clock.now();
        self.journal.write(&mut self.tx, OrganizationId::OUTSIDE, now).await?;
        self.tx.commit().await?;
        self.journal.tell();
        if self.leaves_work {
            self.app.wake_workers();
        }
        Ok(())
    }

    /// Commits changes that do not belong in the audit log, such as when somebody was last seen or
    /// how far an email has got. A test lists the modules that may call this.
    pub async fn commit_unrecorded(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await?;
        if self.leaves_work {
            self.app.wake_workers();
        }
        Ok(())
    }
}

impl Runs<UnscopedSql> for UnscopedTx {
    fn run(&mut self, sql: UnscopedSql) -> Query<'_> {
        self.query(sql)
    }
}
