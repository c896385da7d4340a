//! The list of a person's sign-ins, and ending them.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use tower_sessions::Session;

use super::commands;
use super::profile::Tab;
use super::sql::{self, SignInRow};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::ids::SignInId;
use crate::platform::places::{self, Places};
use crate::platform::session::{CurrentUser, limits};
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Received;
use crate::platform::web::{Flash, Id, Shell, page};

#[derive(Template)]
#[template(path = "core/accounts/sign_ins.html")]
struct SignInsPage {
    shell: Shell,
    tab: Tab,
    sign_ins: Vec<SignInRow>,
    current: SignInId,
    places: Option<Places>,
    now: Timestamp,
}

impl SignInsPage {
    /// The network address it was started from, with its location if known.
    fn place(&self, sign_in: &SignInRow) -> String {
        places::describe(self.places.as_ref(), &sign_in.address)
    }
}

/// `GET /account/sessions`
pub async fn index(
    user: CurrentUser,
    State(app): State<App>,
    received: Received,
) -> Result<Response> {
    let now = app.clock.now();
    let mut tx = UnscopedTx::read(&app).await?;
    let mut sign_ins = sql::sign_ins(&mut tx, user.id, now).await?;
    tx.commit().await?;
    sign_ins.sort_by_key(|sign_in| sign_in.id != user.sign_in_id);
    page(&SignInsPage {
        shell: Shell::signed_in(&user).with(received),
        tab: Tab::SignIns,
        sign_ins,
        current: user.sign_in_id,
        places: app.config.places.clone(),
        now,
    })
}

/// `POST /account/sessions/{id}/end`
pub async fn end(
    user: CurrentUser,
    State(app): State<App>,
    session: Session,
    Id(id): Id<SignInId>,
) -> Result<Response> {
    commands::end_sign_in(&app, &user, id).await?;
    if id == user.sign_in_id {
        // As when signing out, removes the cookie and what this site has stored in the browser.
        session.flush().await?;
        return Ok(Flash::redirect("/login", "You've been signed out."));
    }
    Ok(Flash::redirect("/account/sessions", "Session signed out."))
}

/// `POST /account/sessions/end-others`
pub async fn end_others(user: CurrentUser, State(app): State<App>) -> Result<Response> {
    let words = match commands::end_other_sign_ins(&app, &user).await? {
        0 => "No other active sessions.".to_owned(),
        1 => "1 other session signed out.".to_owned(),
        count => format!("{count} other sessions signed out."),
    };
    Ok(Flash::redirect("/account/sessions", words))
}

/// A browser in words, from its user agent: `Firefox on Linux`.
pub(super) fn device(user_agent: &str) -> String {
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    // Order matters: most browsers also name those that they descend from.
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("FxiOS/", "Firefox"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn browsers_are_named_from_what_they_say() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
        assert_eq!(device(firefox), "Firefox on Linux");
        let edge =
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/128.0 Safari/537.36 Edg/128.0";
        assert_eq!(device(edge), "Edge on Windows");
        assert_eq!(device("curl/8.5"), "curl");
        assert_eq!(device(""), "Unknown browser");
    }
}
