//! The commands for second factors.

use serde_json::json;

use super::challenge::Challenge;
use super::model::{APP, FactorId, Holder, Kind, PASSKEY, factor_name};
use super::noun::{
    FACTOR_ADDED, FACTOR_REMOVED, FACTOR_RENAMED, RECOVERY_CODES_MADE, TotpFactorId,
};
use super::passkeys::{Ceremony, site};
use super::sql::{self, Added};
use super::totp::Seed;
use super::{mail, recovery};
use crate::core::accounts::{self, Tab};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::noun::Refusal;
use crate::platform::session::{self, CurrentUser};
use crate::platform::tenant::UnscopedTx;
use crate::platform::text::code;
use crate::platform::web::FieldErrors;

/// The most apps of an account.
const MOST_APPS: usize = 10;

/// Requires the authentication that every change of factors, except a new name, needs.
///
/// # Errors
/// [`AppError::StepUp`] unless the person has recently authenticated.
fn require_proof(app: &App, user: &CurrentUser) -> Result<()> {
    user.require_proof(app.clock.now(), Tab::Security.path())
}

/// Begins to set up the authenticator app `id`, which has no effect until [`confirm_app`]; `path`
/// is the page that the form leads to.
///
/// # Errors
/// Those of [`require_proof`]; [`AppError::AddressUnproved`]; [`AppError::Conflict`] when there are
/// too many.
pub(super) async fn begin_app(
    app: &App,
    user: &CurrentUser,
    id: TotpFactorId,
    path: &str,
) -> Result<()> {
    require_proof(app, user)?;
    user.require_verified(app)?;
    let mut tx = user.write(app).await?;
    if sql::apps(&mut tx, user.id).await?.len() >= MOST_APPS {
        let words = format!("You can have up to {MOST_APPS} authenticator apps. Remove one first.");
        return Err(AppError::Conflict(words.into()));
    }
    sql::begin_app(&mut tx, user.id, id, &Seed::random().seal(app, id)).await?;
    tx.leads_to(path).await?;
    // It has no effect yet, and is recorded when a code has confirmed it.
    tx.commit_unrecorded().await?;
    Ok(())
}

/// The seed of an app that is being set up.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such app; [`AppError::Conflict`] when the server has
/// lost the key that sealed the seed.
pub(super) async fn unconfirmed(app: &App, user: &CurrentUser, id: TotpFactorId) -> Result<Seed> {
    let mut tx = UnscopedTx::read(app).await?;
    let sealed = sql::unconfirmed_seed(&mut tx, user.id, id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    // Only a set-up that was begun minutes ago is lost.
    Seed::open(app, sealed.id, &sealed.sealed_seed).ok_or(AppError::Conflict(
        "The server has lost its key for this app. Start again with “Add app”.".into(),
    ))
}

/// Adds the app with `seed`, given the code that it shows now; returns its name, and recovery codes if
/// there were none.
///
/// # Errors
/// Those of [`require_proof`]; [`Refusal::Fields`] when the name or the code is wrong;
/// [`AppError::NotFound`] when it is not being set up any more.
pub(super) async fn confirm_app(
    app: &App,
    user: &CurrentUser,
    id: TotpFactorId,
    seed: &Seed,
    name: &str,
    typed: &str,
) -> Result<(String, Option<Vec<String>>), Refusal> {
    require_proof(app, user)?;
    let mut errors = FieldErrors::default();
    let name = errors.take("name", factor_name(name, APP.unnamed));
    let step = seed.step_of(&code(typed), app.clock.machine())?;
    if step.is_none() {
        let words = "Incorrect code. Check that the clock on your device is right.";
        errors.add("code", words);
    }
    let (Some(name), Some(step)) = (name, step) else {
        return Err(Refusal::Fields(errors));
    };
    let from = accounts::origin(Some(&user.device));
    let mut tx = user.write(app).await?;
    if !sql::confirm_app(&mut tx, user.id, id, &Added { name: &name, from }, step).await? {
        return Err(AppError::NotFound.into());
    }
    added(&mut tx, user, &APP, &name).await?;
    let codes = match sql::recovery_codes_left(&mut tx, user.id).await? {
        0 => Some(make_codes(&mut tx, user).await?),
        _ => None,
    };
    tx.commit().await?;
    Ok((name, codes))
}

/// Adds the passkey that a browser has created for the challenge; returns its name, or `None` when
/// the answer is wrong or too late.
///
/// # Errors
/// Those of [`require_proof`]; [`AppError::AddressUnproved`]; [`AppError::NotFound`] when passkeys
/// are not possible; [`AppError::Invalid`] when the name is wrong.
pub(super) async fn add_passkey(
    app: &App,
    user: &CurrentUser,
    name: &str,
    challenge: Option<Challenge<Ceremony>>,
    credential: &str,
) -> Result<Option<String>> {
    require_proof(app, user)?;
    user.require_verified(app)?;
    let site = site(app).ok_or(AppError::NotFound)?;
    let name =
        factor_name(name, PASSKEY.unnamed).map_err(|words| AppError::Invalid(words.into()))?;
    let challenge = challenge.filter(|c| c.about.sign_in == Some(user.sign_in_id));
    let made = challenge.as_ref().and_then(|challenge| site.make(&challenge.about, credential));
    let (Some(challenge), Some(made)) = (challenge, made) else {
        return Ok(None);
    };
    let new = Added { name: &name, from: accounts::origin(Some(&user.device)) };
    let mut tx = user.write(app).await?;
    if !challenge.spend(&mut tx).await? || !sql::add_passkey(&mut tx, user.id, &new, &made).await? {
        return Ok(None);
    }
    added(&mut tx, user, &PASSKEY, &name).await?;
    tx.commit().await?;
    Ok(Some(name))
}

/// Changes the name of a factor; returns the new name.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such factor; [`AppError::Invalid`] when the name is
/// wrong.
pub(super) async fn rename(
    app: &App,
    user: &CurrentUser,
    factor: FactorId,
    name: &str,
) -> Result<String> {
    let mut tx = user.write(app).await?;
    let old = sql::factor_name(&mut tx, user.id, factor).await?.ok_or(AppError::NotFound)?;
    let name = factor_name(name, factor.kind().unnamed);
    let name = name.map_err(|words| AppError::Invalid(words.into()))?;
    sql::rename_factor(&mut tx, factor, &name).await?;
    let entry = Holder::from(user).entry(FACTOR_RENAMED);
    tx.record(entry.before(json!({ "name": old })).after(json!({ "name": name })));
    tx.commit().await?;
    Ok(name)
}

/// Removes a factor; returns its name.
///
/// # Errors
/// [`AppError::StepUp`] unless the person has recently authenticated; [`AppError::NotFound`] when
/// there is no such factor.
pub(super) async fn remove(app: &App, user: &CurrentUser, factor: FactorId) -> Result<String> {
    user.require_proof(app.clock.now(), &factor.removal())?;
    let mut tx = user.write(app).await?;
    let name = sql::factor_name(&mut tx, user.id, factor).await?.ok_or(AppError::NotFound)?;
    sql::remove_factor(&mut tx, factor).await?;
    let (kind, entry) = (factor.kind(), Holder::from(user).entry(FACTOR_REMOVED));
    tx.record(entry.before(json!({ "kind": kind.word, "name": name })));
    changed(&mut tx, user, &format!("{} was removed from your account.", kind.titled(&name)))
        .await?;
    tx.commit().await?;
    Ok(name)
}

async fn added(tx: &mut UnscopedTx, user: &CurrentUser, kind: &Kind, name: &str) -> Result<()> {
    let entry = Holder::from(user).entry(FACTOR_ADDED);
    tx.record(entry.after(json!({ "kind": kind.word, "name": name })));
    changed(tx, user, &format!("{} was added to your account.", kind.titled(name))).await
}

/// What follows every change of a factor: the person is told by email, and their other sign-ins
/// end, which may be somebody else's. With the last factor, the recovery codes are removed.
async fn changed(tx: &mut UnscopedTx, user: &CurrentUser, what: &str) -> Result<()> {
    if sql::count(tx, user.id).await? == 0 {
        sql::replace_recovery_codes(tx, user.id, &[]).await?;
    }
    let now = tx.now();
    session::end_others(tx, user.id, user.sign_in_id, now).await?;
    mail::tell(tx, &Holder::from(user), what).await
}

/// Creates recovery codes, which replace all earlier ones; returns them, which is not possible
/// later.
///
/// # Errors
/// Those of [`require_proof`]; [`AppError::Conflict`] when there is no other factor.
pub(super) async fn make_recovery_codes(app: &App, user: &CurrentUser) -> Result<Vec<String>> {
    require_proof(app, user)?;
    let mut tx = user.write(app).await?;
    if sql::count(&mut tx, user.id).await? == 0 {
        let words = "Add an authenticator app or a passkey first. Recovery codes are the backup \
                     for them.";
        return Err(AppError::Conflict(words.into()));
    }
    let codes = make_codes(&mut tx, user).await?;
    let what = "New recovery codes were created. Previous codes no longer work.";
    mail::tell(&mut tx, &Holder::from(user), what).await?;
    tx.commit().await?;
    Ok(codes)
}

async fn make_codes(tx: &mut UnscopedTx, user: &CurrentUser) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..recovery::COUNT).map(|_| recovery::random()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().filter_map(|code| recovery::hash(code)).collect();
    sql::replace_recovery_codes(tx, user.id, &hashes).await?;
    let entry = Holder::from(user).entry(RECOVERY_CODES_MADE);
    tx.record(entry.after(json!({ "count": codes.len() })));
    Ok(codes)
}
