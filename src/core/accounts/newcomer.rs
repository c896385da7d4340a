//! Newcomers to the installation: the account, its first sign-in and the organization that the
//! person creates, all together or not at all.

use super::mail::Welcome;
use super::signup_link;
use super::sql;
use super::tokens::{self, Purpose};
use crate::core::accounts::noun::{ACCOUNT_CREATED, SignUpId};
use crate::core::operators::first;
use crate::core::organizations;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::secrets::Token;
use crate::platform::session::known::{self, NewToken};
use crate::platform::session::{self, Device, NewSession, SessionKey};
use crate::platform::tenant::UnscopedTx;

/// An account to be created.
pub(crate) struct NewAccount {
    pub name: String,
    pub email: EmailAddress,
    /// The password's hash.
    pub hash: String,
    /// Whether the address is confirmed from the beginning.
    pub verified: bool,
}

/// Creates an account in the caller's transaction.
///
/// # Errors
/// A violation of [`USER_EMAIL`](crate::platform::db::constraints::USER_EMAIL) when the address has
/// an account.
pub(crate) async fn create_account(
    tx: &mut UnscopedTx,
    account: &NewAccount,
    now: Timestamp,
) -> Result<UserId> {
    let id = UserId::new();
    let verified_at = account.verified.then_some(now);
    let NewAccount { name, email, hash, .. } = account;
    sql::insert_user(tx, id, name, email, hash, verified_at, now).await?;
    tx.acting(id, name, email);
    tx.record(super::entry(ACCOUNT_CREATED, id, email));
    Ok(id)
}

/// What entitles somebody to create an account.
pub(crate) enum Admission {
    /// Sign-up is open.
    Open,
    /// The emailed link that completes this sign-up.
    Mailed(SignUpId),
    /// The link for the first operator, printed where the service runs.
    FirstOperator(Token),
}

/// A person with everything that is needed to create the account.
pub(crate) struct Newcomer {
    pub account: NewAccount,
    /// The name of the organization to create, if any.
    pub organization: Option<String>,
    pub device: Device,
    /// The token by which the browser is known from now on.
    pub browser: NewToken,
    pub key: SessionKey,
    pub replaced: Option<SessionKey>,
    pub admission: Admission,
    /// Where to go without an organization, if not to the list of one's organizations.
    pub next: Option<String>,
}

/// Creates all of it, and returns the path to go to. If somebody else has just taken the
/// organization's slug, it gets another one.
pub(crate) async fn admit(app: &App, newcomer: &Newcomer) -> Result<String> {
    let admitted = admit_as(app, newcomer, None).await;
    match &newcomer.organization {
        // Another organization with this name was created a moment earlier.
        Some(name) if admitted.as_ref().is_err_and(organizations::slug_is_taken) => {
            admit_as(app, newcomer, Some(organizations::unlikely_slug(name))).await
        }
        _ => admitted,
    }
}

/// Creates all of it in one transaction. The organization gets a free slug unless one is given.
async fn admit_as(app: &App, newcomer: &Newcomer, slug: Option<String>) -> Result<String> {
    let now = app.clock.now();
    let Newcomer { account, device, browser, key, replaced, .. } = newcomer;
    let mut tx = UnscopedTx::write(app).await?.from(device);
    tx.claim_form_of(&account.email).await?;
    match &newcomer.admission {
        Admission::Open => {}
        Admission::Mailed(sign_up) => signup_link::spend(&mut tx, *sign_up).await?,
        Admission::FirstOperator(token) => first::spend(&mut tx, token).await?,
    }
    let user = create_account(&mut tx, account, now).await?;
    if let Admission::FirstOperator(_) = newcomer.admission {
        first::make_operator(&mut tx, user, &account.email).await?;
    }
    let replaced = replaced.clone();
    let new_session = NewSession { key, replaced, device, keep: false, with: "signing up" };
    session::start(&mut tx, user, new_session, now).await?;
    known::remember(&mut tx, user, device, browser).await?;
    let verify_link = match account.verified {
        true => None,
        false => {
            let token = tokens::issue(&mut tx, user, &account.email, Purpose::Verify).await?;
            token.map(|token| app.config.link(&format!("/verify/{}", token.expose())))
        }
    };
    let Some(name) = &newcomer.organization else {
        let path = newcomer.next.as_deref().unwrap_or("/orgs");
        tx.leads(&account.email, path).await?;
        let welcome = welcome(app, account, "/orgs", None, verify_link);
        outbox::enqueue(&mut tx, &account.email, &welcome).await?;
        tx.commit().await?;
        return Ok(path.to_owned());
    };
    let slug = match slug {
        Some(slug) => slug,
        None => organizations::free_slug(&mut tx, name).await?,
    };
    let path = format!("/orgs/{slug}");
    tx.leads(&account.email, &path).await?;
    let mut tx = organizations::create(tx, user, name, &slug).await?;
    let welcome = welcome(app, account, &path, Some(name), verify_link);
    outbox::enqueue_in(&mut tx, &account.email, &welcome).await?;
    tx.commit().await?;
    Ok(path)
}

fn welcome(
    app: &App,
    account: &NewAccount,
    path: &str,
    organization: Option<&str>,
    verify_link: Option<String>,
) -> Welcome {
    Welcome {
        name: Quoted::name(&account.name),
        organization: organization.map(Quoted::name),
        link: app.config.link(path),
        verify_link,
    }
}
