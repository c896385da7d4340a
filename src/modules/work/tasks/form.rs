//! The rules of a task's form.

use serde::Deserialize;

use super::model::{Details, Priority, Status, Task};
use crate::platform::clock::Day;
use crate::platform::ids::MembershipId;
use crate::platform::noun::edit::TypedForm;
use crate::platform::text::{block_of_text, line_of_text};
use crate::platform::web::FieldErrors;
use crate::platform::web::form::Fields;

/// The longest title, in characters.
const TITLE_LENGTH: usize = 200;
/// The longest description, in characters.
const DESCRIPTION_LENGTH: usize = 8000;
/// The most characters in all fields.
pub const TEXT_LENGTH: usize = DESCRIPTION_LENGTH + 2 * TITLE_LENGTH;

/// The error when the selected assignee cannot see the project.
pub(super) const NO_ASSIGNEE: &str = "Choose someone who can see this project.";

/// The error when several people have the name that was typed.
pub(super) const SEVERAL: &str = "Several people are called that. Enter the email address instead.";

/// The fields of the form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaskForm {
    pub title: String,
    pub description: String,
    /// A name or an email address; programs may send the id of the membership.
    pub assignee: String,
    pub status: String,
    pub priority: String,
    pub due_on: String,
    /// The version that the form was filled from.
    pub version: String,
    /// Whom `assignee` means, once that has been looked up.
    #[serde(skip)]
    pub found: Option<Result<Option<MembershipId>, String>>,
}

impl Fields for TaskForm {}

impl TypedForm<Task> for TaskForm {
    fn of(task: &Task) -> Self {
        let details = task.details.clone();
        Self {
            title: details.title,
            description: details.description,
            assignee: task.assignee_name.clone().unwrap_or_default(),
            status: details.status.to_string(),
            priority: details.priority.word().to_owned(),
            due_on: details.due_on.map(|day| day.to_string()).unwrap_or_default(),
            version: task.version.to_string(),
            found: None,
        }
    }

    fn version(&mut self) -> &mut String {
        &mut self.version
    }

    fn check(&self, errors: &mut FieldErrors) -> Option<Details> {
        let title = errors.take("title", title(&self.title));
        let description =
            errors.take("description", block_of_text(&self.description, DESCRIPTION_LENGTH));
        let found = self.found.clone().unwrap_or(Err(NO_ASSIGNEE.to_owned()));
        let assignee_id = errors.take("assignee", found);
        let status = match self.status.as_str() {
            "" => Some(Status::default()),
            word => errors.take("status", word.parse()),
        };
        let priority = match self.priority.as_str() {
            "" => Some(Priority::default()),
            word => errors.take("priority", word.parse()),
        };
        let due_on = errors.take("due_on", Day::from_field(&self.due_on));
        Some(Details {
            title: title?,
            description: description?,
            assignee_id: assignee_id?,
            status: status?,
            priority: priority?,
            due_on: due_on?,
        })
    }
}

/// Parses a task's title.
pub(super) fn title(typed: &str) -> Result<String, String> {
    line_of_text(typed, TITLE_LENGTH, "Enter a title.")
}
