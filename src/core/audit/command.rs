//! `tenantry audit list`: the log of an organization or of the installation, for operators.

use super::file::Line;
use super::model::Filters;
use super::sql;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::OrganizationId;
use crate::platform::list::Direction;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::FieldErrors;

/// How many entries are read at once.
const BATCH: i64 = 1000;

/// Passes each matching entry of a log to `each`, from the oldest to the newest: as a JSON object
/// like that of an export (`is_json`), or as time, who, action, what, changes, address and request,
/// separated by tabs. [`OrganizationId::OUTSIDE`] stands for the log of the installation.
///
/// # Errors
/// A message about an invalid filter, or any error of the database.
pub async fn list(
    app: &App,
    organization: OrganizationId,
    filters: &Filters,
    is_json: bool,
    each: impl Fn(String),
) -> std::result::Result<(), String> {
    let mut errors = FieldErrors::default();
    let Some(filter) = filters.read(&mut errors) else {
        let named = ["from", "to"].map(|field| (field, errors.on(field)));
        let wrong =
            named.iter().find_map(|(field, words)| Some(format!("--{field}: {}", (*words)?)));
        return Err(wrong.unwrap_or_default());
    };
    let mut last = 0;
    loop {
        let batch = async {
            let mut tx = UnscopedTx::read(app).await?.enter(organization).await?;
            let rows =
                sql::entries(&mut tx, &filter, Direction::Backward, Some(last), BATCH).await?;
            tx.commit().await?;
            Result::Ok(rows)
        };
        let rows = batch.await.map_err(|error: AppError| error.to_string())?;
        let is_last = (rows.len() as i64) < BATCH;
        for row in rows {
            last = row.sequence;
            let line = Line::from(row);
            match is_json {
                true => each(serde_json::to_string(&line).map_err(|error| error.to_string())?),
                false => each(line.told()),
            }
        }
        if is_last {
            return Ok(());
        }
    }
}
