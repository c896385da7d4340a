//! Ending everybody's sign-ins, in case nobody knows whose sessions have been stolen.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::command::fault;
use super::list::PATH;
use crate::core::operators::noun::SIGN_INS_ENDED;
use crate::platform::App;
use crate::platform::audit::object;
use crate::platform::audit::{Entry, Object};
use crate::platform::error::Result;
use crate::platform::session::{self, CurrentOperator};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_with_status};

/// The text that must be typed to confirm.
const PHRASE: &str = "sign everyone out";

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EndForm {
    phrase: String,
}

impl Fields for EndForm {}

#[derive(Template)]
#[template(path = "core/operators/people/everybody.html")]
struct EndPage {
    shell: Shell,
    form: EndForm,
    errors: FieldErrors,
}

/// All sign-ins of the installation, in the audit log.
fn entry(ended: u64) -> Entry {
    Entry::new(SIGN_INS_ENDED, Object::named(object::INSTALLATION, "everybody"))
        .after(json!({ "ended": ended }))
}

/// Ends everybody's sign-ins from the command line; returns how many there were.
///
/// # Errors
/// Any error of the database.
pub async fn end_everybodys_sign_ins(app: &App) -> Result<u64, String> {
    let ended = async {
        let mut tx = UnscopedTx::write(app).await?;
        let now = tx.now();
        let ended = session::end_everybodys(&mut tx, None, now).await?;
        if ended > 0 {
            tx.record(entry(ended));
        }
        tx.commit().await?;
        Ok(ended)
    };
    ended.await.map_err(fault)
}

/// `GET /operator/sign-ins/end`: says what it will do.
pub async fn confirm(operator: CurrentOperator) -> Result<Response> {
    let (shell, errors) = (Shell::signed_in(&operator), FieldErrors::default());
    page(&EndPage { shell, form: EndForm::default(), errors })
}

/// `POST /operator/sign-ins/end`: all but the sign-in of this request, so that the operator sees
/// the result.
pub async fn end(
    operator: CurrentOperator,
    State(app): State<App>,
    Form(form): Form<EndForm>,
) -> Result<Response> {
    operator.require_proof(operator.now, "/operator/sign-ins/end")?;
    if form.phrase.trim() != PHRASE {
        let mut errors = FieldErrors::default();
        errors.add("phrase", format!("Type “{PHRASE}”, without the quotes."));
        let view = EndPage { shell: Shell::signed_in(&operator), form, errors };
        return page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    let mut tx = operator.write(&app).await?;
    let ended = session::end_everybodys(&mut tx, Some(operator.sign_in_id), operator.now).await?;
    if ended > 0 {
        tx.record(entry(ended));
    }
    tx.commit().await?;
    Ok(Flash::redirect(PATH, "Everyone has been signed out, except you in this browser."))
}
