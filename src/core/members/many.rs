//! Doing something with many members: chosen by their boxes, or all that match the filter.

use axum::response::Response;

use super::SECTION;
use super::commands;
use super::list::{PeopleFilter, Standing};
use super::noun::{KIND, MEMBERS_EXPORTED, ManageMembers};
use super::people::{Inactive, People, RankedRow};
use crate::platform::audit::{Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MembershipId;
use crate::platform::list::chosen::{ChosenForm, Confirm, Outcome, Results};
use crate::platform::list::{Columns, Request, exported};
use crate::platform::tenant::{CurrentOrg, RoleKey, role};
use crate::platform::web::{Form, page};
use crate::platform::words::words;

words! {
    /// What can be done with many members.
    pub enum Act without column, "Choose what to do." {
        /// They get another role.
        Role = "role", "Change role…";
        /// They are suspended.
        Suspend = "suspend", "Suspend…";
        /// They are reactivated.
        Reactivate = "reactivate", "Reactivate…";
        /// Their memberships end.
        Remove = "remove", "Remove…";
    }
}

impl Act {
    /// What can be done with people of this standing.
    pub(super) fn of(standing: Standing) -> &'static [Self] {
        match standing {
            Standing::Members => &[Self::Role, Self::Suspend, Self::Remove],
            Standing::Suspended => &[Self::Reactivate, Self::Remove],
            Standing::Everyone => Self::ALL,
            Standing::Invited => &[],
        }
    }

    /// The question and the button: the verb with the number of members.
    fn verb(self) -> &'static str {
        match self {
            Self::Role => "Change the role of",
            Self::Suspend => "Suspend",
            Self::Reactivate => "Reactivate",
            Self::Remove => "Remove",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Role => "changed",
            Self::Suspend => "suspended",
            Self::Reactivate => "reactivated",
            Self::Remove => "removed",
        }
    }

    fn consequences(self) -> Vec<&'static str> {
        match self {
            Self::Role | Self::Reactivate => Vec::new(),
            Self::Suspend => vec![
                "They lose access immediately, until you reactivate them",
                "Their pending invitations and join links end",
            ],
            Self::Remove => vec![
                "They lose access immediately",
                "Their pending invitations and join links end",
                "Open tasks assigned to them become unassigned",
            ],
        }
    }
}

/// `POST /orgs/{slug}/members/choose`: asks; the filter is in the address.
pub async fn choose(
    org: CurrentOrg<ManageMembers>,
    request: Request<People>,
    Form(form): Form<ChosenForm>,
) -> Result<Response> {
    let act: Act = form.act.parse().map_err(|words: String| AppError::Invalid(words.into()))?;
    let back = org.organization.path("/members");
    let mut tx = org.read().await?;
    let rows = members(
        form.rows(&mut tx, request, PeopleFilter::everyone(), &Inactive::since(org.now)).await?,
    )?;
    let roles = role::list(&mut tx).await?;
    tx.commit().await?;
    let members = counted(rows.len());
    let values = match act {
        Act::Role => roles
            .into_iter()
            .filter(|role| !role.key.is_owner() && org.membership.role.reaches(role.rank))
            .map(|role| (role.key.to_string(), role.name))
            .collect(),
        _ => Vec::new(),
    };
    page(&Confirm {
        shell: org.shell(SECTION),
        title: format!("{} {members}?", act.verb()),
        consequences: act.consequences(),
        ids: rows.iter().map(|row| row.person.id.to_string()).collect::<Vec<_>>().join(" "),
        names: rows.into_iter().map(|row| row.person.name).collect(),
        act: form.act,
        values,
        value_label: "New role",
        button: format!("{} {members}", act.verb()),
        is_dangerous: matches!(act, Act::Suspend | Act::Remove),
        path: format!("{back}/choose/apply"),
        back,
    })
}

/// `POST /orgs/{slug}/members/choose/apply`: one after the other, each in a transaction of its own.
pub async fn apply(
    org: CurrentOrg<ManageMembers>,
    Form(form): Form<ChosenForm>,
) -> Result<Response> {
    let act: Act = form.act.parse().map_err(|words: String| AppError::Invalid(words.into()))?;
    let role = RoleKey::from(form.value.clone());
    let mut tx = org.read().await?;
    let request = Request::<People>::of(PeopleFilter::everyone());
    let rows = members(
        form.rows(&mut tx, request, PeopleFilter::everyone(), &Inactive::since(org.now)).await?,
    )?;
    tx.commit().await?;
    let mut outcomes = Vec::new();
    for row in rows {
        let id: MembershipId = row.person.id.to_string().parse().map_err(|_| AppError::NotFound)?;
        let done = match act {
            Act::Role => commands::change_role(&org, id, &role).await.map(drop),
            Act::Suspend => commands::suspend(&org, id).await.map(drop),
            Act::Reactivate => commands::reactivate(&org, id).await.map(drop),
            Act::Remove => commands::remove(&org, id).await.map(drop),
        };
        outcomes.push(Outcome::of(row.person.name, done)?);
    }
    page(&Results {
        shell: org.shell(SECTION),
        done: act.done(),
        outcomes,
        back: (org.organization.path("/members"), "Members"),
    })
}

/// The members among the chosen rows.
fn members(mut rows: Vec<RankedRow>) -> Result<Vec<RankedRow>> {
    rows.retain(|row| !row.person.is_invited);
    match rows.is_empty() {
        true => Err(AppError::Invalid("Choose at least one member first.".into())),
        false => Ok(rows),
    }
}

fn counted(members: usize) -> String {
    match members {
        1 => "1 member".to_owned(),
        count => format!("{count} members"),
    }
}

/// The columns of the file.
static COLUMNS: Columns<People> = Columns {
    headings: &["name", "email", "role", "status", "joined", "last_active"],
    cells: |row| {
        let person = &row.person;
        let status = match person {
            person if person.is_invited => "invited",
            person if person.is_suspended => "suspended",
            _ => "member",
        };
        vec![
            person.name.clone(),
            person.email.clone(),
            person.role.to_string(),
            status.to_owned(),
            person.created_at.rfc3339(),
            person.last_active_at.map(Timestamp::rfc3339).unwrap_or_default(),
        ]
    },
};

/// `POST /orgs/{slug}/members/export`: what the filter in the address matches, as a file.
pub async fn export(org: CurrentOrg<ManageMembers>, request: Request<People>) -> Result<Response> {
    let (mut tx, _) = org.write().await?;
    let filter = serde_json::to_value(&request.filter).unwrap_or_default();
    tx.record(Entry::new(MEMBERS_EXPORTED, Object::named(KIND, "the members")).after(filter));
    tx.commit().await?;
    Ok(exported(&org, "members", &COLUMNS, request, Inactive::since(org.now)))
}
