//! Saved filters: an address of a list that a person wants to come back to, under a name.

pub mod noun;

use axum::response::Response;
use serde::Deserialize;

use crate::core::filters::noun::{FILTER_DELETED, FILTER_NAME, FILTER_SAVED};
use crate::platform::audit::{Entry, Object};
use crate::platform::db::statement::sql;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{FilterId, MembershipId};
use crate::platform::list::{query_string, saved};
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::text::{key, line_of_text};
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form, Id};

/// The lists that filters are saved for; each shows its [`Bar`].
pub const LISTS: &[&str] = &["clients", "projects", "tasks", "members"];
/// The longest name.
const NAME_LENGTH: usize = 40;
/// The longest address.
const QUERY_LENGTH: usize = 500;
/// The most filters that one person keeps for one list.
const MOST: i64 = 20;

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilterForm {
    list: String,
    name: String,
    query: String,
}

impl Fields for FilterForm {}

/// A query string without the place in the list: a filter is about what, not about where.
fn clean(query: &str) -> Result<String> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
            .filter(|(name, _)| !matches!(&**name, "after" | "before"))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
    let query = query_string(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    if query.len() > QUERY_LENGTH {
        return Err(AppError::Invalid("This filter is too long to be saved.".into()));
    }
    Ok(query)
}

/// `POST /orgs/{slug}/filters`
pub async fn save(org: CurrentOrg<AnyMember>, Form(form): Form<FilterForm>) -> Result<Response> {
    let invalid = |words: String| AppError::Invalid(words.into());
    let name = line_of_text(&form.name, NAME_LENGTH, "Enter a name for the filter.");
    let name = name.map_err(invalid)?;
    let query = clean(&form.query)?;
    if !LISTS.contains(&form.list.as_str()) {
        return Err(invalid("There is no such list.".to_owned()));
    }
    let (mut tx, actor) = org.write().await?;
    if actor.membership_id == MembershipId::NONE {
        return Err(AppError::Refused("Operators cannot save filters here.".into()));
    }
    let known = saved::of_member(&mut tx, actor.membership_id, &form.list).await?;
    let called = || format!("You already have a filter called {name} for this list.");
    if known.iter().any(|saved| key(&saved.name) == key(&name)) {
        return Err(AppError::Conflict(called().into()));
    }
    if known.len() as i64 >= MOST {
        return Err(AppError::Conflict(format!("A list can have at most {MOST} filters.").into()));
    }
    let id = FilterId::new();
    let inserted = insert(&mut tx, id, actor.membership_id, &form.list, &name, &query, org.now);
    match inserted.await.map_err(AppError::from) {
        Err(error) if error.breaks(FILTER_NAME) => {
            return Err(AppError::Conflict(called().into()));
        }
        inserted => inserted?,
    }
    let object = Object::new(noun::KIND, id.uuid(), name.clone());
    tx.record(Entry::new(FILTER_SAVED, object).person(actor.user_id));
    let path = org.organization.path(&format!("/{}{query}", form.list));
    tx.leads_to(&path).await?;
    tx.commit().await?;
    Ok(Flash::redirect(&path, format!("The filter {name} has been saved.")))
}

async fn insert(
    tx: &mut OrgTx,
    id: FilterId,
    member: MembershipId,
    list: &str,
    name: &str,
    query: &str,
    now: crate::platform::clock::Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "insert into saved_filters
            (organization_id, id, membership_id, list, name, query, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)"
    ))
    .bind(id)
    .bind(member)
    .bind(list)
    .bind(name)
    .bind(query)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// `POST /orgs/{slug}/filters/{id}/delete`
pub async fn delete(org: CurrentOrg<AnyMember>, Id(id): Id<FilterId>) -> Result<Response> {
    let (mut tx, actor) = org.write().await?;
    let deleted: Option<(String, String)> = tx
        .query(sql!(
            "delete from saved_filters
             where organization_id = $1 and id = $2 and membership_id = $3
             returning list, name"
        ))
        .bind(id)
        .bind(actor.membership_id)
        .optional()
        .await?;
    let (list, name) = deleted.ok_or(AppError::NotFound)?;
    let object = Object::new(noun::KIND, id.uuid(), name.clone());
    tx.record(Entry::new(FILTER_DELETED, object).person(actor.user_id));
    tx.commit().await?;
    let path = org.organization.path(&format!("/{list}"));
    Ok(Flash::redirect(&path, format!("The filter {name} has been deleted.")))
}
