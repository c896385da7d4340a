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
/// In every statement `$1` is the organization, bound here before the caller binds anything; on
/// PostgreSQL the transaction itself carries the organization too.
pub struct OrgTx {
    tx: Tx,
    organization: OrganizationId,
    app: App,
    journal: Journal,
    leaves_work: bool,
}

/// The member in whose name a transaction changes something, with the role as it is now.
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

    /// Begins a transaction that changes something inside `organization`: the door for whatever
    /// works in the background.
    pub(in crate::platform) async fn begin(
        app: &App,
        organization: OrganizationId,
        journal: Journal,
    ) -> Result<Self> {
        let scope = Scope::Organization(organization);
        let tx = app.db.begin(ReadOrWrite::Write, &scope).await?;
        Ok(Self::new(tx, organization, app.clone(), journal, false))
    }

    /// Claims the form that the running request sends, if it must do what it does once.
    ///
    /// # Errors
    /// [`crate::platform::error::AppError::SentBefore`] when it was done already.
    pub(super) async fn claim_form(&mut self, user: UserId) -> Result<()> {
        let now = self.app.clock.now();
        once::claim(&mut self.tx, &user.to_string(), now).await
    }

    /// Notes where the running request leads, for whoever sends its form again.
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

    /// Wakes the workers when this transaction is committed.
    pub(in crate::platform) fn leave_work(&mut self) {
        self.leaves_work = true;
    }

    /// The organization of this transaction.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// A statement inside the organization; bind what follows `$1`.
    pub fn query<'q>(&'q mut self, sql: TenantSql) -> Query<'q> {
        let organization = self.organization;
        self.tx.tenant_query(sql).bind(organization)
    }

    /// A statement about what belongs to no organization, from inside this one: what people send is
    /// counted over all of them. Rows of other organizations stay out of reach.
    pub(in crate::platform) fn query_outside(&mut self, sql: UnscopedSql) -> Query<'_> {
        self.tx.unscoped_query(sql)
    }

    /// Makes every other change of who belongs to this organization wait until this transaction
    /// ends. Without it two owners demote each other and none is left.
    pub async fn lock_organization(&mut self) -> Result<(), sqlx::Error> {
        self.query(sql!(
            // SQLite has let this transaction in as the only writer already.
            sqlite: "select id as organization_id from organizations where id = $1",
            postgres: "select id as organization_id from organizations where id = $1
             for no key update",
        ))
        .optional::<(OrganizationId,)>()
        .await?;
        Ok(())
    }

    /// Locks the organization for somebody who acts in it: their sign-in, if it has not ended, is locked
    /// first, in the order of [`order`](crate::platform::db::locks::order).
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

    /// `user` as an actor, unless the membership or the sign-in has ended or somebody is suspended;
    /// neither of the two can change before this transaction is over.
    pub(super) async fn actor(
        &mut self,
        user: UserId,
        sign_in: SignInId,
    ) -> Result<Option<Actor>, sqlx::Error> {
        // The two texts differ in their last line: SQLite has let this transaction in alone.
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

    /// Records what this transaction does; it is written with the commit.
    pub fn record(&mut self, entry: Entry) {
        self.journal.record(self.organization, entry);
    }

    /// Records what this transaction does to the installation, and not to the organization.
    pub fn record_outside(&mut self, entry: Entry) {
        self.journal.record(OrganizationId::OUTSIDE, entry);
    }

    /// Goes on outside organizations, in the name of `user`, with all that was done and recorded:
    /// the way from one organization to the next within one transaction. Locks are held until it
    /// ends, so that whoever takes those of several organizations takes them in the order of their
    /// ids.
    pub async fn leave(mut self, user: &CurrentUser) -> Result<UnscopedTx, sqlx::Error> {
        self.tx.leave(user.id, &user.email).await?;
        Ok(UnscopedTx::of(self.tx, self.app, self.journal, self.leaves_work))
    }

    /// Writes what was recorded, and makes the changes last.
    ///
    /// # Errors
    /// When something was changed and nothing recorded.
    pub async fn commit(mut self) -> Result<()> {
        let now = self.app.clock.now();
        self.journal.write(&mut self.tx, self.organization, now).await?;
        let journal = std::mem::replace(&mut self.journal, Journal::new(Who::system()));
        self.commit_unrecorded().await?;
        journal.tell();
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

impl Runs<TenantSql> for OrgTx {
    fn run(&mut self, sql: TenantSql) -> Query<'_> {
        self.query(sql)
    }
}
