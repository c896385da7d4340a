//! What this feature declares to the platform.

use crate::platform::audit::{Thing, kinds};
use crate::platform::db::tables::tables;
use crate::platform::ids::{MembershipId, id};
use crate::platform::noun::actions::life_actions;
use crate::platform::noun::prelude::links;
use crate::platform::retention::purged;
use crate::platform::search::searchable;

id!(
    /// A comment on a project or a task.
    CommentId
);

inventory::submit!(Thing {
    kind: KIND,
    name: "select coalesce(t.title, o.name) from comments c
        join projects o on o.organization_id = c.organization_id and o.id = c.project_id
        left join tasks t on t.organization_id = c.organization_id and t.id = c.task_id
        where c.organization_id = l.organization_id and c.id = l.object_id
            and c.deleted_at is null and t.deleted_at is null",
    names: None,
    parent: Some(
        "select c.task_id from comments c
         where c.organization_id = l.organization_id and c.id = l.object_id"
    ),
    is_everybodys: false,
    path: |thing| match thing.parent {
        Some(task) => thing.in_project(&format!("/tasks/{task}?comment={0}#comment-{0}", thing.id)),
        None => thing.in_project(&format!("?comment={0}#comment-{0}", thing.id)),
    },
});

kinds! {
    /// A comment.
    pub KIND = "comment", Some("Comments");
}

tables! {
    "comments": "select, insert, update, delete", locked 280;
}

links! {
    /// The members mentioned in comments.
    pub(super) Mentions = "comment_mentions" locked 290
        with comment_id: CommentId, membership_id: MembershipId;
}

life_actions! {
    pub COMMENT_LIFE = "comment", "a comment on {}", never archived,
        created as "commented on {}";
}

purged!("comments");
searchable!(KIND, "comments" in project_id by nothing, body);
