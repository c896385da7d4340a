//! Recovery codes: creating new ones, and showing them once.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::next::Next;
use super::security::PATH;
use crate::core::accounts::Tab;
use crate::core::factors::mail;
use crate::core::factors::model::Holder;
use crate::core::factors::noun::RECOVERY_CODES_MADE;
use crate::core::factors::{recovery, sql};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::session::CurrentUser;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::{Form, Shell, page};

#[derive(Template)]
#[template(path = "core/factors/recovery_codes.html")]
struct CodesPage {
    shell: Shell,
    tab: Tab,
    email: EmailAddress,
    codes: Vec<String>,
    /// Where to continue.
    onward: String,
    now: Timestamp,
}

/// `POST /account/security/recovery-codes`: the answer is the only time that they are shown.
pub async fn create(
    user: CurrentUser,
    State(app): State<App>,
    Form(next): Form<Next>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), &next.after(PATH))?;
    let mut tx = user.write(&app).await?;
    if sql::count(&mut tx, user.id).await? == 0 {
        let words = "Recovery codes are a backup for another factor. Add one of those first.";
        return Err(AppError::Conflict(words.into()));
    }
    let codes = make(&mut tx, &user).await?;
    let what = "New recovery codes were created. The earlier ones no longer work.";
    mail::tell(&mut tx, &Holder::from(&user), what).await?;
    let now = tx.now();
    tx.commit().await?;
    show(&user, codes, &next, now)
}

/// Replaces all codes by new ones.
pub(super) async fn make(tx: &mut UnscopedTx, user: &CurrentUser) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..recovery::COUNT).map(|_| recovery::random()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().filter_map(|code| recovery::hash(code)).collect();
    sql::replace_recovery_codes(tx, user.id, &hashes).await?;
    let entry = Holder::from(user).entry(RECOVERY_CODES_MADE);
    tx.record(entry.after(json!({ "count": codes.len() })));
    Ok(codes)
}

/// The page that shows them, and continues to where the person wanted to go.
pub(super) fn show(
    user: &CurrentUser,
    codes: Vec<String>,
    next: &Next,
    now: Timestamp,
) -> Result<Response> {
    let onward = match next.path() {
        next if next.is_empty() => PATH.to_owned(),
        next => next,
    };
    let (shell, email) = (Shell::signed_in(user), user.email.clone());
    page(&CodesPage { shell, tab: Tab::Security, email, codes, onward, now })
}
