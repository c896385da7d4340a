//! A preview of whom a comment will notify.

use askama::Template;
use axum::response::Response;

use super::mention::{MARKS, mentioned, unknown};
use super::notice::MOST;
use crate::core::access::eligible_assignees;
use crate::platform::error::Result;
use crate::platform::ids::{ProjectId, UserId};
use crate::platform::tenant::OrgTx;
use crate::platform::web::offers;
use crate::platform::web::page;

/// Whom a comment mentions.
#[derive(Debug, Default)]
pub(crate) struct Preview {
    /// The names of those who get an email.
    pub told: String,
    /// How many people are mentioned beyond the limit for one comment.
    pub more: usize,
    /// The words after an `@` that are nobody's name.
    pub unknown: String,
}

impl Preview {
    /// Finds whom `body` by `author` mentions among the people who can see the project.
    pub async fn load(
        tx: &mut OrgTx,
        project: ProjectId,
        body: &str,
        author: UserId,
    ) -> Result<Self> {
        if !body.contains(MARKS) {
            return Ok(Self::default());
        }
        let people = eligible_assignees(tx, project).await?;
        let names: Vec<String> = people.iter().map(|person| person.name.clone()).collect();
        let named = mentioned(body, &names);
        let more = named.len().saturating_sub(MOST);
        let told = named.into_iter().take(MOST).filter(|number| people[*number].user_id != author);
        let told: Vec<&str> = told.map(|number| names[number].as_str()).collect();
        Ok(Self { told: told.join(", "), more, unknown: unknown(body, &names).join(", ") })
    }
}

/// The preview line alone, for htmx while the person types.
#[derive(Template)]
#[template(path = "work/comments/preview.html")]
struct Line {
    preview: Option<Preview>,
}

/// The answer to htmx while the person types `body`; empty until it mentions somebody.
pub(super) fn line(preview: Preview, body: &str) -> Result<Response> {
    page(&Line { preview: body.contains(MARKS).then_some(preview) })
}

/// How to mention somebody in a comment, and what happens then.
pub(crate) fn mention_hint() -> &'static str {
    match offers::mail() {
        true => "Type @ and a full name to mention someone. They'll get an email.",
        false => "Type @ and a full name to mention someone.",
    }
}
