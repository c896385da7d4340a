//! Known browsers: each browser in which somebody has signed in keeps a token, as long as browsers
//! keep a cookie. It distinguishes the owner of an account from strangers who guess its password:
//! attempts in a known browser count only for that browser, and a sign-in in an unknown one is
//! reported to the owner.
//!
//! The token opens nothing. Each sign-in replaces it, so that a token that was planted in the
//! browser, or copied from it, is worthless afterwards.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use time::Duration;

use super::sign_in::Device;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::Result;
use crate::platform::ids::{DeviceId, UserId};
use crate::platform::secrets::{Token, digest};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::cookie;

/// The cookie's name, without the prefix of all our cookies.
pub(in crate::platform) const COOKIE: &str = "device";
/// How long a browser stays known without a sign-in: the longest that browsers keep a cookie.
const LIFETIME: Duration = Duration::days(400);
/// The most known browsers of an account; beyond them, the least recently used is dropped.
const MOST: i64 = 50;

/// The token in the request.
pub(super) fn token_in(headers: &HeaderMap, app: &App) -> Option<Token> {
    cookie::read(headers, COOKIE, &app.config, Token::parse)
}

/// The token that a browser gets with a sign-in.
#[derive(Debug)]
#[must_use = "the browser keeps it"]
pub struct NewToken(Token);

impl NewToken {
    /// Makes a new token.
    #[expect(clippy::new_without_default, reason = "each call gives another token")]
    pub fn new() -> Self {
        Self(Token::random())
    }

    /// Adds the token's cookie to `response`.
    pub fn put_into(&self, app: &App, response: impl IntoResponse) -> Response {
        let mut response = response.into_response();
        let seconds = LIFETIME.whole_seconds() as u32;
        let cookie = cookie::write_strict(COOKIE, self.0.expose(), seconds, &app.config);
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }
}

/// An account, and the id of the browser if it is known for the account.
#[derive(Clone, Copy, Debug, FromRow)]
pub(in crate::platform) struct Found {
    pub user_id: UserId,
    pub device_id: Option<DeviceId>,
}

/// Looks up the account with `email`, and the browser among those known for it, in one statement
/// whatever exists.
pub(in crate::platform) async fn find(
    tx: &mut UnscopedTx,
    email: &str,
    device: &Device,
    now: Timestamp,
) -> Result<Option<Found>, sqlx::Error> {
    tx.query(unscoped_sql!(
        "select u.id as user_id, d.id as device_id
         from users u
         left join devices d
            on d.user_id = u.id and d.token_hash = $2 and d.last_used_at > $3
         where u.email = $1"
    ))
    .bind(email)
    .bind(hash(device.token.as_ref()))
    .bind(now.plus(-LIFETIME))
    .optional()
    .await
}

/// The digest of the token; without a token, a digest that nothing else has.
fn hash(token: Option<&Token>) -> Vec<u8> {
    token.map_or_else(|| digest(b""), Token::digest)
}

/// A browser that is now known for an account.
#[derive(Clone, Copy, Debug)]
pub struct KnownDevice {
    /// Its identifier.
    pub id: DeviceId,
    /// Whether it was known before.
    pub was_known: bool,
}

/// Gives the browser its new token, for all accounts it is known for; the old one stops working.
pub async fn renew(tx: &mut UnscopedTx, device: &Device, new: &NewToken) -> Result<()> {
    tx.query(unscoped_sql!("update devices set token_hash = $1 where token_hash = $2"))
        .bind(new.0.digest())
        .bind(hash(device.token.as_ref()))
        .execute()
        .await?;
    Ok(())
}

/// Gives the browser its new token, as [`renew`] does, and makes it known for `user`, who has just
/// authenticated.
pub async fn remember(
    tx: &mut UnscopedTx,
    user: UserId,
    device: &Device,
    new: &NewToken,
) -> Result<KnownDevice> {
    let now = tx.now();
    renew(tx, device, new).await?;
    let known: Option<(DeviceId,)> = tx
        .query(unscoped_sql!(
            "update devices set last_used_at = $1
             where user_id = $2 and token_hash = $3 and last_used_at > $4
             returning id"
        ))
        .bind(now)
        .bind(user)
        .bind(new.0.digest())
        .bind(now.plus(-LIFETIME))
        .optional()
        .await?;
    if let Some((id,)) = known {
        return Ok(KnownDevice { id, was_known: true });
    }
    let id = DeviceId::new();
    tx.query(unscoped_sql!(
        "insert into devices (id, user_id, token_hash, created_at, last_used_at)
         values ($1, $2, $3, $4, $4)
         on conflict (user_id, token_hash) do update
            set id = excluded.id, created_at = $4, last_used_at = $4"
    ))
    .bind(id)
    .bind(user)
    .bind(new.0.digest())
    .bind(now)
    .execute()
    .await?;
    tx.query(unscoped_sql!(
        "delete from devices where user_id = $1 and id in (
            select id from devices where user_id = $1
            order by last_used_at desc, id desc
            limit 1000 offset $2)"
    ))
    .bind(user)
    .bind(MOST)
    .execute()
    .await?;
    Ok(KnownDevice { id, was_known: false })
}

/// Forgets all browsers of `user` but this one.
pub async fn forget_others(tx: &mut UnscopedTx, user: UserId, kept: &KnownDevice) -> Result<()> {
    tx.query(unscoped_sql!("delete from devices where user_id = $1 and id <> $2"))
        .bind(user)
        .bind(kept.id)
        .execute()
        .await?;
    Ok(())
}

/// Forgets all browsers of `user`.
pub async fn forget_all(tx: &mut UnscopedTx, user: UserId) -> Result<()> {
    tx.query(unscoped_sql!("delete from devices where user_id = $1")).bind(user).execute().await?;
    Ok(())
}

/// Removes browsers without a sign-in for as long as their cookie lives.
pub async fn remove_idle(app: &App) -> Result<()> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!("delete from devices where last_used_at <= $1"))
        .bind(app.clock.now().plus(-LIFETIME))
        .execute()
        .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}
