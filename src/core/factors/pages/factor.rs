//! Renaming and removing a factor.

use std::str::FromStr;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::security::PATH;
use crate::core::accounts::Tab;
use crate::core::factors::commands;
use crate::core::factors::model::FactorId;
use crate::core::factors::sql;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::session::CurrentUser;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form, Id, Shell, page};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NameForm {
    name: String,
}

impl Fields for NameForm {}

/// The question, before a factor is removed.
#[derive(Template)]
#[template(path = "core/factors/remove.html")]
struct RemovePage {
    shell: Shell,
    tab: Tab,
    name: String,
    /// The path that the answer is posted to.
    path: String,
    /// Whether only the password would be left.
    is_last: bool,
}

/// `POST /account/security/{totp|passkeys}/{id}/rename`
pub async fn rename<T: FromStr + Into<FactorId>>(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<T>,
    Form(form): Form<NameForm>,
) -> Result<Response> {
    let name = commands::rename(&app, &user, id.into(), &form.name).await?;
    Ok(Flash::redirect(PATH, format!("Renamed to “{name}”.")))
}

/// `GET /account/security/{totp|passkeys}/{id}/remove`: says what it will do.
pub async fn ask_to_remove<T: FromStr + Into<FactorId>>(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<T>,
) -> Result<Response> {
    let factor = id.into();
    let path = factor.removal();
    user.require_proof(app.clock.now(), &path)?;
    let mut tx = UnscopedTx::read(&app).await?;
    let name = sql::factor_name(&mut tx, user.id, factor).await?.ok_or(AppError::NotFound)?;
    let is_last = sql::count(&mut tx, user.id).await? <= 1;
    tx.commit().await?;
    page(&RemovePage { shell: Shell::signed_in(&user), tab: Tab::Security, name, path, is_last })
}

/// `POST /account/security/{totp|passkeys}/{id}/remove`
pub async fn remove<T: FromStr + Into<FactorId>>(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<T>,
) -> Result<Response> {
    let name = commands::remove(&app, &user, id.into()).await?;
    Ok(Flash::redirect(PATH, format!("“{name}” removed.")))
}
