//! The signed-in person, checked on every request.

use std::sync::Arc;

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
use crate::platform::tenant::switcher::{self, Switcher};
use crate::platform::web::frame::Frame;
use crate::platform::web::look::Look;
use crate::platform::web::{Shell, htmx};
use time::Duration;

/// How long an authentication counts for sensitive actions.
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
    /// When a link confirmed the address; `None` until then.
    pub email_verified_at: Option<Timestamp>,
    /// The sign-in of this request.
    pub sign_in_id: SignInId,
    /// The organization that `/` redirects to.
    pub last_organization_id: Option<OrganizationId>,
    /// Whether the person is an operator.
    pub is_operator: bool,
    /// Whether the account requires a second factor to sign in.
    pub has_factor: bool,
    /// The person's picture.
    pub picture: Option<PictureId>,
    /// How pages look to the person.
    #[sqlx(flatten)]
    pub look: Look,
    /// The browser that sends the request.
    #[sqlx(skip)]
    pub device: Device,
    /// The person's organizations, for the layout of pages outside organizations.
    #[sqlx(skip)]
    pub switcher: Arc<Switcher>,
    pub(super) last_seen_at: Timestamp,
    expires_at: Timestamp,
    kept: bool,
    stepped_up_at: Option<Timestamp>,
}

impl CurrentUser {
    /// Whether the address is confirmed: the person receives its mail.
    pub fn is_verified(&self) -> bool {
        self.email_verified_at.is_some()
    }

    /// Begins a transaction that changes something in this person's name, and locks them. The
    /// sign-in is checked again inside it: a request in flight changes nothing if its sign-in has
    /// ended.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] when it has ended.
    pub async fn write(&self, app: &App) -> Result<UnscopedTx> {
        let mut tx = self.write_unheld(app).await?;
        tx.claim_form(self.id).await?;
        self.hold(&mut tx).await?;
        Ok(tx)
    }

    /// Begins a transaction that changes something in this person's name without a sign-in, for
    /// somebody who has proved themselves in another way, such as with an emailed link. It locks
    /// nobody yet.
    pub async fn write_unheld(&self, app: &App) -> Result<UnscopedTx, sqlx::Error> {
        UnscopedTx::write_as(app, self).await
    }

    /// Keeps the sign-in from ending before the transaction does. It locks the person first and
    /// then the sign-in, like all code that starts or ends sign-ins: the other order could deadlock
    /// two requests of the same person.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] when it has ended.
    async fn hold(&self, tx: &mut UnscopedTx) -> Result<()> {
        tx.lock_person(self.id).await?;
        // An update, because it locks the row on both engines.
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

    /// This person as an actor in the audit log, in the capacity of `kind`.
    pub fn who(&self, kind: ActorKind) -> Who {
        Who {
            kind,
            id: Some(self.id),
            name: self.name.clone(),
            email: self.email.to_string(),
            device: Some(self.device.clone()),
        }
    }

    /// Whether the sign-in survives closing the browser ("keep me signed in").
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// Whether the person has recently authenticated.
    pub fn recently_proved(&self, now: Timestamp) -> bool {
        self.stepped_up_at.is_some_and(|at| now.since(at) < PROOF_LASTS)
    }

    /// Guards what only the owner of the address may do: anybody can sign up with any address, and
    /// must not leave traps in the account for the owner. Where no mail is sent, nobody can confirm
    /// an address, and nobody has to.
    ///
    /// # Errors
    /// [`AppError::AddressUnproved`] when the address is not confirmed yet.
    pub fn require_verified(&self, app: &App) -> Result<()> {
        if self.is_verified() || !outbox::is_sent(app) {
            return Ok(());
        }
        Err(AppError::AddressUnproved)
    }

    /// Guards what must not be done in a browser that was left open: asks the person to
    /// authenticate unless they have done so recently, and redirects to `next` afterwards.
    ///
    /// # Errors
    /// [`AppError::StepUp`] when they have to authenticate again.
    pub fn require_proof(&self, now: Timestamp, next: &str) -> Result<()> {
        if self.recently_proved(now) {
            return Ok(());
        }
        Err(AppError::StepUp { next: next.to_owned(), person: Box::new(self.clone()) })
    }

    /// The owner of the request's session.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] when there is none, or the sign-in has ended or expired.
    pub(in crate::platform) async fn load(
        parts: &mut Parts,
        app: &App,
        tx: &mut UnscopedTx,
    ) -> Result<Self> {
        Self::find(parts, app, tx)
            .await?
            .ok_or_else(|| AppError::SignedOut { next: return_path(parts) })
    }

    pub(super) async fn find(
        parts: &mut Parts,
        app: &App,
        tx: &mut UnscopedTx,
    ) -> Result<Option<Self>> {
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
                        (select q.id from pictures q where q.user_id = u.id) as picture,
                        u.theme, u.density, u.shortcuts
                 from sign_ins s
                 join users u on u.id = s.user_id and u.suspended_at is null
                 where s.session_hash = $1 and s.ended_at is null",
                // From here on, this person's own memberships can be looked up.
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
                        u.theme, u.density, u.shortcuts,
                        set_config('app.user_id', u.id::text, true),
                        set_config('app.user_email', u.email, true)
                 from sign_ins s
                 join users u on u.id = s.user_id and u.suspended_at is null
                 where s.session_hash = $1 and s.ended_at is null",
            ))
            .bind(key)
            .optional()
            .await?;
        Ok(user.filter(|user| user.is_current(app.clock.now())).map(|user| {
            telemetry::asked_by(&parts.extensions, user.id);
            user.look.set();
            Self { device: Device::of(parts, app), ..user }
        }))
    }

    /// The owner of this account, for code that acts in their name without a sign-in, because a
    /// link allows it.
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
                            as picture, u.theme, u.density, u.shortcuts
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

/// Where to go after signing in: the requested page, or the page that sent the request.
pub(in crate::platform) fn return_path(parts: &Parts) -> String {
    if let Some(page) = htmx::current_page(&parts.headers) {
        return page;
    }
    match parts.method {
        Method::GET => parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        // The typed values are lost with the session.
        _ => "/".to_owned(),
    }
}

impl FromRequestParts<App> for CurrentUser {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let mut tx = UnscopedTx::read(app).await?;
        let mut user = Self::load(parts, app, &mut tx).await?;
        if htmx::wants_page(&parts.headers) {
            user.switcher = switcher::outside(&mut tx, &user, app.clock.now()).await?;
        }
        tx.commit().await?;
        Frame::set(&parts.extensions, Shell::signed_in(&user));
        app.presence.seen(Seen::outside_organizations(&user, app.clock.now()));
        Ok(user)
    }
}
