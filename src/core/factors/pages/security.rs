//! `/account/security`: the factors of an account.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::next::Next;
use crate::core::accounts::Tab;
use crate::core::factors::noun::TotpFactorId;
use crate::core::factors::passkeys;
use crate::core::factors::sql::{self, AppRow, PasskeyRow};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::session::CurrentUser;
use crate::platform::tenant::{UnscopedTx, names_that_require_a_factor};
use crate::platform::web::flash::Received;
use crate::platform::web::{Params, Shell, page};

/// The path of the page.
pub(super) const PATH: &str = "/account/security";

#[derive(Template)]
#[template(path = "core/factors/security.html")]
struct SecurityPage {
    shell: Shell,
    tab: Tab,
    apps: Vec<AppRow>,
    /// The apps whose codes cannot be checked because the key that sealed their seeds is missing.
    lost: Vec<TotpFactorId>,
    passkeys: Vec<PasskeyRow>,
    can_have_passkeys: bool,
    codes_left: i64,
    has_factor: bool,
    /// The organizations that cannot be opened without a second factor.
    required_by: Vec<String>,
    /// Where the person wanted to go; empty if they came by themselves.
    next: Next,
    now: Timestamp,
}

/// `GET /account/security`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    received: Received,
    Params(next): Params<Next>,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    let apps = sql::apps(&mut tx, user.id).await?;
    let keys = sql::passkeys(&mut tx, user.id).await?;
    let codes_left = sql::recovery_codes_left(&mut tx, user.id).await?;
    tx.commit().await?;
    let required_by = match user.has_factor {
        true => Vec::new(),
        false => names_that_require_a_factor(&app, user.id, user.email.clone()).await?,
    };
    page(&SecurityPage {
        shell: Shell::signed_in(&user).with(received),
        tab: Tab::Security,
        lost: apps.iter().filter(|one| !app.keyring.has(one.key)).map(|one| one.id).collect(),
        apps,
        passkeys: keys,
        can_have_passkeys: passkeys::is_possible(&app),
        codes_left,
        has_factor: user.has_factor,
        required_by,
        next,
        now: app.clock.now(),
    })
}
