//! The act: all of it in one transaction, or nothing.

use serde_json::json;

use super::erase::{self, Erasure};
use super::sql;
use crate::accounts::mail::{AccountDeleted, AddressChanged, ConfirmAddress};
use crate::accounts::object;
use crate::error::{AppError, Result};
use crate::platform::App;
use crate::platform::audit::{Action, Entry};
use crate::platform::clock::Timestamp;
use crate::platform::ids::OrganizationId;
use crate::platform::mail::{Mail, forget, outbox};
use crate::platform::session::{CurrentUser, SessionKey};
use crate::platform::tenant::{OrgTx, UnscopedTx};
use crate::platform::throttle;
use crate::{invitations, members, operators, orgs};

/// How often it is begun anew because the person has come into another organization meanwhile.
const TRIES: usize = 5;

/// What came of it.
pub(super) enum Outcome {
    /// The account is gone; these sessions were signed in with it.
    Deleted(Vec<SessionKey>),
    /// Nothing has changed: an organization would be left without an owner, or would go without
    /// having been named on the page.
    Stays,
}

/// Deletes the account of `user`. `agreed` are the organizations that go with it, as the page named
/// them.
pub(super) async fn delete(
    app: &App,
    user: &CurrentUser,
    agreed: &[OrganizationId],
) -> Result<Outcome> {
    for _ in 0..TRIES {
        if let Some(outcome) = attempt(app, user, agreed).await? {
            return Ok(outcome);
        }
    }
    Err(AppError::Busy)
}

/// Organizations first, by id, then the sign-ins, then the person: whoever writes inside an
/// organization locks in this order, too. `None` when the person has come into another organization
/// between the first and the second.
async fn attempt(
    app: &App,
    user: &CurrentUser,
    agreed: &[OrganizationId],
) -> Result<Option<Outcome>> {
    let now = app.clock.now();
    let proved = user.is_verified().then_some(&user.email);
    let mut tx = user.write_unheld(app).await?;
    for organization in sql::places(&mut tx, user.id, proved, now).await? {
        let mut inside = tx.enter(organization).await?;
        if !end_in(&mut inside, user, agreed, now).await? {
            return Ok(Some(Outcome::Stays));
        }
        tx = inside.leave(user).await?;
    }
    user.hold(&mut tx).await?;
    let mut keys = sql::take_sign_ins(&mut tx, user.id).await?;
    tx.lock_person(user.id).await?;
    // Somebody who was just signing in had the person's lock; from here on nobody can.
    keys.extend(sql::take_sign_ins(&mut tx, user.id).await?);
    // With the sign-ins gone nobody can take the person anywhere any more.
    if !sql::places(&mut tx, user.id, proved, now).await?.is_empty() {
        return Ok(None);
    }
    end_account(&mut tx, user, now).await?;
    tx.commit().await?;
    Ok(Some(Outcome::Deleted(keys)))
}

/// Ends what the person has in an organization; `false` where that is not possible.
async fn end_in(
    tx: &mut OrgTx,
    user: &CurrentUser,
    agreed: &[OrganizationId],
    now: Timestamp,
) -> Result<bool> {
    tx.lock_organization().await?;
    if let Some(member) = members::find_by_user(tx, user.id).await? {
        if member.members == 1 {
            if !agreed.contains(&tx.organization()) {
                return Ok(false);
            }
            orgs::delete(tx, now).await?;
        } else if members::is_last_owner(&member.role, member.is_suspended, member.owners) {
            return Ok(false);
        }
        members::depart(tx, &member, now).await?;
        tx.record(member.entry(Action::MemberLeft).after(json!({ "account": "deleted" })));
    }
    if user.is_verified() {
        // Anybody can sign up with any address: who has not proved it declines nothing.
        invitations::decline_waiting(tx, &user.email, now).await?;
    }
    operators::end_visits(tx, user.id, now).await?;
    Ok(true)
}

/// Ends what belongs to no organization, says farewell, and has the person erased from the logs.
async fn end_account(tx: &mut UnscopedTx, user: &CurrentUser, now: Timestamp) -> Result<()> {
    let known = sql::known(tx, user.id).await?;
    if known.email != user.email {
        return Err(AppError::Conflict(
            "Your address was changed a moment ago. Open the page again.".into(),
        ));
    }
    let account = object(user.id, &known.email);
    if operators::revoke(tx, user.id).await? {
        tx.record(Entry::new(Action::OperatorRevoked, account.clone()).person(user.id));
    }
    let erasure = Erasure::of(user.id, &known, sql::former_emails(tx, user.id).await?, now);
    // Mails to addresses that may be somebody else's: only those about this account's changes.
    for email in &sql::changed_emails(tx, user.id).await? {
        forget::all_of_kind(tx, email, ConfirmAddress::KIND).await?;
        forget::all_of_kind(tx, email, AddressChanged::KIND).await?;
    }
    sql::remove_belongings(tx, user.id).await?;
    sql::blank(tx, user.id, now).await?;
    for email in &erasure.addresses()? {
        throttle::forget(tx, email).await?;
        sql::remove_sign_ups(tx, email).await?;
        forget::all(tx, email).await?;
    }
    let mail = AccountDeleted { name: known.name, when: now.minute() };
    outbox::enqueue_last(tx, &known.email, &mail).await?;
    erase::enqueue(tx, &erasure).await?;
    tx.record(Entry::new(Action::AccountDeleted, account).person(user.id));
    Ok(())
}
