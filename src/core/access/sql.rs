//! The statements that find a project for somebody who can see it.

use super::project::Project;
use super::role::ProjectRole;
use super::visibility::{Viewer, visible};
use crate::platform::db::join::join;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::ids::ProjectId;
use crate::platform::tenant::OrgTx;

/// A project, with the viewer's own role in it, if any.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Found {
    #[sqlx(flatten)]
    pub project: Project,
    pub own_role: Option<ProjectRole>,
}

macro_rules! found {
    ($end:literal) => {
        join!(
            "select ",
            Project::COLUMNS,
            ", (select m.role from project_members m
                where m.organization_id = $1 and m.project_id = p.id and m.membership_id = $3
               ) as own_role
             from projects p
             where p.organization_id = $1 and p.id = $4 and ",
            visible!(even deleted "p"),
            $end
        )
    };
}

/// The project `id`, deleted or not, if the viewer can see it.
pub(super) async fn find(
    tx: &mut OrgTx,
    viewer: Viewer,
    id: ProjectId,
) -> Result<Option<Found>, sqlx::Error> {
    viewer.query(tx, sql!(found!(""))).bind(id).optional().await
}

/// Finds the project `id` like [`find`]. Nobody else can change the project or its members until
/// the transaction ends.
pub(super) async fn lock(
    tx: &mut OrgTx,
    viewer: Viewer,
    id: ProjectId,
) -> Result<Option<Found>, sqlx::Error> {
    // Lock first, then read: on PostgreSQL, a single statement for both would see the members from
    // before it waited.
    tx.query(sql!(
        unfiltered because
            "it only takes the lock of a project; the next statement checks who sees it",
        // On SQLite this transaction is already the only writer.
        sqlite: "select id from projects where organization_id = $1 and id = $2",
        postgres: "select id from projects where organization_id = $1 and id = $2 for update",
    ))
    .bind(id)
    .optional::<(ProjectId,)>()
    .await?;
    find(tx, viewer, id).await
}
