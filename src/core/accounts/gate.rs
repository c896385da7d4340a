//! Who can sign up by themselves: everybody, people at the listed domains, or nobody. Invitations
//! and operators are not bound by this.

use askama::Template;
use axum::response::Response;

use crate::platform::App;
use crate::platform::config::SignUp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::mail::outbox;
use crate::platform::web::{Shell, page};

/// Why nobody can sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The operator has closed sign-up.
    BySetting,
    /// Sign-up needs an emailed link, and no mail is sent.
    WithoutMail,
}

impl Closed {
    /// Why sign-up is closed; `None` if it is open.
    pub fn of(app: &App) -> Option<Self> {
        match app.config.sign_up {
            SignUp::Closed => Some(Self::BySetting),
            SignUp::Confirm if !outbox::is_sent(app) => Some(Self::WithoutMail),
            SignUp::Open | SignUp::Confirm => None,
        }
    }

    /// The reason in words, and what to do instead.
    pub const fn words(self) -> &'static str {
        match self {
            Self::BySetting => {
                "Accounts are by invitation only. Ask a colleague to invite you, or contact the \
                 operator of this installation."
            }
            Self::WithoutMail => {
                "Signing up requires a link sent by email, and email isn't set up here. Ask the \
                 operator of this installation for an account, or a colleague for an invitation."
            }
        }
    }
}

/// Fails if sign-up is closed.
///
/// # Errors
/// [`AppError::SignUpClosed`].
pub(super) fn require_open(app: &App) -> Result<()> {
    match Closed::of(app) {
        None => Ok(()),
        Some(closed) => Err(AppError::SignUpClosed(closed.words())),
    }
}

/// Fails if an address is outside the listed domains. This is checked before anybody looks for an
/// account, so the answer does not depend on whether there is one.
///
/// # Errors
/// A message that names the domains.
pub(super) fn take_domain(app: &App, email: EmailAddress) -> Result<EmailAddress, String> {
    let domains = &app.config.sign_up_domains;
    match domains.hold(&email) {
        true => Ok(email),
        false => Err(format!(
            "Only people with an email address at {} can sign up. With any other address, ask for an \
             invitation.",
            domains.in_words()
        )),
    }
}

#[derive(Template)]
#[template(path = "core/accounts/closed.html")]
struct ClosedPage {
    shell: Shell,
    words: &'static str,
}

/// The page that replaces the form.
pub(super) fn closed_page(shell: Shell, closed: Closed) -> Result<Response> {
    page(&ClosedPage { shell, words: closed.words() })
}
