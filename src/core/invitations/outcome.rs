//! Inviting one address of many, and its result.

use serde_json::json;

use super::addresses::Typed;
use super::limits;
use super::link::{letterhead, send_link};
use super::noun::INVITATION_SENT;
use super::sql::{self, Draft};
use crate::platform::audit::Entry;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::InvitationId;
use crate::platform::mail::strangers::Allowance;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{Actor, Grant, OrgTx};

/// The result for one address.
pub(crate) struct Outcome {
    /// The address as typed.
    pub address: String,
    /// The invitation, or why there is none.
    pub invited: Result<InvitationId, NotInvited>,
}

/// Why an address was not invited.
pub(crate) enum NotInvited {
    /// It is not an address, as these words say.
    NoAddress(String),
    /// It belongs to a member.
    Member,
    /// There is an open invitation for it.
    Waiting,
    /// There is an expired invitation for it with a role above the actor's.
    Above,
    /// A limit is exceeded today, as these words say.
    OverLimit(String),
}

/// What all invited people are offered.
pub(super) struct Offer<'a> {
    pub actor: &'a Actor,
    pub grant: &'a Grant,
    pub message: &'a str,
}

/// Invites one address, unless something prevents it.
pub(super) async fn invite(
    tx: &mut OrgTx,
    org: &Context,
    typed: &Typed,
    offer: &Offer<'_>,
    allowance: &mut Allowance,
) -> Result<Outcome> {
    let invited = match &typed.address {
        Ok(email) => invite_address(tx, org, email, offer, allowance).await?,
        Err(words) => Err(NotInvited::NoAddress(words.clone())),
    };
    Ok(Outcome { address: typed.text.clone(), invited })
}

async fn invite_address(
    tx: &mut OrgTx,
    org: &Context,
    email: &EmailAddress,
    Offer { actor, grant, message }: &Offer<'_>,
    allowance: &mut Allowance,
) -> Result<Result<InvitationId, NotInvited>> {
    if sql::is_member(tx, email).await? {
        return Ok(Err(NotInvited::Member));
    }
    let role = grant.role();
    let draft = Draft { email, role: &role.key, message, invited_by: org.user.id, now: org.now };
    let pending = sql::find_pending(tx, email).await?;
    let id = match pending {
        Some(pending) if pending.expires_at > org.now => return Ok(Err(NotInvited::Waiting)),
        Some(expired) if !actor.role.reaches(expired.role.rank) => {
            return Ok(Err(NotInvited::Above));
        }
        waiting => {
            if let Err(limit) = allowance.take(tx, email).await? {
                return Ok(Err(NotInvited::OverLimit(limits::words(limit, allowance))));
            }
            match waiting {
                Some(expired) => {
                    sql::renew(tx, expired.id, &draft).await?;
                    expired.id
                }
                None => sql::insert(tx, &draft).await?,
            }
        }
    };
    send_link(tx, id, &draft, letterhead(org, &role.name)).await?;
    let sent = Entry::new(INVITATION_SENT, sql::object(id, email));
    tx.record(sent.after(json!({ "role": role.key })));
    Ok(Ok(id))
}
