//! What most lists are filtered by: a search, and the state of their rows.

use serde::{Deserialize, Serialize};

use super::{Choice, State};

/// The filter of a list that is searched, and that shows archived and deleted rows on demand.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Search {
    /// The words.
    pub q: String,
    /// The state of the rows.
    pub state: Choice<State>,
}

/// The condition that a row with this alias belongs to the organization, is in the state `$state`,
/// and contains `$search` in its column: `searched!("c", "name_key")`.
macro_rules! searched {
    ($alias:literal, $column:literal) => {
        concat!(
            $alias,
            ".organization_id = $1 and (",
            $alias,
            ".deleted_at is not null) = ($state = 'deleted') and ($state in ('all', 'deleted') or (",
            $alias,
            ".archived_at is not null) = ($state = 'archived')) and ($search = '%%' or ",
            $alias,
            ".",
            $column,
            " like $search escape '\\')"
        )
    };
}
pub(crate) use searched;
