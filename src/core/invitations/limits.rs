//! The limits on invitations, and their messages: what exceeds a limit, and what to do about it.

use time::Duration;

use super::model::LINKS_PER_DAY;
use super::sql;
use crate::platform::error::{AppError, Result};
use crate::platform::mail::strangers::{Allowance, LEVELS, Level, Limit};
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;

/// Whether no emails may be sent in this person's name yet: without a confirmed address, they may
/// be anybody.
pub(super) fn awaits_proof(org: &Context) -> bool {
    org.user.require_verified(&org.app).is_err()
}

/// Whether the organization may send `more` links today.
pub(super) async fn has_links_left(tx: &mut OrgTx, org: &Context, more: usize) -> Result<bool> {
    let sent = sql::links_since(tx, org.now.plus(-Duration::days(1))).await?;
    Ok(sent + more as i64 <= LINKS_PER_DAY)
}

/// Refuses what would make the organization a source of spam.
///
/// # Errors
/// [`AppError::AddressUnproved`], or [`AppError::TooMany`] above the daily limit.
pub(super) async fn may_send(tx: &mut OrgTx, org: &Context) -> Result<()> {
    if awaits_proof(org) {
        return Err(AppError::AddressUnproved);
    }
    match has_links_left(tx, org, 1).await? {
        true => Ok(()),
        false => Err(AppError::over_limit(words_for_organization())),
    }
}

/// The message when an invitation exceeds a limit.
pub(super) fn words(limit: Limit, allowance: &Allowance) -> String {
    match limit {
        Limit::Recipient => {
            "This address has reached its limit of emails from here. Try again tomorrow.".to_owned()
        }
        Limit::Sender => {
            let Level { in_a_day, in_a_month, .. } = allowance.level;
            let limit = format!(
                "You can send {in_a_day} invitations in 24 hours and {in_a_month} in 30 days. Try \
                 again tomorrow."
            );
            match growth(allowance) {
                Some(growth) => format!("{limit} {growth}"),
                None => limit,
            }
        }
    }
}

/// How the person can get a higher limit.
pub(super) fn growth(allowance: &Allowance) -> Option<String> {
    let next = next(allowance)?;
    Some(format!("Your limit rises to {} a day {}.", next.in_a_day, once(&next)))
}

/// What it takes to be allowed to add a message, if the person cannot yet.
pub(super) fn before_writing(allowance: &Allowance) -> Option<String> {
    let first = LEVELS.iter().find(|level| level.may_write)?;
    (!allowance.level.may_write).then(|| format!("You can add a message {}.", once(first)))
}

fn next(allowance: &Allowance) -> Option<Level> {
    LEVELS.into_iter().find(|level| level.in_a_day > allowance.level.in_a_day)
}

fn once(level: &Level) -> String {
    let Level { age, joined, .. } = level;
    format!(
        "once your account is {} days old and {joined} people have accepted your invitations",
        age.whole_days()
    )
}

/// The message when the organization has reached its limit.
pub(super) fn words_for_organization() -> String {
    format!("An organization can send up to {LINKS_PER_DAY} invitations a day. Try again tomorrow.")
}
