//! Sign-ins: starting one, and ending one, all others or all.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use tower_sessions::{Expiry, Session};

use super::known;
use super::limits::{self, LIFETIME, LIFETIME_KEPT};
use crate::platform::App;
use crate::platform::audit::action::SIGN_IN_ENDED;
use crate::platform::audit::object;
use crate::platform::audit::{Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::{FromRow, Type};
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{RequestId, SignInId, UserId};
use crate::platform::secrets::{Token, digest};
use crate::platform::telemetry;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::client::ClientAddress;

/// The longest `User-Agent` that is kept; any browser's is shorter.
const USER_AGENT_LENGTH: usize = 400;

/// The digest that identifies the sign-in of a session.
#[derive(Clone, Debug, Type)]
#[sqlx(transparent)]
pub struct SessionKey(Vec<u8>);

impl SessionKey {
    /// The key of the request's session; `None` if it has none.
    pub fn of(session: &Session) -> Option<Self> {
        session.id().map(|id| Self(digest(&id.0.to_le_bytes())))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What is known about the browser that sends a request.
#[derive(Clone, Debug)]
pub struct Device {
    /// The network address of the request.
    pub address: IpAddr,
    /// Its `User-Agent`.
    pub user_agent: String,
    /// The id of the request.
    pub request_id: Option<RequestId>,
    /// The token from an earlier sign-in ([`known`]).
    pub token: Option<Token>,
}

impl Device {
    /// The browser that sent the request.
    pub fn of(parts: &Parts, app: &App) -> Self {
        let client = parts.extensions.get::<ClientAddress>();
        let address = client.map_or(IpAddr::from([0, 0, 0, 0]), |client| client.0);
        let user_agent = parts
            .headers
            .get(USER_AGENT)
            .map(|agent| String::from_utf8_lossy(agent.as_bytes()))
            .unwrap_or_default()
            .chars()
            .filter(|character| !character.is_control())
            .take(USER_AGENT_LENGTH)
            .collect();
        let request_id = parts.extensions.get::<telemetry::RequestId>().and_then(|id| id.id());
        let token = known::token_in(&parts.headers, app);
        Self { address: address.to_canonical(), user_agent, request_id, token }
    }
}

/// For a [`CurrentUser`](super::CurrentUser) before the request is known.
impl Default for Device {
    fn default() -> Self {
        let address = IpAddr::from([0, 0, 0, 0]);
        Self { address, user_agent: String::new(), request_id: None, token: None }
    }
}

impl FromRequestParts<App> for Device {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Self::of(parts, app))
    }
}

/// A sign-in that has just been ended, and its owner.
#[derive(FromRow)]
pub(super) struct Ended {
    pub id: SignInId,
    pub user_id: UserId,
    pub name: String,
    pub email: EmailAddress,
}

/// Gives the session a new id, so that one planted before signing in is worthless afterwards.
///
/// It writes through the session store: call it before beginning a transaction, because SQLite has
/// only one writer.
pub async fn renew(session: &Session, keep: bool) -> Result<SessionKey> {
    session.cycle_id().await?;
    session.set_expiry(keep.then_some(Expiry::OnInactivity(LIFETIME_KEPT)));
    session.save().await?;
    SessionKey::of(session).ok_or_else(|| AppError::internal("a saved session has an id"))
}

/// A new sign-in.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// The new session.
    pub key: &'a SessionKey,
    /// The session before it, whose sign-in is ended.
    pub replaced: Option<SessionKey>,
    /// The browser.
    pub device: &'a Device,
    /// Whether "keep me signed in" was chosen.
    pub keep: bool,
    /// What the person has presented, in words that follow "by".
    pub with: &'static str,
}

/// Records that `user` has signed in, in the caller's transaction. If the account now has too many
/// sign-ins, the least recently used one is ended.
pub async fn start(
    tx: &mut UnscopedTx,
    user: UserId,
    new_session: NewSession<'_>,
    now: Timestamp,
) -> Result<()> {
    let NewSession { key, replaced, device, keep, with } = new_session;
    tx.lock_person(user).await?;
    if let Some(replaced) = replaced {
        tx.query(unscoped_sql!(
            "update sign_ins set ended_at = $1 where session_hash = $2 and ended_at is null"
        ))
        .bind(now)
        .bind(replaced)
        .execute()
        .await?;
    }
    let id = SignInId::new();
    let lifetime = if keep { LIFETIME_KEPT } else { LIFETIME };
    tx.query(unscoped_sql!(
        "insert into sign_ins
            (id, user_id, session_hash, created_at, last_seen_at, stepped_up_at, expires_at, kept,
             address, user_agent, signed_in_with)
         values ($1, $2, $3, $4, $4, $4, $5, $6, $7, $8, $9)"
    ))
    .bind(id)
    .bind(user)
    .bind(key)
    .bind(now)
    .bind(now.plus(lifetime))
    .bind(keep)
    .bind(device.address.to_string())
    .bind(&device.user_agent)
    .bind(with)
    .execute()
    .await?;
    limits::end_surplus(tx, user, id, now).await
}

/// Stores in the caller's transaction that the person has authenticated again. The sign-in now
/// belongs to the session `key`, and its previous session opens nothing.
pub async fn step_up(
    tx: &mut UnscopedTx,
    sign_in: SignInId,
    key: &SessionKey,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(unscoped_sql!(
        "update sign_ins set session_hash = $1, stepped_up_at = $2
         where id = $3 and ended_at is null"
    ))
    .bind(key)
    .bind(now)
    .bind(sign_in)
    .execute()
    .await?;
    Ok(())
}

/// Ends the sign-in of this session, and the session.
pub async fn sign_out(app: &App, session: &Session, device: &Device) -> Result<()> {
    if let Some(key) = SessionKey::of(session) {
        let mut tx = UnscopedTx::write(app).await?.from(device);
        let ended: Option<Ended> = tx
            .query(unscoped_sql!(
                "update sign_ins set ended_at = $1 where session_hash = $2 and ended_at is null
                 returning id, user_id,
                    (select name from users u where u.id = sign_ins.user_id) as name,
                    (select email from users u where u.id = sign_ins.user_id) as email"
            ))
            .bind(app.clock.now())
            .bind(key)
            .optional()
            .await?;
        if let Some(ended) = ended {
            tx.acting(ended.user_id, &ended.name, &ended.email);
            tx.record(
                Entry::new(
                    SIGN_IN_ENDED,
                    Object::new(object::SIGN_IN, ended.id.uuid(), ended.email.to_string()),
                )
                .person(ended.user_id),
            );
        }
        tx.commit().await?;
    }
    session.flush().await?;
    Ok(())
}

/// Ends all sign-ins of `user`, whom it locks first: it waits for a sign-in that is just starting,
/// and ends that, too. Returns how many it ended.
pub async fn end_all(tx: &mut UnscopedTx, user: UserId, now: Timestamp) -> Result<u64> {
    tx.lock_person(user).await?;
    let ended = tx
        .query(unscoped_sql!(
            "update sign_ins set ended_at = $1 where user_id = $2 and ended_at is null"
        ))
        .bind(now)
        .bind(user)
        .execute()
        .await?;
    Ok(ended)
}

/// Ends all sign-ins of `user` but `kept`. Returns how many it ended.
pub async fn end_others(
    tx: &mut UnscopedTx,
    user: UserId,
    kept: SignInId,
    now: Timestamp,
) -> Result<u64> {
    let ended = tx
        .query(unscoped_sql!(
            "update sign_ins set ended_at = $1
             where user_id = $2 and id <> $3 and ended_at is null"
        ))
        .bind(now)
        .bind(user)
        .bind(kept)
        .execute()
        .await?;
    Ok(ended)
}

/// Ends all sign-ins of all people but `kept`. Returns how many it ended.
pub async fn end_everybodys(
    tx: &mut UnscopedTx,
    kept: Option<SignInId>,
    now: Timestamp,
) -> Result<u64> {
    let ended = tx
        .query(unscoped_sql!(
            "update sign_ins set ended_at = $1
             where ended_at is null and id is distinct from $2"
        ))
        .bind(now)
        .bind(kept)
        .execute()
        .await?;
    Ok(ended)
}
