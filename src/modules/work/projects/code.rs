//! Codes for projects for which nobody has typed one.

use super::form::CODE_LENGTH;
use super::sql;
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::OrgTx;

/// A code for `name` that no other project has: the beginning of the name's first word, and a
/// number.
pub(super) async fn free_code(tx: &mut OrgTx, name: &str) -> Result<String> {
    let base = code_base(name);
    let taken = sql::codes(tx, &base).await?;
    (1..)
        .map(|number: u32| format!("{base}-{number}"))
        .take_while(|code| code.len() <= CODE_LENGTH)
        .find(|code| !taken.contains(code))
        .ok_or_else(|| AppError::Conflict("Enter a code for the project.".into()))
}

/// The beginning of a code derived from `name`.
fn code_base(name: &str) -> String {
    let letters: String =
        slug::slugify(name).to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let base: String = letters.chars().take(4).collect();
    if base.is_empty() { "PROJ".to_owned() } else { base }
}

/// Whether `code` looks as if it was derived from `name`.
pub(super) fn looks_derived(code: &str, name: &str) -> bool {
    code.strip_prefix(&code_base(name))
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|number| number.parse::<u32>().is_ok())
}
