//! Finding things: one search over people and over everything that features declare as searchable; the
//! menu that opens over any page; and the page that lists the keys.

mod keys;
mod menu;
mod page;
mod sql;

pub use keys::show as show_keys;
pub use menu::show as show_menu;
pub use page::index;

use crate::core::access::Viewer;
use crate::core::members::noun::{KIND as MEMBER, ViewMembers};
use crate::platform::audit::About;
use crate::platform::error::Result;
use crate::platform::search::{Part, Searchable, Terms, excerpt, marked};
use crate::platform::tenant::OrgTx;
use crate::platform::tenant::current_org::Context;
use crate::platform::text::capitalized;

/// Something that was found.
#[derive(Debug)]
pub struct Found {
    /// The word for one of its kind: `Task`.
    pub kind: String,
    /// Its name, or that of what it is on, with the words that match.
    pub name: Vec<Part>,
    /// The name of its project, unless that is what was found.
    pub project: Option<String>,
    /// The part of its text around the match.
    pub excerpt: Vec<Part>,
    /// Its path.
    pub path: String,
}

/// What a search looks for, and of which kind: the word of a kind, or empty for all.
#[derive(Clone, Debug)]
struct Wanted {
    typed: String,
    terms: Terms,
    kind: String,
}

impl Wanted {
    fn new(typed: &str, kind: &str) -> Self {
        let (typed, kind) = (typed.trim().to_owned(), kind.to_owned());
        Self { terms: Terms::of(&typed), typed, kind }
    }

    fn includes(&self, kind: &str) -> bool {
        self.kind.is_empty() || self.kind == kind
    }
}

/// How many people come before everything else, unless only people are looked for.
const FEW_PEOPLE: i64 = 4;

/// What was found, and whether there is more.
struct Results {
    found: Vec<Found>,
    has_more: bool,
}

/// What the sender of the request can see and contains all of the words: a few people first, then the
/// rest by how well it matches, the newest first; `limit` in all.
async fn find(tx: &mut OrgTx, org: &Context, wanted: &Wanted, limit: i64) -> Result<Results> {
    let mut results = Results { found: Vec::new(), has_more: false };
    if wanted.terms.is_empty() {
        return Ok(results);
    }
    if wanted.includes(MEMBER.word()) && org.membership.role.can(ViewMembers::PERMISSION) {
        let few = if wanted.kind.is_empty() { FEW_PEOPLE } else { limit };
        let people = sql::people(tx, &wanted.terms, few as usize + 1).await?;
        let people = people.into_iter().map(|person| person.found(org, &wanted.terms));
        results.take(people.collect(), few);
    }
    let rest = limit - results.found.len() as i64;
    let rows = sql::find(tx, Viewer::of(org), &wanted.terms, &wanted.kind, rest + 1).await?;
    results.take(rows.into_iter().filter_map(|row| row.found(org, &wanted.terms)).collect(), rest);
    Ok(results)
}

impl Results {
    /// Adds what one source has found: `limit`, and one more if there is more.
    fn take(&mut self, mut found: Vec<Found>, limit: i64) {
        self.has_more |= found.len() as i64 > limit;
        found.truncate(limit as usize);
        self.found.append(&mut found);
    }
}

impl sql::Person {
    fn found(self, org: &Context, terms: &Terms) -> Found {
        Found {
            kind: capitalized(MEMBER.one()),
            path: org.organization.path(&format!("/members/{}", self.id)),
            name: marked(&self.name, terms),
            project: None,
            excerpt: marked(&self.email, terms),
        }
    }
}

impl sql::Row {
    /// `None` for a kind that no page shows.
    fn found(self, org: &Context, terms: &Terms) -> Option<Found> {
        let About { object_id, project_id, .. } = self.about;
        let is_itself = project_id.is_some_and(|project| project.uuid() == object_id);
        Some(Found {
            kind: capitalized(self.about.thing()?.kind.one()),
            name: marked(&self.object_name, terms),
            project: self.project_name.filter(|_| !is_itself),
            excerpt: excerpt(&self.text, terms),
            path: org.organization.path(&self.about.path()?),
        })
    }
}

/// The kinds that can be chosen, with their labels.
fn kinds(org: &Context) -> Vec<(&'static str, &'static str)> {
    let people = org.membership.role.can(ViewMembers::PERMISSION).then_some(MEMBER);
    let rest = Searchable::all().into_iter().map(|searchable| searchable.kind);
    let kinds = people.into_iter().chain(rest);
    kinds.filter_map(|kind| Some((kind.word(), kind.label()?))).collect()
}
