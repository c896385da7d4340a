//! The rules of a project's form.

use serde::Deserialize;

use super::commands::NO_CLIENT;
use crate::core::access::noun::ClientId;
use crate::core::access::project::{Details, Project, Status};
use crate::platform::clock::Day;
use crate::platform::money;
use crate::platform::noun::edit::TypedForm;
use crate::platform::text::{block_of_text, key, line_of_text};
use crate::platform::web::FieldErrors;
use crate::platform::web::form::Fields;

/// The longest name, in characters.
const NAME_LENGTH: usize = 120;
/// The longest description, in characters.
const DESCRIPTION_LENGTH: usize = 8000;
/// The most characters in all fields.
pub const TEXT_LENGTH: usize = DESCRIPTION_LENGTH + 2 * NAME_LENGTH;
/// The longest code, in characters.
pub(super) const CODE_LENGTH: usize = 12;

/// The fields of the form.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectForm {
    pub name: String,
    pub code: String,
    pub client: String,
    pub description: String,
    pub status: String,
    pub starts_on: String,
    pub due_on: String,
    pub budget: String,
    pub restricted: String,
    /// The version that the form was filled from; empty for a new project.
    pub version: String,
}

impl Fields for ProjectForm {}

impl Default for ProjectForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            code: String::new(),
            client: String::new(),
            description: String::new(),
            status: Status::default().to_string(),
            starts_on: String::new(),
            due_on: String::new(),
            budget: String::new(),
            restricted: String::new(),
            version: String::new(),
        }
    }
}

impl ProjectForm {
    /// Whether only its own members can see it.
    pub fn is_restricted(&self) -> bool {
        !self.restricted.is_empty()
    }
}

impl TypedForm<Project> for ProjectForm {
    fn of(project: &Project) -> Self {
        let details = project.details.clone();
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            name: details.name,
            code: details.code,
            client: details.client_id.map(|id| id.to_string()).unwrap_or_default(),
            description: details.description,
            status: details.status.to_string(),
            starts_on: day(details.starts_on),
            due_on: day(details.due_on),
            budget: details.budget_cents.map(money::plain).unwrap_or_default(),
            restricted: if details.is_restricted { "yes".to_owned() } else { String::new() },
            version: project.version.to_string(),
        }
    }

    fn version(&mut self) -> &mut String {
        &mut self.version
    }

    /// If the code is empty, it is derived from the name later.
    fn check(&self, errors: &mut FieldErrors) -> Option<Details> {
        let name =
            errors.take("name", line_of_text(&self.name, NAME_LENGTH, "Enter the project's name."));
        let code = errors.take("code", code(&self.code));
        let client_id = match self.client.as_str() {
            "" => Some(None),
            id => errors
                .take("client", id.parse::<ClientId>().map_err(|_| NO_CLIENT.to_owned()))
                .map(Some),
        };
        let description =
            errors.take("description", block_of_text(&self.description, DESCRIPTION_LENGTH));
        let status = match self.status.as_str() {
            "" => Some(Status::default()),
            word => errors.take("status", word.parse()),
        };
        let starts_on = errors.take("starts_on", Day::from_field(&self.starts_on));
        let due_on = errors.take("due_on", Day::from_field(&self.due_on));
        let budget_cents = errors.take("budget", money::amount(&self.budget));
        if let (Some(Some(start)), Some(Some(due))) = (starts_on, due_on)
            && due < start
        {
            errors.add("due_on", "This is before the start date.");
            return None;
        }
        Some(Details {
            client_id: client_id?,
            code: code?,
            name: name?,
            description: description?,
            status: status?,
            starts_on: starts_on?,
            due_on: due_on?,
            budget_cents: budget_cents?,
            is_restricted: self.is_restricted(),
        })
    }
}

fn code(typed: &str) -> Result<String, String> {
    let code = key(typed).to_uppercase();
    let is_plain = code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-');
    if !is_plain || code.starts_with('-') || code.ends_with('-') {
        return Err("Use letters and digits, with hyphens between them.".to_owned());
    }
    match code.len() {
        0 | 2..=CODE_LENGTH => Ok(code),
        _ => Err(format!("Use 2 to {CODE_LENGTH} characters.")),
    }
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn codes_are_capitals_digits_and_hyphens() {
        assert_eq!(code(" web-1 ").unwrap(), "WEB-1");
        assert_eq!(code("ｗｅｂ－１").unwrap(), "WEB-1");
        assert_eq!(code("").unwrap(), "");
        for wrong in ["W", "-WEB", "WEB-", "W EB", "ÄB", "ABCDEFGHIJKLM"] {
            assert!(code(wrong).is_err(), "{wrong}");
        }
    }
}
