//! What would happen, organization by organization.

use super::sql::{self, Place};
use crate::core::members::{self, Candidate, Consequences};
use crate::core::operators;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::session::CurrentUser;

/// How many members the form offers as owners; the page of members finds the others.
const OFFERED: i64 = 200;

/// What would happen.
pub(super) struct Preview {
    pub places: Vec<Fate>,
    pub sign_ins: i64,
    /// Invitations that wait for the address.
    pub invitations: i64,
    /// Whether nobody else runs the installation.
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
    /// Nobody else belongs to it: it goes, too.
    Deleted,
    /// It would have no owner: first someone else has to be.
    Held(Way),
}

/// How an organization gets another owner.
pub(super) enum Way {
    /// One of these.
    Choose(Vec<Candidate>),
    /// Everyone else in it is suspended.
    Reactivate,
    /// Its pages open only with a second factor.
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
                let consequences = members::consequences(&mut inside, user.id).await?;
                let is_last = members::is_last_owner(&member.role, member.can_act(), member.owners);
                let end = match member.members {
                    1 => End::Deleted,
                    // Who belongs to it is not told where its own pages would not tell it.
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

    /// Those that stand against it.
    pub fn held(&self) -> impl Iterator<Item = (&Place, &Way)> {
        self.places.iter().filter_map(|fate| match &fate.end {
            End::Held(way) => Some((&fate.organization, way)),
            End::Left | End::Deleted => None,
        })
    }

    /// Whether something stands against it.
    pub fn is_held(&self) -> bool {
        self.held().next().is_some()
    }

    /// The ids of those that go with the account, as the form carries them.
    pub fn agreed(&self) -> String {
        let gone = self.places.iter().filter(|fate| matches!(fate.end, End::Deleted));
        let ids: Vec<String> = gone.map(|fate| fate.organization.id.to_string()).collect();
        ids.join(" ")
    }
}
