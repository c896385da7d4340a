//! Activity: the part of the audit log about clients and visible projects, which every member may
//! read. It leaves out the log's information about people's devices.

mod list;
mod model;
mod sql;

pub(crate) use list::of_project as project_page;
pub use list::{FeedParams, index};
pub use model::Event;

use uuid::Uuid;

use crate::core::access::{CurrentProject, Level, Viewer};
use crate::platform::error::Result;
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;

use crate::platform::module::Section;

/// Its section of the navigation.
pub const SECTION: Section =
    Section { path: "/activity", label: "Activity", icon: "activity", place: 200, needs: None };

/// The latest activity in the organization that the sender of the request can see.
pub(crate) async fn latest(tx: &mut OrgTx, org: &Context, limit: i64) -> Result<Vec<Event>> {
    let rows = sql::of_organization(tx, Viewer::of(org), i64::MAX, limit).await?;
    Ok(model::by_day(rows.into_iter().map(|row| Event::new(row, &org.organization)), org.now))
}

/// The latest activity on a thing in the current project, and on what belongs to it, for the thing's
/// own page, which need not name it again.
pub(crate) async fn of_thing<R: Level>(
    tx: &mut OrgTx,
    current: &CurrentProject<R>,
    thing: Uuid,
    limit: i64,
) -> Result<Vec<Event>> {
    let viewer = Viewer::of(current);
    let rows = sql::of_thing(tx, viewer, current.project.id, thing, limit).await?;
    let own: Vec<bool> = rows.iter().map(|row| row.object_id == Some(thing)).collect();
    let events = model::in_project(rows, &current.organization).into_iter().zip(own);
    Ok(events.map(|(event, is_own)| if is_own { event.unnamed() } else { event }).collect())
}
