//! The application's only error type; `answer` maps its variants to what people see.

mod answer;

use std::borrow::Cow;
use std::fmt;

use crate::platform::db::constraints::{self, Broken, Unique};
use crate::platform::db::fault::Outage;
use crate::platform::session::CurrentUser;
use crate::platform::web::problem::Onward;

pub use answer::LedAway;
pub(crate) use answer::way_on;

/// Why a handler cannot answer with its page.
///
/// It stays a value until the middleware in [`crate::platform::web::problem`] renders it as a page,
/// a fragment or JSON, depending on the request.
#[derive(Debug)]
pub enum AppError {
    /// Nobody is signed in: redirects to the sign-in page, and back to `next` afterwards.
    SignedOut {
        /// A path on this host.
        next: String,
    },
    /// A form that was sent before and has taken effect.
    SentBefore {
        /// Where the first answer redirected; if empty, to the page with the form.
        to: String,
    },
    /// The page is at another address.
    Elsewhere(String),
    /// The person has to authenticate again, and then continues to `next`.
    StepUp {
        /// A path on this host.
        next: String,
        /// The person whom the browser is signed in as.
        person: Box<CurrentUser>,
    },
    /// The organization requires a second factor, and the person has none.
    FactorRequired {
        /// Where to continue once there is one.
        next: String,
    },
    /// There is no such thing, or the person has no access: the answer never tells which.
    NotFound,
    /// The organization has another slug now; redirects to this path.
    Moved(String),
    /// The role lacks the permission.
    Forbidden {
        /// What the permission allows, in words that follow "does not let you".
        what: &'static str,
        /// Members of the organization whose role includes it.
        helpers: Vec<String>,
    },
    /// The role would allow it, but a rule forbids it; the words say which.
    Refused(Cow<'static, str>),
    /// Only people who have confirmed their address can do it.
    AddressUnproved,
    /// Nobody can sign up by themselves; the words say who creates accounts.
    SignUpClosed(&'static str),
    /// An operator has suspended the organization.
    OrganizationSuspended {
        /// Its name.
        name: String,
        /// The reason, in the operator's words.
        reason: String,
    },
    /// The person's membership is suspended.
    MembershipSuspended {
        /// The organization's name.
        name: String,
    },
    /// The request names a host that is not this site.
    OtherHost,
    /// The request was sent by a page of another site.
    CrossSite,
    /// The form lacks its page's token.
    StalePage,
    /// A request that none of our forms could have sent.
    BadRequest(Cow<'static, str>),
    /// One of our forms, with a value that it does not offer.
    Invalid(Cow<'static, str>),
    /// Not possible in the state that things are in.
    Conflict(Cow<'static, str>),
    /// Someone else has changed it since the page was rendered.
    Meanwhile(Cow<'static, str>),
    /// Something prevents it that the sender can resolve.
    InTheWay {
        /// What it is, and what to do about it.
        words: String,
        /// The page where to do it.
        path: String,
        /// The text of the link to it.
        label: &'static str,
    },
    /// A link that no longer works: used, replaced, revoked or expired.
    Gone(Cow<'static, str>),
    /// A link that no longer works, where the person can ask for another.
    LinkGone {
        /// Why it no longer works.
        words: &'static str,
        /// Where to ask for another.
        onward: Onward,
    },
    /// The request is larger than the server accepts.
    TooLarge,
    /// The request was sent so slowly that the server stopped waiting.
    TooSlow,
    /// A limit was exceeded; the words name it.
    TooMany {
        /// Which limit, and what it is.
        words: Cow<'static, str>,
        /// When to try again, in seconds.
        retry_after: u32,
    },
    /// The server is at capacity.
    Busy,
    /// The database cannot do it at the moment.
    Outage(Outage),
    /// A fault of ours; only the log shows the details.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// The result of the application's fallible functions.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl AppError {
    /// An hourly or daily limit has been reached, which `words` name. The answer suggests trying
    /// again in an hour.
    pub fn over_limit(words: impl Into<Cow<'static, str>>) -> Self {
        Self::TooMany { words: words.into(), retry_after: 3600 }
    }

    /// A fault of ours that has no error value of its own.
    pub fn internal(words: impl Into<String>) -> Self {
        Self::Internal(words.into().into())
    }

    /// Whether the database reported that the constraint `unique` was violated.
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
