//! The people who can see a project, suggested while somebody types a name.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::core::access::{Contribute, CurrentProject, Suggested, suggested};
use crate::platform::error::Result;
use crate::platform::web::form::Params;
use crate::platform::web::page;

/// Its path, relative to the project.
pub(crate) const PEOPLE: &str = "/people";

/// What has been typed of a name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    q: String,
}

/// The options of the picker.
#[derive(Template)]
#[template(path = "work/projects/people.html")]
struct Options {
    people: Vec<Suggested>,
    organization_path: String,
}

impl Options {
    /// What a field for one person contains when `person` is picked: the name, or the email address
    /// if somebody else has the same name.
    fn value<'p>(&self, person: &'p Suggested) -> &'p str {
        match self.has_twin(person) {
            true => &person.email,
            false => &person.name,
        }
    }

    fn has_twin(&self, person: &Suggested) -> bool {
        self.people.iter().filter(|other| other.name_key == person.name_key).count() > 1
    }
}

/// `GET /orgs/{slug}/projects/{project}/people`
pub async fn people(
    current: CurrentProject<Contribute>,
    Params(typed): Params<Typed>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let people = suggested(&mut tx, current.project.id, &typed.q).await?;
    tx.commit().await?;
    page(&Options { people, organization_path: current.organization.path("") })
}
