//! What this installation offers by its settings, for templates: whether mail is sent, whether people sign up
//! by themselves, and whether everybody starts organizations.
//!
//! Words about mail stand in macros and includes of every feature, where no value of a handler's reaches; so
//! they ask here, and no page says that something was sent which never is.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::platform::App;
use crate::platform::config::{Founders, SignUp};
use crate::platform::mail::outbox;

/// What an installation offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers {
    /// Whether mail goes anywhere at all.
    pub mail: bool,
    /// Whether somebody without an invitation can make an account.
    pub sign_up: bool,
    /// Whether everybody starts organizations; otherwise operators alone do.
    pub founding: bool,
}

tokio::task_local! {
    static OFFERS: Offers;
}

impl Offers {
    /// What the settings of `app` make of it.
    pub fn of(app: &App) -> Self {
        let mail = outbox::is_sent(app);
        let sign_up = match app.config.sign_up {
            SignUp::Open => true,
            // Without mail nobody gets the link that comes first.
            SignUp::Confirm => mail,
            SignUp::Closed => false,
        };
        Self { mail, sign_up, founding: app.config.founders == Founders::Everybody }
    }

    /// Those of the installation whose request runs.
    fn here() -> Self {
        let usual = Self { mail: true, sign_up: true, founding: true };
        OFFERS.try_with(|offers| *offers).unwrap_or(usual)
    }
}

/// Whether mail is sent.
pub fn mail() -> bool {
    Offers::here().mail
}

/// Whether people sign up by themselves.
pub fn sign_up() -> bool {
    Offers::here().sign_up
}

/// Whether everybody starts organizations.
pub fn founding() -> bool {
    Offers::here().founding
}

/// Lets everything that the request draws ask.
pub async fn carry(State(app): State<App>, request: Request, next: Next) -> Response {
    OFFERS.scope(Offers::of(&app), next.run(request)).await
}
