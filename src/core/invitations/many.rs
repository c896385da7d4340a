//! Doing something with many pending invitations: chosen by their boxes, or all that match the filter.

use axum::response::Response;

use super::commands;
use crate::core::members::noun::InviteMembers;
use crate::core::members::{self, Inactive, InvitedAct as Act, People, PeopleFilter, RankedRow};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::InvitationId;
use crate::platform::list::Request;
use crate::platform::list::chosen::{ChosenForm, Confirm, Outcome, Results};
use crate::platform::tenant::CurrentOrg;
use crate::platform::web::{Form, page};

/// `POST /orgs/{slug}/invitations/choose`: asks; the filter is in the address.
pub async fn choose(
    org: CurrentOrg<InviteMembers>,
    request: Request<People>,
    Form(form): Form<ChosenForm>,
) -> Result<Response> {
    let act: Act = form.act.parse().map_err(|words: String| AppError::Invalid(words.into()))?;
    let mut tx = org.read().await?;
    let rows = invited(
        form.rows(&mut tx, request, PeopleFilter::everyone(), &Inactive::since(org.now)).await?,
    )?;
    tx.commit().await?;
    let invitations = match rows.len() {
        1 => "1 invitation".to_owned(),
        count => format!("{count} invitations"),
    };
    page(&Confirm {
        shell: org.shell(members::SECTION),
        title: format!("{} {invitations}?", act.verb()),
        consequences: act.consequences(),
        ids: rows.iter().map(|row| row.person.id.to_string()).collect::<Vec<_>>().join(" "),
        names: rows.into_iter().map(|row| row.person.name).collect(),
        act: form.act,
        values: Vec::new(),
        value_label: "",
        button: format!("{} {invitations}", act.verb()),
        is_dangerous: matches!(act, Act::Revoke),
        path: org.organization.path("/invitations/choose/apply"),
        back: org.organization.path("/members?show=invited"),
    })
}

/// `POST /orgs/{slug}/invitations/choose/apply`: one after the other, each in a transaction of its own.
pub async fn apply(
    org: CurrentOrg<InviteMembers>,
    Form(form): Form<ChosenForm>,
) -> Result<Response> {
    let act: Act = form.act.parse().map_err(|words: String| AppError::Invalid(words.into()))?;
    let mut tx = org.read().await?;
    let request = Request::<People>::of(PeopleFilter::everyone());
    let rows = invited(
        form.rows(&mut tx, request, PeopleFilter::everyone(), &Inactive::since(org.now)).await?,
    )?;
    tx.commit().await?;
    let mut outcomes = Vec::new();
    for row in rows {
        let id: InvitationId = row.person.id.to_string().parse().map_err(|_| AppError::NotFound)?;
        let done = match act {
            Act::Resend => commands::resend(&org, id).await.map(drop),
            Act::Revoke => commands::revoke(&org, id).await.map(drop),
        };
        outcomes.push(Outcome::of(row.person.name, done)?);
    }
    page(&Results {
        shell: org.shell(members::SECTION),
        done: if act == Act::Resend { "resent" } else { "revoked" },
        outcomes,
        back: (org.organization.path("/members?show=invited"), "Members"),
    })
}

/// The invitations among the chosen rows.
fn invited(mut rows: Vec<RankedRow>) -> Result<Vec<RankedRow>> {
    rows.retain(|row| row.person.is_invited);
    match rows.is_empty() {
        true => Err(AppError::Invalid("Choose at least one invitation first.".into())),
        false => Ok(rows),
    }
}
