//! What a text looks like before it is saved: the answer to the button beside every field that takes
//! Markdown.
//!
//! htmx shows it below the field. Without scripts it opens in a tab of its own, and the form stays as
//! it is.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::platform::error::Result;
use crate::platform::session::CurrentUser;
use crate::platform::text::{Markup, markup};
use crate::platform::web::form::Fields;
use crate::platform::web::{Form, Htmx, Shell};

/// The most characters that are previewed: no field takes more.
pub(crate) const TEXT_LENGTH: usize = 20_000;

/// The button's field, which names the field with the text.
const BUTTON: &str = "preview";

/// Any form with such a button.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct AnyForm(BTreeMap<String, String>);

impl Fields for AnyForm {}

impl AnyForm {
    /// The text of the field whose button was pressed.
    fn text(&self) -> &str {
        self.0.get(BUTTON).and_then(|name| self.0.get(name)).map_or("", String::as_str)
    }
}

/// The page with a text as it will look.
#[derive(Template)]
#[template(path = "core/preview/show.html", blocks = ["part"])]
struct PreviewPage {
    shell: Shell,
    text: Markup,
    note: String,
}

/// Shows `text`, and below it a sentence about what else happens when it is saved.
pub(crate) fn respond(shell: Shell, htmx: Htmx, text: Markup, note: String) -> Result<Response> {
    let page = PreviewPage { shell, text, note };
    htmx.render(&page, page.as_part())
}

/// `POST /preview`
pub async fn show(user: CurrentUser, htmx: Htmx, Form(form): Form<AnyForm>) -> Result<Response> {
    respond(Shell::signed_in(&user), htmx, markup(form.text()), String::new())
}
