//! Asks before a factor is removed, and says what that will do.

use askama::Template;
use axum::response::Response;

use crate::core::accounts::Tab;
use crate::core::factors::sql;
use crate::platform::error::Result;
use crate::platform::session::CurrentUser;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::{Shell, page};

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

/// Asks whether to remove the factor called `name`; the answer is posted to `path`.
pub(super) async fn ask(
    mut tx: UnscopedTx,
    user: &CurrentUser,
    name: String,
    path: String,
) -> Result<Response> {
    let is_last = sql::count(&mut tx, user.id).await? <= 1;
    tx.commit().await?;
    page(&RemovePage { shell: Shell::signed_in(user), tab: Tab::Security, name, path, is_last })
}
