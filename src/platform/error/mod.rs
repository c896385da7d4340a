//! The one error type; `answer` has the one table from its variants to what people see.

mod answer;

use std::borrow::Cow;
use std::fmt;

use crate::platform::db::constraints::{self, Broken, Unique};
use crate::platform::db::fault::Outage;
use crate::platform::session::CurrentUser;
use crate::platform::web::problem::Onward;

pub use answer::LedAway;
pub(crate) use answer::way_on;

/// What a handler gives when it cannot give its page.
///
/// It is a value until the middleware in [`crate::platform::web::problem`] draws it as a page, a
/// fragment or JSON, whichever was asked for.
#[derive(Debug)]
pub enum AppError {
    /// Nobody is signed in: to the sign-in page, and back to `next` afterwards.
    SignedOut {
        /// A path on this host.
        next: String,
    },
    /// A form that was sent before, and did what it does.
    SentBefore {
        /// Where it led; the page on which the form stood, if this is empty.
        to: String,
    },
    /// The page is at this address now.
    Elsewhere(String),
    /// The person has to show again who they are, and goes on to `next` afterwards.
    StepUp {
        /// A path on this host.
        next: String,
        /// Who they are by what is known of the browser.
        person: Box<CurrentUser>,
    },
    /// The organization asks for a second factor, and the person has none.
    FactorRequired {
        /// Where to go once there is one.
        next: String,
    },
    /// There is no such thing, or it is not yours: the two are told apart for nobody.
    NotFound,
    /// The organization has another slug now; the request goes on there.
    Moved(String),
    /// The role is too low.
    Forbidden {
        /// What the role does not include, in words that follow "does not let you".
        what: &'static str,
        /// People of the organization whose role includes it.
        helpers: Vec<String>,
    },
    /// The role would do, but a rule stands against it: the words say which.
    Refused(Cow<'static, str>),
    /// It is for people who have proved their address.
    AddressUnproved,
    /// Nobody makes an account by themselves here; the words say who does.
    SignUpClosed(&'static str),
    /// An operator has suspended the organization.
    OrganizationSuspended {
        /// Its name.
        name: String,
        /// Why, in the operator's words.
        reason: String,
    },
    /// The person's membership is suspended.
    MembershipSuspended {
        /// The organization's name.
        name: String,
    },
    /// For a host that this is not.
    OtherHost,
    /// Sent by a page of another site.
    CrossSite,
    /// A form without the token that its page carries.
    StalePage,
    /// Not a request that one of our forms could have sent.
    BadRequest(Cow<'static, str>),
    /// A form of ours, but with a value that is not on offer.
    Invalid(Cow<'static, str>),
    /// It was possible when the page was drawn; now something stands against it.
    Conflict(Cow<'static, str>),
    /// Something stands against it that its sender can move out of the way.
    InTheWay {
        /// What it is, and what to do.
        words: String,
        /// Where to do it.
        path: String,
        /// What the link there says.
        label: &'static str,
    },
    /// A link that was good once: used, replaced, revoked or expired.
    Gone(Cow<'static, str>),
    /// A link that no longer works, and of which another can be asked for.
    LinkGone {
        /// Why it no longer works.
        words: &'static str,
        /// Where to ask for another.
        onward: Onward,
    },
    /// More than the server takes in one request.
    TooLarge,
    /// Sent so slowly that the server did not wait for the rest.
    TooSlow,
    /// More than a limit allows; the words name it.
    TooMany {
        /// Which limit, and what it is.
        words: Cow<'static, str>,
        /// When it makes sense to try again, in seconds.
        retry_after: u32,
    },
    /// As much as the server can do at once is being done.
    Busy,
    /// The database cannot do it right now.
    Outage(Outage),
    /// A fault of ours; the details go to the log and to nobody else.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// What fallible functions of the application give.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl AppError {
    /// A limit of an hour or a day is reached, which `words` name: after an hour it may be another.
    pub fn over_limit(words: impl Into<Cow<'static, str>>) -> Self {
        Self::TooMany { words: words.into(), retry_after: 3600 }
    }

    /// A fault of ours that has no error value of its own.
    pub fn internal(words: impl Into<String>) -> Self {
        Self::Internal(words.into().into())
    }

    /// Whether this is what the database says when `unique` is broken.
    pub fn breaks(&self, unique: Unique) -> bool {
        let Self::Internal(error) = self else { return false };
        match error.downcast_ref() {
            Some(Broken(broken)) => *broken == unique,
            None => error.downcast_ref().is_some_and(|error| constraints::breaks(error, unique)),
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal(error) => error.fmt(f),
            other => write!(f, "{other:?}"),
        }
    }
}

impl std::error::Error for AppError {}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        match Outage::of(&error) {
            Some(outage) => {
                tracing::warn!(%error, ?outage, "the database cannot do it right now");
                Self::Outage(outage)
            }
            None => Self::Internal(Box::new(error)),
        }
    }
}

impl From<askama::Error> for AppError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<tower_sessions::session::Error> for AppError {
    fn from(error: tower_sessions::session::Error) -> Self {
        use tower_sessions::session::Error::Store;
        use tower_sessions::session_store::Error::Backend;
        match error {
            Store(Backend(error)) => {
                tracing::warn!(error, "the database cannot keep a session right now");
                Self::Outage(Outage::Away)
            }
            error => Self::Internal(Box::new(error)),
        }
    }
}
