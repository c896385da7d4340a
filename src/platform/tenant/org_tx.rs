//! A transaction inside one organization.

use super::once;
use super::role::Role;
use super::unscoped::UnscopedTx;
use crate::platform::App;
use crate::platform::audit::{Entry, Journal, Who};
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::{TenantSql, UnscopedSql, sql};
use crate::platform::db::{Query, ReadOrWrite, Runs, Scope, Tx};
use crate::platform::error::Result;
use crate::platform::ids::{MembershipId, OrganizationId, SignInId, UserId};
use crate::platform::session::CurrentUser;

/// A transaction that reaches the rows of one organization and no others.
///
/// In every statement `$1` is the organization, bound here before the caller's values; on
/// PostgreSQL the transaction itself carries the organization, too.
pub struct OrgTx {
    tx: Tx,
    organization: OrganizationId,
    app: App,
    journal: Journal,
    leaves_work: bool,
}

/// The member who changes something in a transaction, with their current role.
#[derive(Clone, Debug, FromRow)]
pub struct Actor {
    /// The person.
    pub user_id: UserId,
    /// The person's membership.
    pub membership_id: MembershipId,
    /// The role, read inside the transaction.
    #[sqlx(flatten)]
    pub role: Role,
}

impl OrgTx {
    pub(super) fn new(
        tx: Tx,
        organization: OrganizationId,
        app: App,
        journal: Journal,
        leaves_work: bool,
    ) -> Self {
        Self { tx, organization, app, journal, leaves_work }
    }

    /// Begins a transaction that changes something inside `organization`; background work uses it,
    /// too.
    pub(in crate::platform) async fn begin(
        app: &App,
        organization: OrganizationId,
        journal: Journal,
    ) -> Result<Self> {
        let scope = Scope::Organization(organization);
        let tx = app.db.begin(ReadOrWrite::Write, &scope).await?;
        Ok(Self::new(tx, organization, app.clone(), journal, false))
    }

    /// Claims the form of the running request, if it must take effect only once.
    ///
    /// # Errors
    /// [`crate::platform::error::AppError::SentBefore`] when it has already taken effect.
    pub(super) async fn claim_form(&mut self, user: UserId) -> Result<()> {
        let now = self.app.clock.now();
        once::claim(&mut self.tx, &user.to_string(), now).await
    }

    /// Stores where a second sending of the running request's form is redirected.
    pub async fn leads_to(&mut self, path: &str) -> Result<(), sqlx::Error> {
        match self.journal.who.id {
            Some(user) => once::leads_to(&mut self.tx, &user.to_string(), path).await,
            None => Ok(()),
        }
    }

    /// The running application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Wakes the workers once this transaction is committed.
    pub(in crate::platform) fn leave_work(&mut self) {
        self.leaves_work = true;
    }

    /// The organization of this transaction.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// A statement inside the organization; the caller binds the values after `$1`.
    pub fn query<'q>(&'q mut self, sql: TenantSql) -> Query<'q> {
        let organization = self.organization;
        self.tx.tenant_query(sql).bind(organization)
    }

    /// A statement about what belongs to no organization, run from inside this one: sent email is
    /// counted over all organizations. Rows of other organizations stay out of reach.
    pub(in crate::platform) fn query_outside(&mut self, sql: UnscopedSql) -> Query<'_> {
        self.tx.unscoped_query(sql)
    }

    /// Makes every other change of the organization's members wait until this transaction ends.
    /// Without it, two owners could demote each other and leave none.
    pub async fn lock_organization(&mut self) -> Result<(), sqlx::Error> {
        self.query(sql!(
            // On SQLite this transaction is already the only writer.
            sqlite: "select id as organization_id from organizations where id = $1",
            postgres: "select id as organization_id from organizations where id = $1
             for no key update",
        ))
        .optional::<(OrganizationId,)>()
        .await?;
        Ok(())
    }

    /// Locks the organization for somebody who acts in it. Their sign-in, unless it has ended, is
    /// locked first, in the order of [`order`](crate::platform::db::locks::order).
    pub(super) async fn lock_organization_for(
        &mut self,
        sign_in: SignInId,
    ) -> Result<(), sqlx::Error> {
        self.query(sql!(
            sqlite: "select o.id as organization_id
             from organizations o
             join sign_ins s on s.id = $2 and s.ended_at is null
             where o.id = $1",
            postgres: "select o.id as organization_id
             from organizations o
             join sign_ins s on s.id = $2 and s.ended_at is null
             where o.id = $1
             for share of s
             for no key update of o",
        ))
        .bind(sign_in)
        .optional::<(OrganizationId,)>()
        .await?;
        Ok(())
    }

    /// `user` as an actor; `None` if the membership or the sign-in has ended or is suspended.
    /// Neither can change until this transaction ends.
    pub(super) async fn actor(
        &mut self,
        user: UserId,
        sign_in: SignInId,
    ) -> Result<Option<Actor>, sqlx::Error> {
        // The two texts differ in their last line: on SQLite this transaction is the only writer.
        const ACTOR: &str = "select m.user_id, m.id as membership_id,
                r.key as role_key, r.name as role_name, r.description as role_description,
                r.rank as role_rank, r.permissions as role_permissions
             from memberships m
             join roles r on r.organization_id = m.organization_id and r.key = m.role
             join sign_ins s on s.user_id = m.user_id and s.id = $3 and s.ended_at is null
             join organizations o on o.id = m.organization_id
                and o.suspended_at is null and o.deleted_at is null
             where m.organization_id = $1 and m.user_id = $2 and m.suspended_at is null";
        self.query(sql!(
            sqlite: ACTOR,
            postgres: "select m.user_id, m.id as membership_id,
                r.key as role_key, r.name as role_name, r.description as role_description,
                r.rank as role_rank, r.permissions as role_permissions
             from memberships m
             join roles r on r.organization_id = m.organization_id and r.key = m.role
             join sign_ins s on s.user_id = m.user_id and s.id = $3 and s.ended_at is null
             join organizations o on o.id = m.organization_id
                and o.suspended_at is null and o.deleted_at is null
             where m.organization_id = $1 and m.user_id = $2 and m.suspended_at is null
             for share of s, m",
        ))
        .bind(user)
        .bind(sign_in)
        .optional()
        .await
    }

    /// Records in the audit log what this transaction does; written at the commit.
    pub fn record(&mut self, entry: Entry) {
        self.journal.record(self.organization, entry);
    }

    /// Records what this transaction does in the installation's audit log, not the organization's.
    pub fn record_outside(&mut self, entry: Entry) {
        self.journal.record(OrganizationId::OUTSIDE, entry);
    }

    /// Leaves the organization and continues in the name of `user`, keeping all changes and
    /// records: this is how one transaction moves from one organization to the next. Locks are held
    /// until it ends, so a caller that locks several organizations must do so in the order of their
    /// ids.
    pub async fn leave(mut self, user: &CurrentUser) -> Result<UnscopedTx, sqlx::Error> {
        self.tx.leave(user.id, &user.email).await?;
        Ok(UnscopedTx::of(self.tx, self.app, self.journal, self.leaves_work))
    }

    /// Writes the records and commits.
    ///
    /// # Errors
    /// When something was changed and nothing was recorded.
    pub async fn commit(mut self) -> Result<()> {
        let now = self.app.clock.now();
        self.journal.write(&mut self.tx, self.organization, now).await?;
        let journal = std::mem::replace(&mut self.journal, Journal::new(Who::system()));
        self.commit_unrecorded().await?;
        journal.tell();
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

impl Runs<TenantSql> for OrgTx {
    fn run(&mut self, sql: TenantSql) -> Query<'_> {
        self.query(sql)
    }
}
