//! The signed-in person, read fresh on every request.

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use tower_sessions::Session;

use super::limits::is_idle;
use super::presence::Seen;
use super::sign_in::{Device, SessionKey};
use crate::platform::App;
use crate::platform::audit::{ActorKind, Who};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{OrganizationId, PictureId, SignInId, UserId};
use crate::platform::mail::outbox;
use crate::platform::telemetry;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::htmx;
use time::Duration;

/// How long a proof of who somebody is lasts for what is sensitive.
const PROOF_LASTS: Duration = Duration::minutes(10);

/// The person who sends the request.
#[derive(Clone, Debug, FromRow)]
pub struct CurrentUser {
    /// The account.
    #[sqlx(rename = "user_id")]
    pub id: UserId,
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: EmailAddress,
    /// When the address was proved by a link; `None` until then.
    pub email_verified_at: Option<Timestamp>,
    /// The sign-in this request came with.
    pub sign_in_id: SignInId,
    /// Where `/` leads.
    pub last_organization_id: Option<OrganizationId>,
    /// Whether the person runs the installation.
    pub is_operator: bool,
    /// Whether a sign-in asks for a second factor, too.
    pub has_factor: bool,
    /// The person's picture.
    pub picture: Option<PictureId>,
    /// The browser that sends the request.
    #[sqlx(skip)]
    pub device: Device,
    pub(super) last_seen_at: Timestamp,
    expires_at: Timestamp,
    kept: bool,
    stepped_up_at: Option<Timestamp>,
}

impl CurrentUser {
    /// Whether the person has proved to receive mail at the address.
    pub fn is_verified(&self) -> bool {
        self.email_verified_at.is_some()
    }

    /// Begins a transaction that changes something in this person's name, whom it locks. The sign-in
    /// is checked again inside it: a request that was on its way when it was ended changes nothing.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] when it has ended.
    pub async fn write(&self, app: &App) -> Result<UnscopedTx> {
        let mut tx = self.write_unheld(app).await?;
        tx.claim_form(self.id).await?;
        self.hold(&mut tx).await?;
        Ok(tx)
    }

    /// Begins a transaction that changes something in the name of this person without a sign-in, for
    /// somebody who has shown something else: a link that was mailed, say.
    /// Nobody is locked yet.
    pub async fn write_unheld(&self, app: &App) -> Result<UnscopedTx, sqlx::Error> {
        UnscopedTx::write_as(app, self).await
    }

    /// Sees to it that the sign-in does not end before the transaction does. It locks the person
    /// first and then the sign-in, as whatever ends or begins sign-ins does: two requests of one
    /// person that took them the other way round would wait for each other.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] when it has ended.
    async fn hold(&self, tx: &mut UnscopedTx) -> Result<()> {
        tx.lock_person(self.id).await?;
        // An update, because it locks the row on either engine.
        let held: Option<(SignInId,)> = tx
            .query(unscoped_sql!(
                "update sign_ins set ended_at = null where id = $1 and ended_at is null
                 returning id"
            ))
            .bind(self.sign_in_id)
            .optional()
            .await?;
        match held {
            None => Err(AppError::SignedOut { next: "/".to_owned() }),
            Some(_) => Ok(()),
        }
    }

    /// Begins a transaction that reads what this person may look up outside organizations: their
    /// own memberships, and the invitations to their address.
    pub async fn read(&self, app: &App) -> Result<UnscopedTx, sqlx::Error> {
        UnscopedTx::read_as(app, self).await
    }

    /// This person in the audit log, as what they act.
    pub fn who(&self, kind: ActorKind) -> Who {
        Who {
            kind,
            id: Some(self.id),
            name: self.name.clone(),
            email: self.email.to_string(),
            device: Some(self.device.clone()),
        }
    }

    /// Whether this sign-in is kept ("keep me signed in").
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// Whether the person has shown who they are a moment ago, at this browser.
    pub fn recently_proved(&self, now: Timestamp) -> bool {
        self.stepped_up_at.is_some_and(|at| now.since(at) < PROOF_LASTS)
    }

    /// For what only the owner of the address may do: anybody can sign up with any address, and what
    /// they leave in the account must not wait there for its owner. Where no mail is sent, nobody can
    /// prove an address, and nobody has to.
    ///
    /// # Errors
    /// [`AppError::AddressUnproved`] when no link has shown it yet.
    pub fn require_verified(&self, app: &App) -> Result<()> {
        if self.is_verified() || !outbox::is_sent(app) {
            return Ok(());
        }
        Err(AppError::AddressUnproved)
    }

    /// For what a browser that was left open must not do: asks the person who they are, unless
    /// they have shown it a moment ago, and leads to `next` afterwards.
    ///
    /// # Errors
    /// [`AppError::StepUp`] when they have to show it again.
    pub fn require_proof(&self, now: Timestamp, next: &str) -> Result<()> {
        if self.recently_proved(now) {
            return Ok(());
        }
        Err(AppError::StepUp { next: next.to_owned(), person: Box::new(self.clone()) })
    }

    /// The person that the request's session belongs to.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] when there is none, or the sign-in has ended or run out.
    pub(in crate::platform) async fn load(
        parts: &mut Parts,
        app: &App,
        tx: &mut UnscopedTx,
    ) -> Result<Self> {
        Self::find(parts, app, tx)
            .await?
            .ok_or_else(|| AppError::SignedOut { next: return_path(parts) })
    }

    async fn find(parts: &mut Parts, app: &App, tx: &mut UnscopedTx) -> Result<Option<Self>> {
        let session = parts.extensions.get::<Session>();
        let Some(key) = session.and_then(SessionKey::of) else {
            return Ok(None);
        };
        let user: Option<Self> = tx
            .query(unscoped_sql!(
                sqlite: "select u.id as user_id, u.name, u.email, u.email_verified_at,
                        s.id as sign_in_id, s.last_organization_id, s.last_seen_at, s.expires_at,
                        s.kept, s.stepped_up_at,
                        exists (select 1 from operators o where o.user_id = u.id) as is_operator,
                        (exists (select 1 from totp_factors f
                                 where f.user_id = u.id and f.confirmed_at is not null
                                    and f.removed_at is null)
                         or exists (select 1 from passkeys p
                                    where p.user_id = u.id and p.removed_at is null)) as has_factor,
                        (select q.id from pictures q where q.user_id = u.id) as picture
                 from sign_ins s
                 join users u on u.id = s.user_id and u.suspended_at is null
                 where s.session_hash = $1 and s.ended_at is null",
                // From here on this person's own memberships can be looked up.
                postgres: "select u.id as user_id, u.name, u.email, u.email_verified_at,
                        s.id as sign_in_id, s.last_organization_id, s.last_seen_at, s.expires_at,
                        s.kept, s.stepped_up_at,
                        exists (select 1 from operators o where o.user_id = u.id) as is_operator,
                        (exists (select 1 from totp_factors f
                                 where f.user_id = u.id and f.confirmed_at is not null
                                    and f.removed_at is null)
                         or exists (select 1 from passkeys p
                                    where p.user_id = u.id and p.removed_at is null)) as has_factor,
                        (select q.id from pictures q where q.user_id = u.id) as picture,
                        set_config('app.user_id', u.id::text, true),
                        set_config('app.user_email', u.email, true)
                 from sign_ins s
                 join users u on u.id = s.user_id and u.suspended_at is null
                 where s.session_hash = $1 and s.ended_at is null",
            ))
            .bind(key)
            .optional()
            .await?;
        let user = user.filter(|user| user.is_current(app.clock.now()));
        if let Some(user) = &user {
            telemetry::asked_by(&parts.extensions, user.id);
        }
        Ok(user.map(|user| Self { device: Device::of(parts, app), ..user }))
    }

    /// The person with this account, for whoever acts as them without being signed in, because a link
    /// says that they may.
    pub async fn unsigned(
        tx: &mut UnscopedTx,
        id: UserId,
        device: &Device,
    ) -> Result<Option<Self>, sqlx::Error> {
        let user: Option<Self> = tx
            .query(unscoped_sql!(
                "select u.id as user_id, u.name, u.email, u.email_verified_at, u.id as sign_in_id,
                        cast(null as uuid) as last_organization_id, u.created_at as last_seen_at,
                        u.created_at as expires_at, false as kept,
                        cast(null as timestamptz) as stepped_up_at, false as is_operator,
                        false as has_factor, (select q.id from pictures q where q.user_id = u.id)
                            as picture
                 from users u
                 where u.id = $1 and u.deleted_at is null"
            ))
            .bind(id)
            .optional()
            .await?;
        Ok(user.map(|user| Self { device: device.clone(), ..user }))
    }

    fn is_current(&self, now: Timestamp) -> bool {
        now < self.expires_at && !is_idle(self.last_seen_at, self.kept, now)
    }
}

/// Where to go after signing in, or after whatever else was asked for on the way: the page that was asked for, or the one that sent the request.
pub(in crate::platform) fn return_path(parts: &Parts) -> String {
    if let Some(page) = htmx::current_page(&parts.headers) {
        return page;
    }
    match parts.method {
        Method::GET => parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        // What was typed is lost with the session; at least the page is not.
        _ => "/".to_owned(),
    }
}

impl FromRequestParts<App> for CurrentUser {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let mut tx = UnscopedTx::read(app).await?;
        let user = Self::load(parts, app, &mut tx).await?;
        tx.commit().await?;
        app.presence.seen(Seen::outside_organizations(&user, app.clock.now()));
        Ok(user)
    }
}

/// The person who sends the request, if anybody is signed in.
#[derive(Clone, Debug)]
pub struct MaybeUser(pub Option<CurrentUser>);

impl FromRequestParts<App> for MaybeUser {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let has_session = parts.extensions.get::<Session>().is_some_and(|s| s.id().is_some());
        if !has_session {
            return Ok(Self(None));
        }
        let mut tx = UnscopedTx::read(app).await?;
        let user = CurrentUser::find(parts, app, &mut tx).await?;
        tx.commit().await?;
        Ok(Self(user))
    }
}
