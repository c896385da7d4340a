//! What this feature declares to the platform.

use crate::core::access::{Holding, sees};
use crate::platform::db::statement::sql;
use crate::platform::db::tables::tables;
use crate::platform::ids::id;
use crate::platform::retention::Purged;

id!(
    /// A notification in a member's inbox.
    NotificationId
);

tables! {
    "notifications": "select, insert, update, delete", locked 302;
    "notice_choices": "select, insert, update, delete", locked 301;
}

/// Why these statements need not check who may see the project: that is what they are about.
const TAKEN: &str = "it takes notifications from people who do not see their project any more";

/// Why the statements that forget read notifications need not check who may see the project.
const READ: &str = "it removes what was read long ago, and shows nothing";

inventory::submit!(Holding {
    table: "notifications",
    taken_on_leaving: sql!(
        unfiltered because "it takes all notifications from somebody whose membership ends",
        "delete from notifications where organization_id = $1 and membership_id = $2"
    ),
    taken_when_unseen: sql!(unfiltered because TAKEN, concat!(
        "delete from notifications
         where organization_id = $1 and membership_id = $2 and project_id is not null and not exists (
            select 1
            from memberships m
            join roles r on r.organization_id = m.organization_id and r.key = m.role
            join projects p on p.organization_id = m.organization_id
                and p.id = notifications.project_id
            where m.organization_id = $1 and m.id = $2 and ",
        sees!(),
        ")"
    )),
    taken_on_closing: sql!(unfiltered because TAKEN, concat!(
        "delete from notifications
         where organization_id = $1 and project_id = $2 and not exists (
            select 1
            from memberships m
            join roles r on r.organization_id = m.organization_id and r.key = m.role
            join projects p on p.organization_id = m.organization_id and p.id = $2
            where m.organization_id = $1 and m.id = notifications.membership_id and ",
        sees!(),
        ")"
    )),
});

// What was read longer ago than deleted rows are kept.
inventory::submit!(Purged {
    table: "notifications",
    has_deleted: sql!(
        unfiltered because READ,
        "select exists (select 1 from notifications where organization_id = $1 and read_at < $2)"
    ),
    purge: sql!(
        unfiltered because READ,
        "delete from notifications where organization_id = $1 and read_at < $2"
    ),
});
