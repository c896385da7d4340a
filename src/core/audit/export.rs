//! Exports the log as a file.

use axum::body::Body;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::file::{Format, file};
use super::model::Filters;
use crate::core::audit::noun::{AUDIT_EXPORTED, ViewAudit};
use crate::platform::audit::object;
use crate::platform::audit::{Entry, Object};
use crate::platform::error::{AppError, Result};
use crate::platform::list::FileHead;
use crate::platform::tenant::CurrentOrg;
use crate::platform::tenant::current_org::Context;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Form};

/// The format, and the filters of the page with the button.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportForm {
    format: String,
    who: String,
    action: String,
    kind: String,
    object: String,
    from: String,
    to: String,
}

impl Fields for ExportForm {}

/// `POST /orgs/{slug}/audit/export`
pub async fn export(org: CurrentOrg<ViewAudit>, Form(form): Form<ExportForm>) -> Result<Response> {
    org.user.require_proof(org.now, &org.organization.path("/audit"))?;
    let ExportForm { format, who, action, kind, object, from, to } = form;
    let format = match format.as_str() {
        "csv" => Format::Csv,
        "jsonl" => Format::JsonLines,
        _ => return Err(AppError::Invalid("Choose CSV or JSON Lines.".into())),
    };
    let filters = Filters { who, action, kind, object, from, to };
    let Some(filter) = filters.read(&mut FieldErrors::default()) else {
        return Err(AppError::Invalid("One of the filters is wrong. Check it on the page.".into()));
    };
    record(&org, format, &filters).await?;
    let head = FileHead::new(&org, "audit", format.ending(), format.content_type());
    let context: Context = (*org).clone();
    Ok(head.answer(Body::from_stream(file(context, format, filter))))
}

/// Records the export before anything is sent.
async fn record(org: &CurrentOrg<ViewAudit>, format: Format, filters: &Filters) -> Result<()> {
    let (mut tx, _) = org.write().await?;
    let filters: serde_json::Map<String, Value> =
        filters.set().map(|(name, value)| (name.to_owned(), value.into())).collect();
    tx.record(
        Entry::new(AUDIT_EXPORTED, Object::named(object::AUDIT_LOG, "the audit log"))
            .after(json!({ "format": format.ending(), "filters": filters })),
    );
    tx.commit().await
}
