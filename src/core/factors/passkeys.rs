//! Passkeys: keys that stay on a person's devices, and that prove by signing a challenge that the
//! person is present and has unlocked the device. `webauthn_rp` implements the ceremonies; this
//! module contains what they are bound to, and what is stored about them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use url::Url;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
    UserHandle, Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::auth::error::AuthCeremonyErr;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

use super::model::Holder;
use super::sql::{self, PasskeyKey};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{SignInId, UserId};
use crate::platform::tenant::UnscopedTx;

/// The length of a user handle, which is that of a UUID.
const HANDLE: usize = 16;

type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;
type Authentication = webauthn_rp::response::auth::DiscoverableAuthentication<HANDLE>;

/// The site that passkeys are for: the host of the base URL, on pages with exactly that origin.
pub(super) struct Site {
    rp: RpId,
    origin: String,
}

/// What is sent to the browser, and what the browser carries meanwhile.
pub(super) struct Asked {
    /// The options for `navigator.credentials`, as JSON.
    pub options: String,
    /// The ceremony, which comes back with the answer.
    pub ceremony: Ceremony,
}

/// A pending ceremony: its challenge, and what it is bound to.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ceremony {
    state: String,
    /// The account that it is for; `None` if the passkey itself says it.
    pub user: Option<UserId>,
    /// The sign-in in which it began.
    pub sign_in: Option<SignInId>,
}

/// A new passkey.
pub(super) struct NewPasskey {
    pub credential_id: Vec<u8>,
    pub public_key: Vec<u8>,
    pub state: Vec<u8>,
    pub transports: i64,
}

/// The result of checking an answer.
pub(super) enum Shown {
    /// It is this person's passkey.
    Right(UserId),
    /// The passkey is unknown, or the answer does not fit the challenge.
    Wrong,
    /// Its counter is lower than the stored one, so there may be a copy of it.
    CounterFell(UserId),
}

/// The site, if browsers can store passkeys for it, which needs a host name instead of an IP
/// address.
pub(super) fn site(app: &App) -> Option<Site> {
    let origin = app.config.origin();
    let host = Url::parse(&origin).ok()?.domain()?.to_owned();
    Some(Site { rp: RpId::Domain(AsciiDomain::try_from(host).ok()?), origin })
}

/// Asks for one of `user`'s passkeys, if there are any.
pub(super) async fn ask_of(
    app: &App,
    user: UserId,
    sign_in: Option<SignInId>,
) -> Result<Option<Asked>> {
    let Some(site) = site(app) else { return Ok(None) };
    let mut tx = UnscopedTx::read(app).await?;
    let known = sql::credentials(&mut tx, user).await?;
    tx.commit().await?;
    if known.is_empty() {
        return Ok(None);
    }
    site.ask(Some(user), sign_in).map(Some)
}

/// The owner of the passkey in the browser's answer, whether or not the answer is right.
pub(super) async fn owner(app: &App, answer: &str) -> Result<Option<UserId>> {
    let Ok(answer) = Authentication::from_json_relaxed(answer.as_bytes()) else {
        return Ok(None);
    };
    let mut tx = UnscopedTx::read(app).await?;
    let key = sql::passkey_by_credential(&mut tx, answer.raw_id().as_ref()).await?;
    tx.commit().await?;
    Ok(key.map(|key| key.user_id))
}

/// Whether browsers can store passkeys for this installation.
pub(crate) fn is_possible(app: &App) -> bool {
    site(app).is_some()
}

impl Site {
    /// Starts creating a passkey; devices that already have one of the person's are excluded.
    pub fn ask_for_new(
        &self,
        holder: &Holder,
        sign_in: SignInId,
        known: Vec<(Vec<u8>, i64)>,
    ) -> Result<Asked> {
        let handle = handle(holder.id)?;
        let email = holder.email.to_string();
        let user = PublicKeyCredentialUserEntity {
            name: Username::try_from(email.as_str())
                .or(Username::try_from("account"))
                .map_err(wrong)?,
            id: &handle,
            display_name: Nickname::try_from(holder.name.as_str()).ok(),
        };
        let known = known.into_iter().filter_map(|(id, transports)| {
            Some(PublicKeyCredentialDescriptor {
                id: CredentialId::<Vec<u8>>::decode(id).ok()?,
                transports: AuthTransports::decode(u8::try_from(transports).ok()?).ok()?,
            })
        });
        let known = known.collect();
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.rp, user, known);
        // Every use asks for the device to be unlocked, so devices that cannot enforce this
        // themselves are accepted, too.
        options.extensions.cred_protect = CredProtect::None;
        let (server, client) = options.start_ceremony().map_err(wrong)?;
        let options = serde_json::to_string(&client).map_err(wrong)?;
        let state = URL_SAFE_NO_PAD.encode(server.encode().map_err(wrong)?);
        let ceremony = Ceremony { state, user: Some(holder.id), sign_in: Some(sign_in) };
        Ok(Asked { options, ceremony })
    }

    /// The passkey in the browser's answer; `None` if the answer does not fit the challenge.
    pub fn make(&self, ceremony: &Ceremony, answer: &str) -> Option<NewPasskey> {
        let state = URL_SAFE_NO_PAD.decode(&ceremony.state).ok()?;
        let server = RegistrationServerState::<HANDLE>::decode(&state).ok()?;
        let answer = Registration::from_json_relaxed(answer.as_bytes()).ok()?;
        let options = RegistrationVerificationOptions::<'_, '_, String, String> {
            allowed_origins: std::slice::from_ref(&self.origin),
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = server.verify(&self.rp, &answer, &options);
        let made = made.inspect_err(|error| tracing::info!(%error, "passkey refused")).ok()?;
        Some(NewPasskey {
            credential_id: made.id().as_ref().to_vec(),
            public_key: made.static_state().encode().ok()?,
            state: made.dynamic_state().encode().ok()?.to_vec(),
            transports: i64::from(made.transports().encode().ok()?),
        })
    }

    /// Asks for a passkey: one of `user`'s, or anybody's.
    pub fn ask(&self, user: Option<UserId>, sign_in: Option<SignInId>) -> Result<Asked> {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.rp);
        let (server, client) = options.start_ceremony().map_err(wrong)?;
        let options = serde_json::to_string(&client).map_err(wrong)?;
        let state = URL_SAFE_NO_PAD.encode(server.encode().map_err(wrong)?);
        Ok(Asked { options, ceremony: Ceremony { state, user, sign_in } })
    }

    /// Checks the browser's answer, in the caller's transaction.
    pub async fn look_at(
        &self,
        tx: &mut UnscopedTx,
        ceremony: &Ceremony,
        answer: &str,
        now: Timestamp,
    ) -> Result<Shown> {
        let Ok(answer) = Authentication::from_json_relaxed(answer.as_bytes()) else {
            return Ok(Shown::Wrong);
        };
        let id = answer.raw_id();
        let Some(key) = sql::passkey_by_credential(tx, id.as_ref()).await? else {
            return Ok(Shown::Wrong);
        };
        if ceremony.user.is_some_and(|user| user != key.user_id) {
            return Ok(Shown::Wrong);
        }
        match self.verify(ceremony, &answer, &key) {
            Ok(state) => match sql::use_passkey(tx, &key, &state, now).await? {
                true => Ok(Shown::Right(key.user_id)),
                false => Ok(Shown::Wrong),
            },
            Err(Some(AuthCeremonyErr::SignatureCounter)) => Ok(Shown::CounterFell(key.user_id)),
            Err(error) => {
                tracing::info!(?error, "passkey refused");
                Ok(Shown::Wrong)
            }
        }
    }

    /// The passkey's state after this use.
    fn verify(
        &self,
        ceremony: &Ceremony,
        answer: &Authentication,
        key: &PasskeyKey,
    ) -> Result<Vec<u8>, Option<AuthCeremonyErr>> {
        let state = URL_SAFE_NO_PAD.decode(&ceremony.state).map_err(|_| None)?;
        let server = DiscoverableAuthenticationServerState::decode(&state).map_err(|_| None)?;
        let handle = handle(key.user_id).map_err(|_| None)?;
        let fixed = StaticState::<PublicKey>::decode(&key.public_key).map_err(|_| None)?;
        let moving = key.state.as_slice().try_into().map_err(|_| None)?;
        let moving = DynamicState::decode(moving).map_err(|_| None)?;
        let mut known = AuthenticatedCredential::new(answer.raw_id(), &handle, fixed, moving)
            .map_err(|_| None)?;
        let options = AuthenticationVerificationOptions::<'_, '_, String, String> {
            allowed_origins: std::slice::from_ref(&self.origin),
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        server.verify(&self.rp, answer, &mut known, &options).map_err(Some)?;
        Ok(known.dynamic_state().encode().map_err(|_| None)?.to_vec())
    }
}

/// The user handle of an account: its id, which reveals nothing about the person.
fn handle(user: UserId) -> Result<UserHandle<HANDLE>> {
    UserHandle::decode(user.uuid().into_bytes()).map_err(|_| AppError::internal("a user handle"))
}

fn wrong(error: impl std::fmt::Debug) -> AppError {
    AppError::internal(format!("{error:?}"))
}
