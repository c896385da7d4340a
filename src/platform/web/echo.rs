//! The answer of `/healthz` to a challenge: how the request arrived, sealed with the installation's
//! key. The doctor can open it, and so knows that this installation has answered; to anybody else
//! it reveals nothing.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderName;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::client::ClientAddress;
use crate::platform::App;
use crate::platform::secrets::{Keyring, random_bytes};

/// The context of the seal.
const CONTEXT: &str = "healthz";
/// The challenge's name in the query, and its maximum length.
const CHALLENGE: &str = "challenge";
const LONGEST: usize = 64;

/// How a request arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Echo {
    challenge: String,
    /// The address that connected: that of a proxy, if there is one.
    pub peer: Option<IpAddr>,
    /// The address that counts as the client's.
    pub client: Option<IpAddr>,
    /// The number of addresses in `X-Forwarded-For`.
    pub forwarded: usize,
}

/// A random text that is sent along, so that an answer fits only its own request.
#[derive(Debug)]
pub struct Challenge(String);

impl Challenge {
    /// Makes a new challenge.
    pub fn random() -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<24>()))
    }

    /// The path to request.
    pub fn path(&self) -> String {
        format!("/healthz?{CHALLENGE}={}", self.0)
    }

    /// How the request arrived, if `body` is the answer of an installation with this keyring.
    pub fn open(&self, keyring: &Keyring, body: &str) -> Option<Echo> {
        let sealed = body.lines().nth(1)?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let plain = keyring.open(CONTEXT, &sealed).ok()?;
        let echo: Echo = serde_json::from_slice(&plain).ok()?;
        (echo.challenge == self.0).then_some(echo)
    }
}

/// `GET /healthz`: answers as long as the process runs.
pub async fn healthz(State(app): State<App>, request: Request) -> String {
    let query = request.uri().query().unwrap_or_default();
    let challenge = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == CHALLENGE);
    let sealed = challenge
        .map(|(_, challenge)| challenge.into_owned())
        .filter(|challenge| !challenge.is_empty() && challenge.len() <= LONGEST)
        .and_then(|challenge| serde_json::to_vec(&echo(challenge, &request)).ok())
        .map(|plain| app.keyring.seal(CONTEXT, &plain));
    match sealed {
        Some(sealed) => format!("ok\n{}\n", BASE64_URL_SAFE_NO_PAD.encode(sealed)),
        None => "ok\n".to_owned(),
    }
}

fn echo(challenge: String, request: &Request) -> Echo {
    let forwarded = request.headers().get_all(HeaderName::from_static("x-forwarded-for"));
    let entries = forwarded.iter().filter_map(|value| value.to_str().ok());
    let extensions = request.extensions();
    Echo {
        challenge,
        peer: extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()),
        client: extensions.get::<ClientAddress>().map(|client| client.0),
        forwarded: entries.map(|value| value.split(',').count()).sum(),
    }
}
