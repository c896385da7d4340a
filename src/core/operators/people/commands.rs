//! Acts of an operator on an account from its page, after they have authenticated again. What the
//! command line can do, too, is in [`acts`].

use super::acts;
use super::sql::{self, Person};
use crate::core::accounts;
use crate::core::accounts::RESET_JOB;
use crate::core::accounts::help::{self, Answer};
use crate::core::accounts::noun::RESET_ASKED;
use crate::core::operators::visits;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::jobs;
use crate::platform::mail::outbox;
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::UnscopedTx;

/// The page that ends everybody's sign-ins.
pub(super) const EVERYBODY: &str = "/operator/sign-ins/end";

/// Acts that an operator can only do to other people's accounts, and must give a reason for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Nobody can sign in to the account any more.
    Suspend,
    /// Its second factors are removed, unless its holder stops it.
    RemoveFactors,
}

impl Act {
    /// Refuses the act for the operator's own account.
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub(super) fn expect_other(self, operator: &CurrentOperator, id: UserId) -> Result<()> {
        if id != operator.id {
            return Ok(());
        }
        let words = match self {
            // If the last operator locked themselves out, the installation would have none.
            Self::Suspend => "You can't suspend your own account. Ask another operator.",
            // An operator who is signed in has their factors, and must not get rid of them in this
            // way.
            Self::RemoveFactors => "You can't do this for your own account. Ask another operator.",
        };
        Err(AppError::Refused(words.into()))
    }
}

/// A transaction in which an operator who has authenticated again changes the account `id`.
async fn change(app: &App, operator: &CurrentOperator, id: UserId) -> Result<(UnscopedTx, Person)> {
    operator.require_proof(operator.now, &format!("{}/{id}", super::PATH))?;
    let mut tx = operator.write(app).await?;
    let person = living(sql::find(&mut tx, id, operator.now).await?)?;
    Ok((tx, person))
}

/// The account, unless its holder has deleted it: then only a name is left.
///
/// # Errors
/// [`AppError::NotFound`] when there is none; [`AppError::Conflict`] when it was deleted.
pub(super) fn living(found: Option<Person>) -> Result<Person> {
    let person = found.ok_or(AppError::NotFound)?;
    match person.deleted_at {
        None => Ok(person),
        Some(_) => Err(AppError::Conflict("This account has been deleted by its owner.".into())),
    }
}

/// Suspends an account, and ends its holder's visits. Returns the account as it was, and false if
/// it was suspended already. Of two concurrent suspensions, the first one's reason is kept.
///
/// # Errors
/// Those of [`Act::expect_other`], of [`living`], and [`AppError::StepUp`].
pub(super) async fn suspend(
    app: &App,
    operator: &CurrentOperator,
    id: UserId,
    reason: &str,
) -> Result<(Person, bool)> {
    Act::Suspend.expect_other(operator, id)?;
    let (mut tx, person) = change(app, operator, id).await?;
    let is_news = acts::suspend(&mut tx, &person, reason).await?;
    tx.commit().await?;
    // Each visit is ended in its organization's own log. They are ended for good, so that none
    // resumes when the account is reactivated.
    visits::end_all(app, id, &person.email).await?;
    Ok((person, is_news))
}

/// Lets people sign in to an account again. Returns the account as it was, and false if it was not
/// suspended.
///
/// # Errors
/// Those of [`living`], and [`AppError::StepUp`].
pub(super) async fn reactivate(
    app: &App,
    operator: &CurrentOperator,
    id: UserId,
) -> Result<(Person, bool)> {
    let (mut tx, person) = change(app, operator, id).await?;
    let is_news = acts::reactivate(&mut tx, &person).await?;
    tx.commit().await?;
    Ok((person, is_news))
}

/// Asks for the removal of an account's second factors, after its holder has had time to stop it.
/// Returns the result.
///
/// # Errors
/// Those of [`Act::expect_other`], of [`living`], and [`AppError::StepUp`].
pub(super) async fn remove_factors(
    app: &App,
    operator: &CurrentOperator,
    id: UserId,
    reason: &str,
) -> Result<(Person, Answer)> {
    Act::RemoveFactors.expect_other(operator, id)?;
    let (mut tx, person) = change(app, operator, id).await?;
    let answer = help::ask(&mut tx, id, reason).await?;
    tx.commit().await?;
    Ok((person, answer))
}

/// Cancels the removal of an account's second factors; returns whether one was pending.
///
/// # Errors
/// Those of [`living`], and [`AppError::StepUp`].
pub(super) async fn keep_factors(
    app: &App,
    operator: &CurrentOperator,
    id: UserId,
) -> Result<(Person, bool)> {
    let (mut tx, person) = change(app, operator, id).await?;
    let was_open = help::call_off(&mut tx, id).await?;
    tx.commit().await?;
    Ok((person, was_open))
}

/// Ends all sign-ins of an account, or all but this one of the operator's own. Returns how many.
///
/// # Errors
/// Those of [`living`], and [`AppError::StepUp`].
pub(super) async fn end_sign_ins(
    app: &App,
    operator: &CurrentOperator,
    id: UserId,
) -> Result<(Person, u64)> {
    let (mut tx, person) = change(app, operator, id).await?;
    let kept = (id == operator.id).then_some(operator.sign_in_id);
    let ended = acts::end_sign_ins(&mut tx, &person, kept).await?;
    tx.commit().await?;
    Ok((person, ended))
}

/// Ends everybody's sign-ins except the operator's current one, so that the operator sees the
/// result; returns how many.
///
/// # Errors
/// [`AppError::StepUp`] unless the operator has recently authenticated.
pub(super) async fn end_everybodys_sign_ins(app: &App, operator: &CurrentOperator) -> Result<u64> {
    operator.require_proof(operator.now, EVERYBODY)?;
    let mut tx = operator.write(app).await?;
    let ended = acts::end_everybodys_sign_ins(&mut tx, Some(operator.sign_in_id)).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Has a link to set a new password emailed to the holder of an account. Nobody else sees it, and
/// nothing changes before they use it.
///
/// # Errors
/// Those of [`living`], and [`AppError::StepUp`]; [`AppError::Conflict`] when no mail is sent.
pub(super) async fn reset(app: &App, operator: &CurrentOperator, id: UserId) -> Result<Person> {
    let (mut tx, person) = change(app, operator, id).await?;
    if !outbox::is_sent(app) {
        let words = format!(
            "Email isn't set up. Run tenantry user reset-link {} on the server to create a link.",
            person.email
        );
        return Err(AppError::Conflict(words.into()));
    }
    jobs::enqueue(&mut tx, RESET_JOB.name, person.email.as_str()).await?;
    tx.record(accounts::entry(RESET_ASKED, id, &person.email));
    tx.commit().await?;
    Ok(person)
}
