//! Deletes an account in one transaction.

use serde_json::json;

use super::erase::{self, Erasure};
use super::sql;
use crate::core::accounts::entry;
use crate::core::accounts::mail::{AccountDeleted, AddressChanged, ConfirmAddress};
use crate::core::accounts::tokens::{self, Purpose};
use crate::core::deletion::noun::ACCOUNT_DELETED;
use crate::core::members::noun::MEMBER_LEFT;
use crate::core::operators::noun::OPERATOR_REVOKED;
use crate::core::{invitations, members, operators, organizations};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::OrganizationId;
use crate::platform::mail::{Mail, forget, outbox};
use crate::platform::secrets::Token;
use crate::platform::session::{CurrentUser, Device, SessionKey};
use crate::platform::tenant::{OrgTx, UnscopedTx};
use crate::platform::throttle;

/// The result of deleting an account.
pub(super) enum Outcome {
    /// The account is deleted; these were its sessions.
    Deleted(Vec<SessionKey>),
    /// Nothing was changed: an organization would be left without an owner, or would be deleted
    /// without having been named on the page.
    Stays,
}

/// What entitles somebody to delete an account.
enum Authority<'a> {
    /// They are signed in to it. These organizations, which the page named, are deleted with it.
    SignIn(&'a [OrganizationId]),
    /// They have the link that confirms the account's unconfirmed address. Organizations without
    /// other members are deleted with it.
    Link,
}

impl Authority<'_> {
    fn takes(&self, organization: OrganizationId) -> bool {
        match self {
            Self::SignIn(agreed) => agreed.contains(&organization),
            Self::Link => true,
        }
    }
}

/// The result of discarding an account.
pub(crate) enum Discarded {
    /// It is deleted.
    Done,
    /// Its address was confirmed meanwhile.
    Proved,
    /// An organization would be left without an owner.
    Held,
}

/// Deletes an account with an unconfirmed address, for the person who has the link to confirm it.
pub(crate) async fn discard(app: &App, device: &Device, token: &Token) -> Result<Discarded> {
    let mut tx = UnscopedTx::read(app).await?;
    let good = tokens::check(&mut tx, token, Purpose::Verify).await?;
    let user = CurrentUser::unsigned(&mut tx, good.user_id, device).await?;
    tx.commit().await?;
    let user = user.ok_or(AppError::NotFound)?;
    // The actor is the person with the link, not the one in whose name the account was created.
    let mut tx = user.write_unheld(app).await?.from(&user.device);
    tokens::spend(&mut tx, token, Purpose::Verify).await?;
    if sql::identity(&mut tx, user.id).await?.email_verified_at.is_some() {
        return Ok(Discarded::Proved);
    }
    match end(tx, &user, &Authority::Link).await? {
        Outcome::Deleted(_) => Ok(Discarded::Done),
        Outcome::Stays => Ok(Discarded::Held),
    }
}

/// Deletes the account of `user`. `agreed` are the organizations that are deleted with it, as the
/// page named them.
pub(super) async fn delete(
    app: &App,
    user: &CurrentUser,
    agreed: &[OrganizationId],
) -> Result<Outcome> {
    let tx = user.write(app).await?;
    end(tx, user, &Authority::SignIn(agreed)).await
}

/// Ends everything about a person, whom `tx` has locked: nobody can sign in to the account or join
/// another organization with it meanwhile.
async fn end(mut tx: UnscopedTx, user: &CurrentUser, authority: &Authority<'_>) -> Result<Outcome> {
    let now = tx.now();
    let keys = sql::take_sign_ins(&mut tx, user.id).await?;
    let proved = user.is_verified().then_some(&user.email);
    for organization in sql::places(&mut tx, user.id, proved, now).await? {
        let mut inside = tx.enter(organization).await?;
        if !end_in(&mut inside, user, authority, now).await? {
            return Ok(Outcome::Stays);
        }
        tx = inside.leave(user).await?;
    }
    end_account(&mut tx, user, authority, now).await?;
    tx.commit().await?;
    Ok(Outcome::Deleted(keys))
}

/// Ends what the person has in an organization; `false` if that is not possible.
async fn end_in(
    tx: &mut OrgTx,
    user: &CurrentUser,
    authority: &Authority<'_>,
    now: Timestamp,
) -> Result<bool> {
    tx.lock_organization().await?;
    if let Some(member) = members::find_by_user(tx, user.id).await? {
        if member.members == 1 {
            if !authority.takes(tx.organization()) {
                return Ok(false);
            }
            organizations::delete(tx, now).await?;
        } else if members::is_last_owner(&member.role, member.can_act(), member.owners) {
            return Ok(false);
        }
        members::depart(tx, &member, now).await?;
        tx.record(member.entry(MEMBER_LEFT).after(json!({ "account": "deleted" })));
    }
    if user.is_verified() {
        // Anybody can sign up with any address, so an unconfirmed one must not decline anything.
        invitations::decline_waiting(tx, &user.email, now).await?;
    }
    operators::end_visits(tx, user.id, now).await?;
    Ok(true)
}

/// Ends what belongs to no organization, and has the person erased from the logs. People who delete
/// their own account get a farewell email. People who discard one with their address have read
/// about it on the page, and the account was not theirs.
async fn end_account(
    tx: &mut UnscopedTx,
    user: &CurrentUser,
    authority: &Authority<'_>,
    now: Timestamp,
) -> Result<()> {
    let known = sql::identity(tx, user.id).await?;
    if known.email != user.email {
        return Err(AppError::Conflict(
            "Your email address has just been changed. Reload the page.".into(),
        ));
    }
    if operators::revoke(tx, user.id).await? {
        tx.record(entry(OPERATOR_REVOKED, user.id, &known.email));
    }
    let erasure = Erasure::of(user.id, &known, sql::former_emails(tx, user.id).await?, now);
    let changed = sql::changed_emails(tx, user.id).await?;
    sql::remove_belongings(tx, user.id).await?;
    sql::blank(tx, user.id, now).await?;
    let addresses = erasure.addresses()?;
    for email in &addresses {
        throttle::forget(tx, email).await?;
        sql::remove_sign_ups(tx, email).await?;
    }
    for email in &addresses {
        forget::all(tx, email).await?;
    }
    // Emails to addresses that may be somebody else's: only those about this account's changes.
    for email in &changed {
        forget::all_of_kind(tx, email, ConfirmAddress::KIND).await?;
        forget::all_of_kind(tx, email, AddressChanged::KIND).await?;
    }
    if let Authority::SignIn(_) = authority {
        let mail = AccountDeleted { name: known.name, when: now.minute() };
        outbox::enqueue_last(tx, &known.email, &mail).await?;
    }
    erase::enqueue(tx, &erasure).await?;
    tx.record(entry(ACCOUNT_DELETED, user.id, &known.email));
    Ok(())
}
