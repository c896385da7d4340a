//! Saved filters: named addresses of a list that a person wants to come back to.

mod commands;
pub mod noun;
mod sql;

use axum::response::Response;
use serde::Deserialize;

use self::commands::Details;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::FilterId;
use crate::platform::list::query_string;
use crate::platform::list::saved::Saved;
use crate::platform::tenant::CurrentOrg;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::text::line_of_text;
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form, Id};

/// The longest name, in characters.
const NAME_LENGTH: usize = 40;
/// The longest query string.
const QUERY_LENGTH: usize = 500;

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilterForm {
    list: String,
    name: String,
    query: String,
}

impl Fields for FilterForm {}

impl FilterForm {
    fn check(&self) -> Result<Details, String> {
        let name = line_of_text(&self.name, NAME_LENGTH, "Enter a name for the filter.")?;
        let query = clean(&self.query)?;
        let list = Saved::lists()
            .find(|list| *list == self.list)
            .ok_or_else(|| "This list doesn't exist.".to_owned())?;
        Ok(Details { list, name, query })
    }
}

/// Removes the position in the list from a query string: a filter says what is shown, not where.
fn clean(query: &str) -> Result<String, String> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
            .filter(|(name, _)| !matches!(&**name, "after" | "before"))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
    let query = query_string(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    match query.len() > QUERY_LENGTH {
        true => Err("This filter is too long to save.".to_owned()),
        false => Ok(query),
    }
}

/// `POST /orgs/{slug}/filters`
pub async fn save(org: CurrentOrg<AnyMember>, Form(form): Form<FilterForm>) -> Result<Response> {
    let details = form.check().map_err(|words| AppError::Invalid(words.into()))?;
    commands::save(&org, &details).await?;
    let words = format!("Filter {} saved.", details.name);
    Ok(Flash::redirect(&details.path(&org.organization), words))
}

/// `POST /orgs/{slug}/filters/{id}/delete`
pub async fn delete(org: CurrentOrg<AnyMember>, Id(id): Id<FilterId>) -> Result<Response> {
    let (list, name) = commands::delete(&org, id).await?;
    let path = org.organization.path(&format!("/{list}"));
    Ok(Flash::redirect(&path, format!("Filter {name} deleted.")))
}
