//! What a browser carries from one page to the next and only we can have made: a pending sign-in,
//! or the challenge for a passkey. It is sealed in a cookie of its own, is valid for a few minutes,
//! and can be used once; a page that only shows it writes nothing.

use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use time::Duration;

use crate::core::factors::noun::ChallengeId;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::cookie;

/// How long a challenge is valid.
const LIFETIME: Duration = Duration::minutes(5);

/// The purpose of a challenge: its cookie's name, and the context of its seal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purpose(pub &'static str);

/// A challenge that the browser has sent back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Challenge<T> {
    id: ChallengeId,
    expires: i64,
    /// Its content.
    pub about: T,
}

/// `response`, with a challenge for the browser to carry.
pub(super) fn set<T: Serialize>(
    app: &App,
    purpose: Purpose,
    about: T,
    response: impl IntoResponse,
) -> Response {
    let expires = app.clock.now().plus(LIFETIME).as_micros();
    let challenge = Challenge { id: ChallengeId::new(), expires, about };
    let plain = serde_json::to_vec(&challenge).unwrap_or_default();
    let sealed = URL_SAFE_NO_PAD.encode(app.keyring.seal(purpose.0, &plain));
    with_cookie(app, purpose, &sealed, LIFETIME.whole_seconds() as u32, response)
}

/// `response`, which removes the challenge from the browser.
pub(super) fn clear(app: &App, purpose: Purpose, response: impl IntoResponse) -> Response {
    with_cookie(app, purpose, "", 0, response)
}

fn with_cookie(
    app: &App,
    purpose: Purpose,
    value: &str,
    max_age: u32,
    response: impl IntoResponse,
) -> Response {
    let cookie = cookie::write(purpose.0, value, max_age, &app.config);
    (AppendHeaders([(SET_COOKIE, cookie)]), response).into_response()
}

/// The challenge that the browser carries, unless it has expired.
pub(super) fn read<T: DeserializeOwned>(
    app: &App,
    purpose: Purpose,
    headers: &HeaderMap,
) -> Option<Challenge<T>> {
    let plain = cookie::read(headers, purpose.0, &app.config, |sealed| {
        app.keyring.open(purpose.0, &URL_SAFE_NO_PAD.decode(sealed).ok()?).ok()
    })?;
    let challenge: Challenge<T> = serde_json::from_slice(&plain).ok()?;
    (app.clock.now().as_micros() < challenge.expires).then_some(challenge)
}

impl<T> Challenge<T> {
    /// Uses it up; of concurrent attempts, only one succeeds.
    pub async fn spend(&self, tx: &mut UnscopedTx) -> Result<bool, sqlx::Error> {
        let spent = tx
            .query(unscoped_sql!(
                "insert into spent_challenges (id, expires_at) values ($1, $2)
                 on conflict (id) do nothing"
            ))
            .bind(self.id)
            .bind(Timestamp::from_micros(self.expires))
            .execute()
            .await?;
        Ok(spent == 1)
    }
}
