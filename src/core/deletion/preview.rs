//! What the deletion would do, organization by organization.

use super::sql::{self, Place};
use crate::core::members::{self, Candidate, Consequences};
use crate::core::operators;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::session::CurrentUser;

/// How many members the form offers as new owners; the members page has the others.
const OFFERED: i64 = 200;

/// What the deletion would do.
pub(super) struct Preview {
    pub places: Vec<Fate>,
    pub sign_ins: i64,
    /// The number of open invitations to the address.
    pub invitations: i64,
    /// Whether the person is the only operator.
    pub is_only_operator: bool,
}

/// An organization, and what the deletion does to it.
pub(super) struct Fate {
    pub organization: Place,
    pub end: End,
    pub consequences: Consequences,
}

/// What the deletion does to an organization.
pub(super) enum End {
    /// Only the membership ends.
    Left,
    /// It has no other members, and is deleted, too.
    Deleted,
    /// It would have no owner: somebody else has to become one first.
    Held(Way),
}

/// How an organization can get another owner.
pub(super) enum Way {
    /// One of these members.
    Choose(Vec<Candidate>),
    /// All other members are suspended.
    Reactivate,
    /// Its pages only open with a second factor.
    AddFactor,
    /// It is suspended itself.
    Wait,
}

impl Preview {
    pub async fn load(app: &App, user: &CurrentUser) -> Result<Self> {
        let now = app.clock.now();
        let mut tx = user.read(app).await?;
        let sign_ins = sql::count_sign_ins(&mut tx, user.id, now).await?;
        let invitations = match user.is_verified() {
            true => sql::count_invitations(&mut tx, &user.email, now).await?,
            false => 0,
        };
        let is_only_operator = user.is_operator && operators::count(&mut tx).await? == 1;
        let organizations = sql::organizations(&mut tx, user.id).await?;
        let mut places = Vec::new();
        for organization in organizations {
            let mut inside = tx.enter(organization.id).await?;
            if let Some(member) = members::find_by_user(&mut inside, user.id).await? {
                let consequences = members::consequences(&mut inside, user.id, now).await?;
                let is_last = members::is_last_owner(&member.role, member.can_act(), member.owners);
                let end = match member.members {
                    1 => End::Deleted,
                    // Its members must not be shown where its own pages would not show them.
                    _ if is_last && organization.requires_factor && !user.has_factor => {
                        End::Held(Way::AddFactor)
                    }
                    _ if is_last && organization.is_suspended => End::Held(Way::Wait),
                    _ if is_last => {
                        let found = members::candidates(&mut inside, user.id, OFFERED).await?;
                        End::Held(match found.is_empty() {
                            true => Way::Reactivate,
                            false => Way::Choose(found),
                        })
                    }
                    _ => End::Left,
                };
                places.push(Fate { organization, end, consequences });
            }
            tx = inside.leave(user).await?;
        }
        tx.commit().await?;
        Ok(Self { places, sign_ins, invitations, is_only_operator })
    }

    /// The organizations that prevent the deletion.
    pub fn held(&self) -> impl Iterator<Item = (&Place, &Way)> {
        self.places.iter().filter_map(|fate| match &fate.end {
            End::Held(way) => Some((&fate.organization, way)),
            End::Left | End::Deleted => None,
        })
    }

    /// Whether any organization prevents the deletion.
    pub fn is_held(&self) -> bool {
        self.held().next().is_some()
    }

    /// The ids of the organizations that are deleted with the account, for the form.
    pub fn agreed(&self) -> String {
        let gone = self.places.iter().filter(|fate| matches!(fate.end, End::Deleted));
        let ids: Vec<String> = gone.map(|fate| fate.organization.id.to_string()).collect();
        ids.join(" ")
    }
}
