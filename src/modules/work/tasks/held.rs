//! Unassigns tasks from people who can no longer see them.

use crate::core::access::{Holding, sees};
use crate::platform::db::statement::sql;

/// Why these statements need not check who may see the project: that is what they are about.
const TAKEN: &str = "it takes tasks from people who do not see their project any more";

inventory::submit!(Holding {
    table: "tasks",
    taken_on_leaving: sql!(
        unfiltered because "it takes all tasks from somebody whose membership ends",
        "update tasks set assignee_id = null where organization_id = $1 and assignee_id = $2"
    ),
    taken_when_unseen: sql!(unfiltered because TAKEN, concat!(
        "update tasks set assignee_id = null
         where organization_id = $1 and assignee_id = $2 and not exists (
            select 1
            from memberships m
            join roles r on r.organization_id = m.organization_id and r.key = m.role
            join projects p on p.organization_id = m.organization_id and p.id = tasks.project_id
            where m.organization_id = $1 and m.id = $2 and ",
        sees!(),
        ")"
    )),
    taken_on_closing: sql!(unfiltered because TAKEN, concat!(
        "update tasks set assignee_id = null
         where organization_id = $1 and project_id = $2 and assignee_id is not null and not exists (
            select 1
            from memberships m
            join roles r on r.organization_id = m.organization_id and r.key = m.role
            join projects p on p.organization_id = m.organization_id and p.id = $2
            where m.organization_id = $1 and m.id = tasks.assignee_id and ",
        sees!(),
        ")"
    )),
});
