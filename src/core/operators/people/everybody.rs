//! Ending everybody's sign-ins, in case nobody knows whose sessions have been stolen.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::commands::{self, EVERYBODY};
use super::list::PATH;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::session::CurrentOperator;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_again};

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

/// `GET /operator/sign-ins/end`: says what it will do.
pub async fn confirm(operator: CurrentOperator) -> Result<Response> {
    let (shell, errors) = (Shell::signed_in(&operator), FieldErrors::default());
    page(&EndPage { shell, form: EndForm::default(), errors })
}

/// `POST /operator/sign-ins/end`
pub async fn end(
    operator: CurrentOperator,
    State(app): State<App>,
    Form(form): Form<EndForm>,
) -> Result<Response> {
    operator.require_proof(operator.now, EVERYBODY)?;
    if form.phrase.trim() != PHRASE {
        let mut errors = FieldErrors::default();
        errors.add("phrase", format!("Type “{PHRASE}”, without the quotes."));
        let view = EndPage { shell: Shell::signed_in(&operator), form, errors };
        return page_again(&view);
    }
    commands::end_everybodys_sign_ins(&app, &operator).await?;
    Ok(Flash::redirect(PATH, "Everyone has been signed out, except you in this browser."))
}
