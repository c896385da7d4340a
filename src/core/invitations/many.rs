//! Doing something with many pending invitations: chosen by their boxes, or all that match the filter.

use axum::response::Response;

use super::commands;
use crate::core::members::noun::InviteMembers;
use crate::core::members::{self, InvitedAct as Act, People, PersonRow};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::InvitationId;
use crate::platform::list::Request;
use crate::platform::list::chosen::{ChosenForm, Confirm, Outcome, Results};
use crate::platform::tenant::CurrentOrg;
use crate::platform::tenant::current_org::Context;
use crate::platform::web::{Form, page};

/// `POST /orgs/{slug}/invitations/choose`: asks; the filter is in the address.
pub async fn choose(
    org: CurrentOrg<InviteMembers>,
    request: Request<People>,
    Form(form): Form<ChosenForm>,
) -> Result<Response> {
    let act: Act = form.act()?;
    let mut tx = org.read().await?;
    let rows = members::chosen(&mut tx, &org, &form, request, true).await?;
    tx.commit().await?;
    let (shell, words) = (org.shell(members::SECTION), (act.verb(), "invitation"));
    let list = org.organization.path("/invitations");
    page(&Confirm {
        consequences: act.consequences(),
        is_dangerous: act == Act::Revoke,
        ..Confirm::about(shell, &form, words, members::named(rows), &list, tab(&org))
    })
}

/// `POST /orgs/{slug}/invitations/choose/apply`: one after the other, each in a transaction of its own.
pub async fn apply(
    org: CurrentOrg<InviteMembers>,
    Form(form): Form<ChosenForm>,
) -> Result<Response> {
    let act: Act = form.act()?;
    let mut outcomes = Vec::new();
    for PersonRow { id, name, .. } in members::chosen_by_id(&org, &form, true).await? {
        let id: InvitationId = id.to_string().parse().map_err(|_| AppError::NotFound)?;
        let done = match act {
            Act::Resend => commands::resend(&org, id).await.map(drop),
            Act::Revoke => commands::revoke(&org, id).await.map(drop),
        };
        outcomes.push(Outcome::of(name, done)?);
    }
    page(&Results {
        shell: org.shell(members::SECTION),
        done: act.done(),
        outcomes,
        back: (tab(&org), "Members"),
    })
}

/// The path of the tab with the invitations.
fn tab(org: &Context) -> String {
    org.organization.path("/members?show=invited")
}
