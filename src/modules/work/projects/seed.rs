//! Projects of the demonstration.

use super::members;
use crate::core::access::ProjectRole;
use crate::core::access::noun::{ClientId, PROJECT_LIFE};
use crate::core::access::project::{Details, Project, Status};
use crate::platform::clock::{Day, Timestamp};
use crate::platform::error::Result;
use crate::platform::ids::{MembershipId, ProjectId};
use crate::platform::noun::Record;
use crate::platform::tenant::OrgTx;

/// A project of the demonstration.
pub(crate) struct Seed<'a> {
    pub name: &'a str,
    pub code: &'a str,
    pub description: &'a str,
    pub client_id: Option<ClientId>,
    pub due_on: Option<Day>,
    pub is_restricted: bool,
    pub lead: MembershipId,
    /// Its other members, who contribute.
    pub members: Vec<MembershipId>,
    pub starts_on: Day,
    pub status: Status,
}

/// Adds a project to the demonstration.
pub(crate) async fn seed(tx: &mut OrgTx, seed: Seed<'_>, now: Timestamp) -> Result<ProjectId> {
    let details = Details {
        client_id: seed.client_id,
        code: seed.code.to_owned(),
        name: seed.name.to_owned(),
        description: seed.description.to_owned(),
        status: seed.status,
        starts_on: Some(seed.starts_on),
        due_on: seed.due_on,
        budget_cents: None,
        is_restricted: seed.is_restricted,
    };
    let id = Project::insert(tx, (), &details, now).await?;
    members::insert(tx, id, seed.lead, ProjectRole::Lead, now).await?;
    for member in seed.members {
        members::insert(tx, id, member, ProjectRole::Contributor, now).await?;
    }
    tx.record(Project::entry_of(PROJECT_LIFE.created, (), id, &details));
    Ok(id)
}
