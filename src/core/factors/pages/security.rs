//! `/account/security`: the factors of an account.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::next::Next;
use crate::core::accounts::Tab;
use crate::core::factors::mail;
use crate::core::factors::model::Holder;
use crate::core::factors::noun::{FACTOR_REMOVED, FACTOR_RENAMED, TotpFactorId};
use crate::core::factors::passkeys;
use crate::core::factors::sql::{self, AppRow, PasskeyRow};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::session::{self, CurrentUser};
use crate::platform::tenant::{UnscopedTx, names_that_require_a_factor};
use crate::platform::web::flash::Received;
use crate::platform::web::{Flash, Params, Shell, page};

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

/// What follows every change of a factor: the person is told by email, and their other sign-ins
/// end, which may be somebody else's. With the last factor, the recovery codes are removed.
pub(super) async fn changed(tx: &mut UnscopedTx, user: &CurrentUser, what: String) -> Result<()> {
    let holder = Holder::from(user);
    if sql::count(tx, user.id).await? == 0 {
        sql::replace_recovery_codes(tx, user.id, &[]).await?;
    }
    let now = tx.now();
    session::end_others(tx, user.id, user.sign_in_id, now).await?;
    mail::tell(tx, &holder, &what).await
}

/// Records that a factor was renamed, and redirects with a message.
pub(super) async fn renamed(
    mut tx: UnscopedTx,
    user: &CurrentUser,
    old: &str,
    new: &str,
) -> Result<Response> {
    let entry = Holder::from(user).entry(FACTOR_RENAMED);
    tx.record(entry.before(json!({ "name": old })).after(json!({ "name": new })));
    tx.commit().await?;
    Ok(Flash::redirect(PATH, format!("It is now called “{new}”.")))
}

/// Records the removal of the factor called `name` as `was`, tells the person `what` by email, and
/// redirects with a message.
pub(super) async fn removed(
    mut tx: UnscopedTx,
    user: &CurrentUser,
    was: Value,
    what: String,
    name: &str,
) -> Result<Response> {
    tx.record(Holder::from(user).entry(FACTOR_REMOVED).before(was));
    changed(&mut tx, user, what).await?;
    tx.commit().await?;
    Ok(Flash::redirect(PATH, format!("“{name}” has been removed and no longer works.")))
}
