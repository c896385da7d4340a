//! Inviting: one or many addresses, a role, a message, and a result for each address.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use time::Duration;

use super::addresses::{self, MOST, Typed};
use super::limits;
use super::link::{self, letterhead, send_link};
use super::model::{LINKS_PER_DAY, MESSAGE_LENGTH};
use super::sql::{self, Draft};
use crate::core::invitations::noun::INVITATION_SENT;
use crate::core::members;
use crate::core::members::noun::InviteMembers;
use crate::platform::audit::Entry;
use crate::platform::error::{AppError, Result};
use crate::platform::mail::outbox;
use crate::platform::mail::strangers::Allowance;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{Actor, CurrentOrg, Grant, OrgTx, Organization, Role, RoleKey, role};
use crate::platform::text::block_of_text;
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_with_status};

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InviteForm {
    email: String,
    role: String,
    message: String,
}

impl Fields for InviteForm {
    const REPEATABLE: &[&str] = &["email"];
}

/// A role as the form offers it.
struct RoleChoice {
    role: Role,
    is_offered: bool,
    is_chosen: bool,
}

/// What became of one address.
struct Outcome {
    address: String,
    is_invited: bool,
    /// Whether it would have been on another day.
    is_over_limit: bool,
    words: String,
    /// Whether an invitation waits for the address, which the members page shows.
    is_waiting: bool,
}

#[derive(Template)]
#[template(path = "core/invitations/new.html")]
struct NewPage {
    shell: Shell,
    organization: Organization,
    roles: Vec<RoleChoice>,
    form: InviteForm,
    errors: FieldErrors,
    outcomes: Vec<Outcome>,
    /// Whether the person must prove their own address first.
    awaits_proof: bool,
    /// Whether they must show again who they are, for the role they chose.
    asks_proof: bool,
    /// How many invitations they can still send today.
    left: i64,
    /// How that number grows.
    growth: Option<String>,
    /// Why they cannot add a message, where they cannot.
    no_message: Option<String>,
}

impl NewPage {
    async fn load(tx: &mut OrgTx, org: &Context, form: InviteForm) -> Result<Self> {
        let form_names_owner = RoleKey::from(form.role.clone()).is_owner();
        let chosen = if form.role.is_empty() { "member" } else { &form.role };
        let roles = role::list(tx)
            .await?
            .into_iter()
            .map(|role| RoleChoice {
                is_offered: org.membership.role.reaches(role.rank),
                is_chosen: role.key.as_str() == chosen,
                role,
            })
            .collect();
        let allowance = Allowance::of(tx, org.user.id).await?;
        Ok(Self {
            shell: org.shell(members::SECTION),
            organization: org.organization.clone(),
            roles,
            form,
            errors: FieldErrors::default(),
            outcomes: Vec::new(),
            awaits_proof: awaits_proof(org),
            asks_proof: form_names_owner && !org.user.recently_proved(org.now),
            left: allowance.left(),
            growth: limits::growth(&allowance),
            no_message: limits::before_writing(&allowance),
        })
    }
}

/// `GET /orgs/{slug}/invitations`
pub async fn new(org: CurrentOrg<InviteMembers>, received: Received) -> Result<Response> {
    let mut tx = org.read().await?;
    let mut view = NewPage::load(&mut tx, &org, InviteForm::default()).await?;
    tx.commit().await?;
    view.shell = view.shell.with(received);
    page(&view)
}

/// `POST /orgs/{slug}/invitations`
///
/// Addresses that can be invited are, whatever is wrong with the others; those come back in the
/// form with their reasons.
pub async fn create(
    org: CurrentOrg<InviteMembers>,
    Form(form): Form<InviteForm>,
) -> Result<Response> {
    let typed = addresses::parse(&form.email);
    let (mut tx, actor) = org.write_locked().await?;
    let mut errors = check(&typed);
    if awaits_proof(&org) {
        errors.add("", "Confirm your address first: the link is in your email.");
    }
    let key = RoleKey::from(form.role.clone());
    if key.is_owner() && !org.user.recently_proved(org.now) {
        errors.add("role", "To make someone an owner, first confirm who you are, above.");
    }
    let grant = role::grant(&mut tx, &actor.role, &key).await?;
    if grant.is_none() {
        if role::exists(&mut tx, &key).await? {
            return Err(AppError::Refused("Nobody can invite above their own role.".into()));
        }
        errors.add("role", "Choose a role.");
    }
    let message = errors.take("message", block_of_text(&form.message, MESSAGE_LENGTH));
    let addresses = typed.iter().take(MOST).filter_map(|typed| typed.address.as_ref().ok());
    let mut allowance = Allowance::held(&mut tx, org.user.id, addresses).await?;
    if message.as_ref().is_some_and(|message| !message.is_empty())
        && let Some(words) = limits::before_writing(&allowance)
    {
        errors.add("message", words);
    }
    let is_over_limit = errors.is_empty() && !has_links_left(&mut tx, &org, typed.len()).await?;
    if is_over_limit {
        errors.add("email", limits::words_for_organization());
    }
    let (Some(grant), Some(message)) = (grant.filter(|_| errors.is_empty()), message) else {
        let mut view = NewPage::load(&mut tx, &org, form).await?;
        view.errors = errors;
        return refuse(is_over_limit, &view);
    };
    let mut outcomes = Vec::new();
    for typed in &typed {
        let outcome = invite(&mut tx, &org, &actor, typed, &grant, &message, &mut allowance);
        outcomes.push(outcome.await?);
    }
    let members = org.organization.path("/members");
    tx.leads_to(&members).await?;
    let (invited, refused): (Vec<_>, Vec<_>) = outcomes.iter().partition(|o| o.is_invited);
    if refused.is_empty() && invited.len() == 1 {
        let only = typed.iter().find_map(|typed| typed.address.as_ref().ok());
        let (path, words) = match outbox::is_sent(&org.app) {
            true => (members, format!("{} has been invited.", invited[0].address)),
            false => link::page_of(&mut tx, &org, &members, only).await?,
        };
        tx.commit().await?;
        return Ok(Flash::redirect(&path, words));
    }
    let is_nobody_invited = invited.is_empty();
    let is_over_limit = refused.iter().any(|outcome| outcome.is_over_limit);
    // Only what is left to mend stays in the form.
    let left = refused.iter().map(|outcome| outcome.address.as_str()).collect::<Vec<_>>();
    let form = InviteForm { email: left.join("\n"), ..form };
    let mut view = NewPage::load(&mut tx, &org, form).await?;
    tx.commit().await?;
    view.outcomes = outcomes;
    match is_nobody_invited {
        true => refuse(is_over_limit, &view),
        false => page(&view),
    }
}

/// Whether no mail goes out in this person's name yet: somebody whose address is not proved may be
/// anybody.
fn awaits_proof(org: &Context) -> bool {
    org.user.require_verified(&org.app).is_err()
}

/// The form again, with what is wrong in it; over a limit with when it makes sense to try again.
fn refuse(is_over_limit: bool, view: &NewPage) -> Result<Response> {
    if !is_over_limit {
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, view);
    }
    let answer = page_with_status(StatusCode::TOO_MANY_REQUESTS, view)?;
    Ok(([(RETRY_AFTER, "3600")], answer).into_response())
}

/// Whether the organization may send so many more links today.
async fn has_links_left(tx: &mut OrgTx, org: &Context, more: usize) -> Result<bool> {
    let sent = sql::links_since(tx, org.now.plus(-Duration::days(1))).await?;
    Ok(sent + more as i64 <= LINKS_PER_DAY)
}

/// Refuses what would make an organization a source of unwanted mail.
///
/// # Errors
/// [`AppError::AddressUnproved`], or [`AppError::TooMany`] over the limit of a day.
pub(super) async fn may_send(tx: &mut OrgTx, org: &Context) -> Result<()> {
    if awaits_proof(org) {
        return Err(AppError::AddressUnproved);
    }
    match has_links_left(tx, org, 1).await? {
        true => Ok(()),
        false => Err(AppError::over_limit(limits::words_for_organization())),
    }
}

fn check(typed: &[Typed]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if typed.is_empty() {
        errors.add("email", "Enter at least one email address.");
    } else if typed.len() > MOST {
        let count = typed.len();
        let words = format!("These are {count} addresses. Invite at most {MOST} people in one go.");
        errors.add("email", words);
    }
    errors
}

/// Invites one address, unless something stands against it.
async fn invite(
    tx: &mut OrgTx,
    org: &Context,
    actor: &Actor,
    typed: &Typed,
    grant: &Grant,
    message: &str,
    allowance: &mut Allowance,
) -> Result<Outcome> {
    let outcome = |is_invited: bool, words: &str| {
        let address = typed.text.clone();
        let words = words.to_owned();
        Ok(Outcome { address, is_invited, is_over_limit: false, words, is_waiting: false })
    };
    let email = match &typed.address {
        Ok(email) => email,
        Err(words) => return outcome(false, words),
    };
    if sql::is_member(tx, email).await? {
        return outcome(false, "Already a member.");
    }
    let draft =
        Draft { email, role: &grant.role().key, message, invited_by: org.user.id, now: org.now };
    let pending = sql::find_pending(tx, email).await?;
    let id = match pending {
        Some(pending) if pending.expires_at > org.now => {
            return Ok(Outcome { is_waiting: true, ..outcome(false, "Already invited.")? });
        }
        Some(expired) if !actor.role.reaches(expired.role.rank) => {
            return outcome(false, "Already invited, with a role above yours.");
        }
        waiting => {
            if let Err(limit) = allowance.take(tx, email).await? {
                let words = limits::words(limit, allowance);
                return Ok(Outcome { is_over_limit: true, ..outcome(false, &words)? });
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
    send_link(tx, id, &draft, letterhead(org, &grant.role().name)).await?;
    let sent = Entry::new(INVITATION_SENT, sql::object(id, email));
    tx.record(sent.after(json!({ "role": grant.role().key })));
    outcome(true, "Invited.")
}
