//! Who makes an account by themselves: everyone, those at domains that are listed, or nobody.
//! Invitations are not bound by it, nor is the operator of the installation.

use askama::Template;
use axum::response::Response;

use crate::platform::App;
use crate::platform::config::SignUp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::mail::outbox;
use crate::platform::web::{Shell, page};

/// Why nobody signs up by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The operator of the installation has chosen it.
    BySetting,
    /// The link that comes first could not be mailed.
    WithoutMail,
}

impl Closed {
    /// Why sign-up is closed, if it is.
    pub fn of(app: &App) -> Option<Self> {
        match app.config.sign_up {
            SignUp::Closed => Some(Self::BySetting),
            SignUp::Confirm if !outbox::is_sent(app) => Some(Self::WithoutMail),
            SignUp::Open | SignUp::Confirm => None,
        }
    }

    /// That in words, with what else there is to do.
    pub const fn words(self) -> &'static str {
        match self {
            Self::BySetting => {
                "Accounts here are by invitation only. Ask someone you work with to invite you, or \
                 ask the operator of this installation."
            }
            Self::WithoutMail => {
                "Signing up requires a link sent by email, and this installation sends no email. \
                 Ask its operator for an account, or someone you work with for an invitation."
            }
        }
    }
}

/// Refuses to make an account where sign-up is closed.
///
/// # Errors
/// [`AppError::SignUpClosed`].
pub(super) fn require_open(app: &App) -> Result<()> {
    match Closed::of(app) {
        None => Ok(()),
        Some(closed) => Err(AppError::SignUpClosed(closed.words())),
    }
}

/// Refuses an address that is at none of the domains that are listed. It is said before anyone
/// looks whether there is an account: of every such address alike.
///
/// # Errors
/// At which domains it has to be.
pub(super) fn take_domain(app: &App, email: EmailAddress) -> Result<EmailAddress, String> {
    let domains = &app.config.sign_up_domains;
    match domains.hold(&email) {
        true => Ok(email),
        false => Err(format!(
            "Only people with an address at {domains} can sign up here. With another address, ask \
             to be invited."
        )),
    }
}

#[derive(Template)]
#[template(path = "core/accounts/closed.html")]
struct ClosedPage {
    shell: Shell,
    words: &'static str,
}

/// The page in the place of the form.
pub(super) fn closed_page(shell: Shell, closed: Closed) -> Result<Response> {
    page(&ClosedPage { shell, words: closed.words() })
}
