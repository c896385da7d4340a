//! A preview of a comment, and of whom it will notify.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::mention::{self, MARKS, mentioned, unknown};
use super::notice::MOST;
use crate::core::access::{Contribute, CurrentProject, eligible_assignees};
use crate::core::preview;
use crate::modules::work::projects;
use crate::platform::error::Result;
use crate::platform::ids::{ProjectId, UserId};
use crate::platform::tenant::OrgTx;
use crate::platform::text::prose;
use crate::platform::web::form::Fields;
use crate::platform::web::{Form, Htmx, offers, page};

/// Its path, relative to the project.
pub(super) const PREVIEW: &str = "/comments/preview";
/// The form's value that asks only for the sentence about mentions.
const LINE: &str = "line";

/// Whom a comment mentions.
#[derive(Debug, Default)]
struct Told {
    /// The names of everybody whom the comment could mention.
    names: Vec<String>,
    /// Who gets an email, and what is nobody's name; empty if nobody is named.
    words: String,
}

impl Told {
    /// Finds whom `body` by `author` mentions among the people who can see the project.
    async fn load(tx: &mut OrgTx, project: ProjectId, body: &str, author: UserId) -> Result<Self> {
        let prose = prose(body);
        if !prose.contains(MARKS) {
            return Ok(Self::default());
        }
        let people = eligible_assignees(tx, project).await?;
        let names: Vec<String> = people.iter().map(|person| person.name.clone()).collect();
        let named = mentioned(&prose, &names);
        let more = named.len().saturating_sub(MOST);
        let told = named.into_iter().take(MOST).filter(|number| people[*number].user_id != author);
        let told: Vec<&str> = told.map(|number| names[number].as_str()).collect();
        let words = words(&told.join(", "), more, &unknown(&prose, &names).join(", "));
        Ok(Self { names, words })
    }
}

/// The sentences about the people who are `told`, about `more` mentioned people beyond the limit,
/// and about `unknown` names.
fn words(told: &str, more: usize, unknown: &str) -> String {
    let mut words = Vec::new();
    match (told.is_empty(), offers::mail()) {
        (true, _) => {}
        (false, true) => {
            words.push(format!("Will be notified: {told}."));
            if more > 0 {
                words.push(format!("{more} more mentioned people won't get one."));
            }
        }
        (false, false) => {
            words.push(format!("Mentioned: {told}."));
            if more > 0 {
                words.push(format!("And {more} more."));
            }
        }
    }
    if !unknown.is_empty() {
        words.push(format!("No one with access to this project is named {unknown}."));
    }
    if words.is_empty() {
        words.push("No one is mentioned.".to_owned());
    }
    words.join(" ")
}

/// What a form asks for before it is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreviewForm {
    body: String,
    /// The version of the comment that is edited, which does not matter here.
    version: String,
    /// `line` for the sentence about mentions only.
    preview: String,
}

impl Fields for PreviewForm {}

/// `POST /orgs/{slug}/projects/{project}/comments/preview`
pub async fn preview(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Form(form): Form<PreviewForm>,
) -> Result<Response> {
    let mut tx = current.read().await?;
    let told = Told::load(&mut tx, current.project.id, &form.body, current.user.id).await?;
    tx.commit().await?;
    if htmx.wants_fragment && form.preview == LINE {
        return page(&Line { words: told.words });
    }
    let shell = current.shell(projects::SECTION);
    preview::respond(shell, htmx, mention::markup(&form.body, &told.names), told.words)
}

/// The sentence alone, for htmx while the person types.
#[derive(Template)]
#[template(path = "work/comments/preview.html")]
struct Line {
    words: String,
}

/// How to mention somebody in a comment, and what happens then.
pub(crate) fn mention_hint() -> &'static str {
    match offers::mail() {
        true => "Type @ and a full name to mention someone. They'll be notified.",
        false => "Type @ and a full name to mention someone.",
    }
}
