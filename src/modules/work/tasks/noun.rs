//! What this feature declares to the platform.

use crate::platform::audit::{actions, kinds};
use crate::platform::db::tables::tables;
use crate::platform::db::text_keys::keyed;
use crate::platform::ids::id;
use crate::platform::noun::actions::life_actions;
use crate::platform::retention::purged;
use crate::platform::search::searchable;

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

life_actions! {
    pub TASK_LIFE = "task", "the task {}";
}

actions! {
    pub(crate) TASK_MOVED = "task.moved", "moved the task {}";
}

keyed!("task", "tasks" by title);
purged!("tasks");
searchable!(KIND, "tasks" in project_id by title, description);
