//! Doing something with many members: chosen by their boxes, or all that match the filter.

use axum::response::Response;
use uuid::Uuid;

use super::SECTION;
use super::commands;
use super::list::{PeopleFilter, Standing};
use super::noun::{KIND, MEMBERS_EXPORTED, ManageMembers};
use super::people::{Inactive, People};
use super::row::PersonRow;
use crate::platform::audit::{Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MembershipId;
use crate::platform::list::chosen::{ChosenForm, Confirm, Outcome, Results};
use crate::platform::list::{Columns, Request, exported};
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::{CurrentOrg, OrgTx, RoleKey, role};
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
    let act: Act = form.act()?;
    let list = org.organization.path("/members");
    let mut tx = org.read().await?;
    let rows = chosen(&mut tx, &org, &form, request, false).await?;
    let roles = role::list(&mut tx).await?;
    tx.commit().await?;
    let values = match act {
        Act::Role => roles
            .into_iter()
            .filter(|role| !role.key.is_owner() && org.membership.role.reaches(role.rank))
            .map(|role| (role.key.to_string(), role.name))
            .collect(),
        _ => Vec::new(),
    };
    let (shell, words) = (org.shell(SECTION), (act.verb(), "member"));
    page(&Confirm {
        consequences: act.consequences(),
        values,
        value_label: "New role",
        is_dangerous: matches!(act, Act::Suspend | Act::Remove),
        ..Confirm::about(shell, &form, words, named(rows), &list, list.clone())
    })
}

/// `POST /orgs/{slug}/members/choose/apply`: one after the other, each in a transaction of its own.
pub async fn apply(
    org: CurrentOrg<ManageMembers>,
    Form(form): Form<ChosenForm>,
) -> Result<Response> {
    let act: Act = form.act()?;
    let role = RoleKey::from(form.value.clone());
    let mut outcomes = Vec::new();
    for PersonRow { id, name, .. } in chosen_by_id(&org, &form, false).await? {
        let id: MembershipId = id.to_string().parse().map_err(|_| AppError::NotFound)?;
        let done = match act {
            Act::Role => commands::change_role(&org, id, &role).await.map(drop),
            Act::Suspend => commands::suspend(&org, id).await.map(drop),
            Act::Reactivate => commands::reactivate(&org, id).await.map(drop),
            Act::Remove => commands::remove(&org, id).await.map(drop),
        };
        outcomes.push(Outcome::of(name, done)?);
    }
    page(&Results {
        shell: org.shell(SECTION),
        done: act.done(),
        outcomes,
        back: (org.organization.path("/members"), "Members"),
    })
}

/// The members among the chosen rows of the table, or the invitations; `request` is what the table shows.
///
/// # Errors
/// [`AppError::Invalid`] if there are none, or too many.
pub(crate) async fn chosen(
    tx: &mut OrgTx,
    org: &Context,
    form: &ChosenForm,
    request: Request<People>,
    is_invited: bool,
) -> Result<Vec<PersonRow>> {
    let inactive = Inactive::since(org.now);
    let rows = form.rows(tx, request, PeopleFilter::everyone(), &inactive).await?;
    let people = rows.into_iter().map(|row| row.person);
    let people: Vec<_> = people.filter(|person| person.is_invited == is_invited).collect();
    match (people.is_empty(), is_invited) {
        (false, _) => Ok(people),
        (true, false) => Err(AppError::Invalid("Choose at least one member first.".into())),
        (true, true) => Err(AppError::Invalid("Choose at least one invitation first.".into())),
    }
}

/// Those among everybody in the table, once it has been asked whether.
///
/// # Errors
/// Those of [`chosen`].
pub(crate) async fn chosen_by_id(
    org: &Context,
    form: &ChosenForm,
    is_invited: bool,
) -> Result<Vec<PersonRow>> {
    let mut tx = org.read().await?;
    let everyone = Request::of(PeopleFilter::everyone());
    let people = chosen(&mut tx, org, form, everyone, is_invited).await?;
    tx.commit().await?;
    Ok(people)
}

/// The ids and names of chosen people.
pub(crate) fn named(people: Vec<PersonRow>) -> impl Iterator<Item = (Uuid, String)> {
    people.into_iter().map(|person| (person.id, person.name))
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
