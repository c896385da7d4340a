//! What this installation offers according to its settings, for templates: whether mail is sent,
//! whether people can sign up by themselves, and whether everybody can create organizations.
//!
//! Words about mail are in macros and includes of every feature, which a value from the handler
//! would not reach. They ask here instead, so that no page claims that something was sent if it
//! never is.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::platform::App;
use crate::platform::config::{Founders, SignUp};
use crate::platform::mail::outbox;

/// What an installation offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers {
    /// Whether mail is sent at all.
    pub mail: bool,
    /// Whether people can create an account without an invitation.
    pub sign_up: bool,
    /// Whether everybody can create organizations; otherwise only operators can.
    pub founding: bool,
}

tokio::task_local! {
    static OFFERS: Offers;
}

impl Offers {
    /// What `app` offers according to its settings.
    pub fn of(app: &App) -> Self {
        let mail = outbox::is_sent(app);
        let sign_up = match app.config.sign_up {
            SignUp::Open => true,
            // Without mail, nobody would get the link that confirms the address.
            SignUp::Confirm => mail,
            SignUp::Closed => false,
        };
        Self { mail, sign_up, founding: app.config.founders == Founders::Everybody }
    }

    /// What the installation of the running request offers.
    fn here() -> Self {
        let usual = Self { mail: true, sign_up: true, founding: true };
        OFFERS.try_with(|offers| *offers).unwrap_or(usual)
    }
}

/// Whether mail is sent.
pub fn mail() -> bool {
    Offers::here().mail
}

/// Whether people can sign up by themselves.
pub fn sign_up() -> bool {
    Offers::here().sign_up
}

/// Whether everybody can create organizations.
pub fn founding() -> bool {
    Offers::here().founding
}

/// Makes the offers available to everything that the request renders.
pub async fn carry(State(app): State<App>, request: Request, next: Next) -> Response {
    OFFERS.scope(Offers::of(&app), next.run(request)).await
}
