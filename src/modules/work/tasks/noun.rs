//! What the platform knows of this feature.

use crate::platform::audit::actions;
use crate::platform::audit::kinds;
use crate::platform::db::tables::tables;
use crate::platform::ids::id;
use crate::platform::retention::purged;

id!(
    /// A task of a project.
    TaskId
);

kinds! {
    /// A task.
    pub KIND = "task", Some("Tasks");
}

tables! {
    "tasks": "select, insert, update, delete", locked 270;
}

actions! {
    pub(crate) TASK_CREATED = "task.created", "created the task {}";
    pub(crate) TASK_CHANGED = "task.changed", "changed the task {}";
    pub(crate) TASK_MOVED = "task.moved", "moved the task {}";
    pub(crate) TASK_ARCHIVED = "task.archived", "archived the task {}";
    pub(crate) TASK_UNARCHIVED = "task.unarchived", "unarchived the task {}";
    pub(crate) TASK_DELETED = "task.deleted", "deleted the task {}";
    pub(crate) TASK_RESTORED = "task.restored", "restored the task {}";
}

purged!("tasks");
