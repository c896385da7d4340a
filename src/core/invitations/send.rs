//! Inviting people: one or many addresses, a role, a message, and a result for each address.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::limits::{self, awaits_proof};
use super::model::INVITED;
use super::outcome::{NotInvited, Outcome};
use super::{addresses, commands};
use crate::core::members;
use crate::core::members::noun::InviteMembers;
use crate::platform::error::{AppError, Result};
use crate::platform::mail::outbox;
use crate::platform::mail::strangers::Allowance;
use crate::platform::noun::Refusal;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{CurrentOrg, Organization, Role, RoleKey, role};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_again, page_with_status};

/// The fields of the form.
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

/// A role in the form.
struct RoleChoice {
    role: Role,
    is_offered: bool,
    is_chosen: bool,
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
    /// Whether the person has to confirm their own address first.
    awaits_proof: bool,
    /// Whether they have to authenticate again for the role that they chose.
    asks_proof: bool,
    /// How many invitations they can still send today.
    left: i64,
    /// How that number grows.
    growth: Option<String>,
    /// Why they cannot add a message, if so.
    no_message: Option<String>,
}

impl NewPage {
    async fn load(org: &Context, form: InviteForm) -> Result<Self> {
        let mut tx = org.read().await?;
        let form_names_owner = RoleKey::from(form.role.clone()).is_owner();
        let chosen = if form.role.is_empty() { "member" } else { &form.role };
        let roles = role::list(&mut tx)
            .await?
            .into_iter()
            .map(|role| RoleChoice {
                is_offered: org.membership.role.reaches(role.rank),
                is_chosen: role.key.as_str() == chosen,
                role,
            })
            .collect();
        let allowance = Allowance::of(&mut tx, org.user.id).await?;
        tx.commit().await?;
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
    let mut view = NewPage::load(&org, InviteForm::default()).await?;
    view.shell = view.shell.with(received);
    page(&view)
}

/// `POST /orgs/{slug}/invitations`
///
/// Valid addresses are invited even if others are invalid; those come back in the form with their
/// errors.
pub async fn create(
    org: CurrentOrg<InviteMembers>,
    Form(form): Form<InviteForm>,
) -> Result<Response> {
    let typed = addresses::parse(&form.email);
    let key = RoleKey::from(form.role.clone());
    match commands::send(&org, &typed, &key, &form.message).await {
        Ok(outcomes) => answer(&org, form, outcomes).await,
        Err(Refusal::Other(AppError::TooMany { words, .. })) => {
            let mut errors = FieldErrors::default();
            errors.add("email", words);
            refuse(true, &NewPage { errors, ..NewPage::load(&org, form).await? })
        }
        Err(refusal) => {
            let errors = refusal.fields()?;
            refuse(false, &NewPage { errors, ..NewPage::load(&org, form).await? })
        }
    }
}

/// Redirects if everything was done; otherwise renders the form with the result for each address,
/// and with those that have to be corrected.
async fn answer(org: &Context, form: InviteForm, outcomes: Vec<Outcome>) -> Result<Response> {
    if let [Outcome { address, invited: Ok(id) }] = outcomes.as_slice() {
        return Ok(match outbox::is_sent(&org.app) {
            true => {
                let path = org.organization.path(INVITED);
                Flash::redirect(&path, format!("{address} invited."))
            }
            false => {
                let path = org.organization.path(&format!("/invitations/{id}/link"));
                let words = "Invitation created. Copy the link and share it yourself.";
                Flash::redirect(&path, words)
            }
        });
    }
    let (invited, refused): (Vec<_>, Vec<_>) = outcomes.iter().partition(|o| o.invited.is_ok());
    let is_nobody_invited = invited.is_empty();
    let is_over_limit = refused.iter().any(|o| matches!(o.invited, Err(NotInvited::OverLimit(_))));
    let left = refused.iter().map(|outcome| outcome.address.as_str()).collect::<Vec<_>>();
    let form = InviteForm { email: left.join("\n"), ..form };
    let view = NewPage { outcomes, ..NewPage::load(org, form).await? };
    match is_nobody_invited {
        true => refuse(is_over_limit, &view),
        false => page(&view),
    }
}

impl Outcome {
    /// The result for the address, in words.
    fn words(&self) -> &str {
        match &self.invited {
            Ok(_) => "Invited",
            Err(NotInvited::NoAddress(words) | NotInvited::OverLimit(words)) => words,
            Err(NotInvited::Member) => "Already a member",
            Err(NotInvited::Waiting) => "Already invited",
            Err(NotInvited::Above) => "Already invited to a role above yours",
        }
    }

    /// Whether there is an open invitation for the address, which the members page shows.
    fn is_waiting(&self) -> bool {
        matches!(self.invited, Err(NotInvited::Waiting))
    }
}

/// The form with its errors; above a limit, with the time to try again.
fn refuse(is_over_limit: bool, view: &NewPage) -> Result<Response> {
    if !is_over_limit {
        return page_again(view);
    }
    let answer = page_with_status(StatusCode::TOO_MANY_REQUESTS, view)?;
    Ok(([(RETRY_AFTER, "3600")], answer).into_response())
}
