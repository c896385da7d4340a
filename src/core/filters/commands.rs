//! The commands for saved filters: each member has their own.

use super::noun::{self, FILTER_DELETED, FILTER_NAME, FILTER_SAVED};
use super::sql;
use crate::platform::audit::{Entry, Object};
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{FilterId, MembershipId};
use crate::platform::list::saved;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, Organization};
use crate::platform::text::key;

/// The most filters that a member can save for one list.
const MOST: i64 = 20;

/// A filter to be saved.
pub(crate) struct Details {
    /// Its list, one that a [`Saved`](crate::platform::list::saved::Saved) declares.
    pub list: &'static str,
    /// Its name.
    pub name: String,
    /// The query string of the list's address, with its question mark unless it is empty.
    pub query: String,
}

impl Details {
    /// The path of the filtered list.
    pub fn path(&self, organization: &Organization) -> String {
        organization.path(&format!("/{}{}", self.list, self.query))
    }
}

/// Saves a filter for the member who acts.
///
/// # Errors
/// [`AppError::Conflict`] when they have one with this name, or too many; [`AppError::Refused`] for
/// an operator on a visit.
pub(crate) async fn save(org: &CurrentOrg<AnyMember>, details: &Details) -> Result<FilterId> {
    let (mut tx, actor) = org.write().await?;
    if actor.membership_id == MembershipId::NONE {
        return Err(AppError::Refused("Operators can't save filters.".into()));
    }
    let name = &details.name;
    let called = || format!("You already have a filter named {name} for this list.");
    let known = saved::of_member(&mut tx, actor.membership_id, details.list).await?;
    if known.iter().any(|saved| key(&saved.name) == key(name)) {
        return Err(AppError::Conflict(called().into()));
    }
    if known.len() as i64 >= MOST {
        let words = format!("You can save up to {MOST} filters for a list.");
        return Err(AppError::Conflict(words.into()));
    }
    let inserted = sql::insert(&mut tx, actor.membership_id, details, org.now).await;
    let id = match inserted.map_err(AppError::from) {
        Err(error) if error.breaks(FILTER_NAME) => {
            return Err(AppError::Conflict(called().into()));
        }
        inserted => inserted?,
    };
    let object = Object::new(noun::KIND, id.uuid(), name.clone());
    tx.record(Entry::new(FILTER_SAVED, object).person(actor.user_id));
    tx.leads_to(&details.path(&org.organization)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Deletes a filter of the member who acts; returns its list and its name.
///
/// # Errors
/// [`AppError::NotFound`] when they have no such filter.
pub(crate) async fn delete(org: &CurrentOrg<AnyMember>, id: FilterId) -> Result<(String, String)> {
    let (mut tx, actor) = org.write().await?;
    let deleted = sql::delete(&mut tx, actor.membership_id, id).await?;
    let (list, name) = deleted.ok_or(AppError::NotFound)?;
    let object = Object::new(noun::KIND, id.uuid(), name.clone());
    tx.record(Entry::new(FILTER_DELETED, object).person(actor.user_id));
    tx.commit().await?;
    Ok((list, name))
}
