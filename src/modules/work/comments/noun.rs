//! What the platform knows of this feature.

use crate::platform::audit::actions;
use crate::platform::audit::kinds;
use crate::platform::db::tables::tables;
use crate::platform::ids::id;
use crate::platform::retention::purged;

id!(
    /// A comment on a project or a task.
    CommentId
);

kinds! {
    /// A comment.
    pub KIND = "comment", Some("Comments");
}

tables! {
    "comments": "select, insert, update, delete", locked 280;
    "comment_mentions": "select, insert, delete", locked 290;
}

actions! {
    pub(crate) COMMENT_CREATED = "comment.created", "commented on {}";
    pub(crate) COMMENT_CHANGED = "comment.changed", "changed a comment on {}";
    pub(crate) COMMENT_DELETED = "comment.deleted", "deleted a comment on {}";
    pub(crate) COMMENT_RESTORED = "comment.restored", "restored a comment on {}";
}

purged!("comments");
