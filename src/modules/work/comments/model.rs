//! The data of a comment.

use serde::Deserialize;

use super::mention;
use crate::core::access::Project;
use crate::modules::work::comments::noun;
use crate::modules::work::comments::noun::CommentId;
use crate::modules::work::tasks::Task;
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::audit::{Action, Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::ids::{PictureId, ProjectId, UserId};
use crate::platform::text::{Markup, block_of_text};
use crate::platform::web::form::Fields;

/// The longest comment, in characters.
pub const BODY_LENGTH: usize = 8000;

/// A comment.
#[derive(Clone, Debug, FromRow)]
pub struct Comment {
    pub id: CommentId,
    /// `None` for a comment on the project itself.
    pub task_id: Option<TaskId>,
    pub author_id: UserId,
    pub author_name: String,
    /// The picture of an author who is still a member.
    pub author_picture: Option<PictureId>,
    /// The text, as typed.
    pub body: String,
    /// The number of its changes.
    pub version: i64,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
}

/// A comment, as its page shows it.
pub(crate) struct Shown {
    pub comment: Comment,
    /// Its text as HTML, with emphasis on mentions.
    pub text: Markup,
    /// Whether the viewer can edit it, which only its author can.
    pub can_edit: bool,
    /// Whether the viewer can delete it, which its author and the project's leads can.
    pub can_delete: bool,
}

impl Shown {
    pub fn new(comment: Comment, names: &[String], can_edit: bool, can_delete: bool) -> Self {
        let text = mention::markup(&comment.body, names);
        Self { comment, text, can_edit, can_delete }
    }
}

/// The fields of the form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CommentForm {
    pub body: String,
    /// The version that the form was filled from; empty for a new comment.
    pub version: String,
}

impl Fields for CommentForm {}

impl CommentForm {
    /// The text, or what is wrong with it.
    pub fn check(&self) -> Result<String, String> {
        match block_of_text(&self.body, BODY_LENGTH)? {
            body if body.is_empty() => Err("Write a comment first.".to_owned()),
            body => Ok(body),
        }
    }
}

/// The audit log's entry that `action` was done to a comment. It names what the comment is on, and
/// does not contain its text.
pub(super) fn entry(
    action: Action,
    project: &Project,
    task: Option<&Task>,
    id: CommentId,
) -> Entry {
    named(action, project.id, task.map_or(&project.details.name, |task| &task.details.title), id)
}

/// The audit log's entry that `action` was done to a comment on something with this name.
pub(super) fn named(action: Action, project: ProjectId, name: &str, id: CommentId) -> Entry {
    Entry::new(action, Object::new(noun::KIND, id.uuid(), name)).project(project)
}

/// The path of the page with a comment, relative to its project.
pub(super) fn place(task: Option<TaskId>) -> String {
    task.map(|task| format!("/tasks/{task}")).unwrap_or_default()
}

/// The address of a comment, relative to its project.
pub(super) fn address(task: Option<TaskId>, id: CommentId) -> String {
    format!("{}?comment={id}#comment-{id}", place(task))
}
