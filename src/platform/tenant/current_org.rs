//! The extractor that guards every handler of an organization.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;

use super::admission::{Admitted, elsewhere, forbidden, in_small_letters};
use super::bell;
use super::org_tx::{Actor, OrgTx};
use super::permission::{AnyMember, Permission, Proof};
use super::role::Role;
use super::switcher::{self, Before, Switcher};
use super::unscoped::UnscopedTx;
use super::visit::{self, Visit};
use crate::platform::App;
use crate::platform::audit::refusals::RefusalContext;
use crate::platform::audit::{ActorKind, Journal, Who};
use crate::platform::clock::Timestamp;
use crate::platform::db::{ReadOrWrite, Scope};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, OrganizationId};
use crate::platform::module::Section;
use crate::platform::session::CurrentUser;
use crate::platform::session::presence::Seen;
use crate::platform::telemetry;
use crate::platform::web::body::Large;
use crate::platform::web::frame::Frame;
use crate::platform::web::path;
use crate::platform::web::shell::Shell;

/// The organization in the path, for a signed-in member whose role includes `P`.
///
/// Anybody who is not a member gets the 404 of an organization that does not exist; a member whose
/// role lacks the permission gets a 403 that names who can help.
#[derive(Clone)]
pub struct CurrentOrg<P: Proof = AnyMember> {
    context: Context,
    proof: PhantomData<P>,
}

/// What a handler knows about its organization and its caller.
#[derive(Clone)]
pub struct Context {
    /// The running application.
    pub app: App,
    /// The organization.
    pub organization: Organization,
    /// The signed-in person.
    pub user: CurrentUser,
    /// The person's membership and role, read for this request.
    pub membership: Membership,
    /// The time of this request.
    pub now: Timestamp,
    /// The operator's visit, if the caller is an operator and not a member.
    pub visit: Option<Visit>,
    /// How much in the member's inbox is unread, if a whole page of the organization is asked for.
    pub unread: Option<i64>,
    switcher: Arc<Switcher>,
    begun: Begun,
}

/// The transaction in which the request found its organization; the handler's first read reuses it.
#[derive(Default)]
struct Begun(Mutex<Option<OrgTx>>);

impl Begun {
    fn take(&self) -> Option<OrgTx> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn give_back(&self, tx: OrgTx) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tx);
    }
}

/// There is only one transaction: a clone starts without it and begins its own.
impl Clone for Begun {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// An organization, as its pages name it.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its identifier.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its address: `/orgs/{slug}`.
    pub slug: String,
}

impl Organization {
    /// A path inside the organization: `path("/members")`.
    pub fn path(&self, rest: &str) -> String {
        format!("/orgs/{}{rest}", self.slug)
    }
}

/// The signed-in person's membership.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Its identifier.
    pub id: MembershipId,
    /// The role at the time of the request.
    pub role: Role,
}

impl<P: Proof> Deref for CurrentOrg<P> {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

impl Context {
    /// The layout around a page of `section`.
    pub fn shell(&self, section: Section) -> Shell {
        Shell::in_organization(self, &self.switcher, section)
    }

    /// A transaction that reads the organization's rows: the one in which the request found it, or
    /// a new one if that has been taken.
    pub async fn read(&self) -> Result<OrgTx> {
        if let Some(tx) = self.begun.take() {
            return Ok(tx);
        }
        let organization = self.organization.id;
        let scope = Scope::Organization(organization);
        let tx = self.app.db.begin(ReadOrWrite::Read, &scope).await?;
        Ok(OrgTx::new(tx, organization, self.app.clone(), Journal::new(self.who()), false))
    }

    /// Returns the transaction from [`read`](Self::read), so that the next reader reuses it.
    pub fn read_on(&self, tx: OrgTx) {
        self.begun.give_back(tx);
    }

    /// The caller, for the audit log.
    fn who(&self) -> Who {
        self.user.who(match self.visit {
            Some(_) => ActorKind::Operator,
            None => ActorKind::Member,
        })
    }

    /// Why there is no actor any more: the sign-in, the visit or the membership has ended.
    async fn lost(&self) -> AppError {
        match self.user.write(&self.app).await {
            Ok(_) if self.visit.as_ref().is_some_and(|visit| !visit.may_write) => {
                AppError::Refused(visit::ONLY_LOOKS.into())
            }
            Ok(_) => AppError::NotFound,
            Err(error) => error,
        }
    }

    async fn actor(&self, tx: &mut OrgTx) -> Result<Option<Actor>, sqlx::Error> {
        let sign_in = self.user.sign_in_id;
        match &self.visit {
            Some(visit) => visit::actor(tx, visit, sign_in, self.now).await,
            None => tx.actor(self.user.id, sign_in).await,
        }
    }

    async fn write_as(&self, lock: bool, needs: Option<Permission>) -> Result<(OrgTx, Actor)> {
        // It would see old rows, and hold a second connection.
        drop(self.begun.take());
        let journal = Journal::new(self.who());
        let mut tx = OrgTx::begin(&self.app, self.organization.id, journal).await?;
        // Before any lock: a second sending of the same form waits for the first, and for nothing
        // else.
        tx.claim_form(self.user.id).await?;
        if lock {
            tx.lock_organization_for(self.user.sign_in_id).await?;
        }
        let mut actor = self.actor(&mut tx).await?;
        if actor.is_none() {
            // On PostgreSQL, a statement that has waited for a row sees its new version, but joins
            // it with the old versions of other rows. It finds nothing if the person's role was
            // changed meanwhile; the next statement does find it.
            actor = self.actor(&mut tx).await?;
        }
        let Some(actor) = actor else {
            // SQLite has a single writer: end this transaction before the next one asks why.
            drop(tx);
            return Err(self.lost().await);
        };
        match needs {
            Some(permission) if !actor.role.can(permission) => {
                Err(forbidden(&mut tx, permission).await?)
            }
            _ => Ok((tx, actor)),
        }
    }
}

impl<P: Proof> CurrentOrg<P> {
    /// Begins a transaction that changes the organization's rows in the name of the actor.
    /// Membership and permission are checked again inside it: a request in flight changes nothing
    /// if its sender was removed or demoted meanwhile.
    pub async fn write(&self) -> Result<(OrgTx, Actor)> {
        self.context.write_as(false, P::NEEDS).await
    }

    /// Begins a transaction that changes who belongs to the organization, and makes other such
    /// transactions wait until it ends. Membership and permission are checked again inside it.
    pub async fn write_locked(&self) -> Result<(OrgTx, Actor)> {
        self.context.write_as(true, P::NEEDS).await
    }
}

impl<P: Proof> FromRequestParts<App> for CurrentOrg<P> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let slug = path::param(parts, app, "slug").await?;
        if let Some(path) = in_small_letters(&slug, &parts.uri) {
            return Err(AppError::Moved(path));
        }
        let mut tx = UnscopedTx::read(app).await?;
        let user = CurrentUser::load(parts, app, &mut tx).await?;
        let now = app.clock.now();
        let switcher = Arc::new(switcher::load(&mut tx, &user, Before::Slug(&slug), now).await?);
        let current = switcher.organizations.first().filter(|entry| entry.slug == slug);
        let admitted = match current {
            Some(entry) => Admitted::member(entry, &user, parts),
            #[cfg(feature = "prove")]
            None if crate::platform::prove::everybody_is_an_owner() => {
                Admitted::for_a_proof(&mut tx, &slug).await?
            }
            None => match visit::find(&mut tx, &user, &slug, now).await? {
                Some(found) => Admitted::operator(found, &user, parts),
                None => {
                    refusal_context(parts)
                        .set(OrganizationId::OUTSIDE, user.who(ActorKind::Person));
                    let mut user = user;
                    user.switcher = switcher;
                    Frame::set(&parts.extensions, Shell::signed_in(&user));
                    return Err(elsewhere(&mut tx, &user, &slug, &parts.uri).await?);
                }
            },
        };
        let Admitted { organization, membership, visit, lockout } = admitted;
        let id = organization.id;
        let mut context = Context {
            app: app.clone(),
            organization,
            user,
            membership,
            now,
            visit,
            unread: None,
            switcher,
            begun: Begun::default(),
        };
        telemetry::asked_in(&parts.extensions, id);
        refusal_context(parts).set(id, context.who());
        if lockout.is_none() {
            let section = Section::around(parts.uri.path());
            Frame::set(&parts.extensions, context.shell(section));
        }
        let changes_something = !matches!(parts.method, Method::GET | Method::HEAD);
        match P::NEEDS {
            _ if let Some(lockout) = lockout => return Err(lockout),
            _ if changes_something && context.visit.as_ref().is_some_and(|v| !v.may_write) => {
                return Err(AppError::Refused(visit::ONLY_LOOKS.into()));
            }
            Some(permission) if !context.membership.role.can(permission) => {
                if let Some(visit) = &context.visit {
                    return Err(AppError::Refused(visit.refusal().into()));
                }
                let mut tx = tx.enter(id).await?;
                return Err(forbidden(&mut tx, permission).await?);
            }
            // A long upload or download takes a connection only when it needs one.
            _ if parts.extensions.get::<Large>().is_some() => tx.commit().await?,
            _ => {
                let mut tx = tx.enter(id).await?;
                context.unread = bell::count(&mut tx, &context, parts).await?;
                context.read_on(tx);
            }
        }
        if context.visit.is_none() {
            app.presence.seen(Seen::in_organization(&context.user, id, context.membership.id, now));
        }
        Ok(Self { context, proof: PhantomData })
    }
}

/// Where the refusals of this request are recorded.
fn refusal_context(parts: &Parts) -> RefusalContext {
    parts.extensions.get::<RefusalContext>().cloned().unwrap_or_default()
}
