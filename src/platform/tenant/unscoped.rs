//! A transaction outside organizations: people, sign-ins, the look-up of a token, the queues.
//!
//! A test holds the list of modules that may name [`UnscopedTx`].

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

/// A transaction that is inside no organization. On PostgreSQL it sees no organization's rows but
/// those that are looked up by what it presents: a signed-in person, or a token.
pub struct UnscopedTx {
    tx: Tx,
    app: App,
    journal: Journal,
    leaves_work: bool,
    moment: Moment,
}

/// When a transaction does what it does.
#[derive(Clone, Copy)]
enum Moment {
    /// When it began, as long as nobody is locked.
    Begun(Timestamp),
    /// When it had locked a person: who waited for the lock is later than whoever had it.
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

    /// Begins a transaction of a worker, which takes what is due from the queues of every
    /// organization.
    pub(in crate::platform) async fn queues(app: &App) -> Result<Self, sqlx::Error> {
        Self::begin(app, ReadOrWrite::Write, &Scope::Queues, Who::system()).await
    }

    /// Begins a transaction that looks whether anything in the queues is due.
    pub(in crate::platform) async fn look_at_queues(app: &App) -> Result<Self, sqlx::Error> {
        Self::begin(app, ReadOrWrite::Read, &Scope::Queues, Who::system()).await
    }

    /// Begins a transaction that reads what the person with this account may look up.
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

    /// Claims the form that the running request sends, if it must do what it does once.
    ///
    /// # Errors
    /// [`crate::platform::error::AppError::SentBefore`] when it was done already.
    pub(in crate::platform) async fn claim_form(&mut self, user: UserId) -> Result<()> {
        let now = self.app.clock.now();
        once::claim(&mut self.tx, &user.to_string(), now).await
    }

    /// Claims the form that the running request sends for somebody who has no account yet.
    ///
    /// # Errors
    /// [`crate::platform::error::AppError::SentBefore`] when it was done already.
    pub async fn claim_form_of(&mut self, email: &EmailAddress) -> Result<()> {
        let now = self.app.clock.now();
        once::claim(&mut self.tx, email.as_str(), now).await
    }

    /// Notes where the form leads that [`UnscopedTx::claim_form_of`] has claimed.
    pub async fn leads(&mut self, email: &EmailAddress, path: &str) -> Result<(), sqlx::Error> {
        once::leads_to(&mut self.tx, email.as_str(), path).await
    }

    /// Notes where the running request leads, for whoever sends its form again.
    pub async fn leads_to(&mut self, path: &str) -> Result<(), sqlx::Error> {
        match self.journal.who.id {
            Some(user) => once::leads_to(&mut self.tx, &user.to_string(), path).await,
            None => Ok(()),
        }
    }

    /// The transaction that has come out of an organization.
    pub(super) fn of(tx: Tx, app: App, journal: Journal, leaves_work: bool) -> Self {
        let moment = Moment::Begun(app.clock.now());
        Self { tx, app, journal, leaves_work, moment }
    }

    /// The time of all that this transaction does: one for all of it, so that what is noted of an act
    /// is as old as the act.
    pub fn now(&self) -> Timestamp {
        match self.moment {
            Moment::Begun(now) | Moment::Locked(now) => now,
        }
    }

    /// Goes on in the name of somebody who is not signed in, at this browser.
    pub fn from(mut self, device: &Device) -> Self {
        let device = Some(device.clone());
        self.journal.who = Who { kind: ActorKind::Anonymous, device, ..Who::system() };
        self
    }

    /// The browser that asked for this transaction, where one did.
    pub fn device(&self) -> Option<&Device> {
        self.journal.who.device.as_ref()
    }

    /// From here on somebody acts who has just shown who they are.
    pub fn acting(&mut self, id: UserId, name: &str, email: &EmailAddress) {
        let who = &mut self.journal.who;
        who.kind = ActorKind::Person;
        who.id = Some(id);
        who.name = name.to_owned();
        who.email = email.to_string();
    }

    /// From here on the person acts as an operator of the installation.
    pub(in crate::platform) fn act_as_operator(&mut self) {
        self.journal.who.kind = ActorKind::Operator;
    }

    /// Makes every other decision about what this person is to the installation wait until this
    /// transaction ends.
    pub async fn lock_person(&mut self, id: UserId) -> Result<(), sqlx::Error> {
        // An update, because it locks the row on either engine.
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

    /// Wakes the workers when this transaction is committed.
    pub(in crate::platform) fn leave_work(&mut self) {
        self.leaves_work = true;
    }

    /// A statement outside organizations.
    pub fn query(&mut self, sql: UnscopedSql) -> Query<'_> {
        self.tx.unscoped_query(sql)
    }

    /// Presents a token, whose row may be looked up from here on.
    pub async fn present(&mut self, token: &Token) -> Result<(), sqlx::Error> {
        self.tx.present(&token.digest()).await
    }

    /// Records what this transaction does, outside organizations.
    pub fn record(&mut self, entry: Entry) {
        self.journal.record(OrganizationId::OUTSIDE, entry);
    }

    /// Continues inside `organization`: from here on the transaction reaches its rows only.
    pub async fn enter(mut self, organization: OrganizationId) -> Result<OrgTx, sqlx::Error> {
        self.tx.enter(organization).await?;
        Ok(OrgTx::new(self.tx, organization, self.app, self.journal, self.leaves_work))
    }

    /// Writes what was recorded, and makes the changes last.
    ///
    /// # Errors
    /// When something was changed and nothing recorded.
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

    /// Makes changes last that nobody wants in the audit log: when somebody was seen, how far a
    /// mail has come. A test holds the list of modules that may.
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
