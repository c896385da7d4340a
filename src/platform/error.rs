//! The one error type, and the one table from its variants to what people see.

use std::borrow::Cow;
use std::fmt;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::platform::db::constraints::{self, Broken, Unique};
use crate::platform::db::fault::Outage;
use crate::platform::session::CurrentUser;
use crate::platform::web::offers;
use crate::platform::web::problem::{ACCOUNT, ORGANIZATIONS, Onward, Problem, SIGN_IN, SIGN_UP};

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

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::of(StatusCode::NOT_FOUND),
            Self::Forbidden { what, helpers } => Problem::of(StatusCode::FORBIDDEN)
                .title("Your role does not allow this")
                .words(forbidden_words(what, &helpers)),
            Self::Refused(words) => Problem::of(StatusCode::FORBIDDEN).words(words),
            Self::Invalid(words) => Problem::of(StatusCode::UNPROCESSABLE_ENTITY).words(words),
            Self::SignUpClosed(words) => Problem::of(StatusCode::FORBIDDEN)
                .title("Sign-up is closed")
                .words(words)
                .onward(SIGN_IN),
            Self::AddressUnproved => Problem::of(StatusCode::FORBIDDEN)
                .title("Confirm your address first")
                .words(match offers::mail() {
                    true => {
                        "This requires a confirmed address. The link is in your email; your \
                         account page can send another one."
                    }
                    false => {
                        "This requires a confirmed address. The operator of this installation can \
                         confirm yours."
                    }
                })
                .onward(ACCOUNT),
            Self::OrganizationSuspended { name, reason } => Problem::of(StatusCode::FORBIDDEN)
                .title(format!("{name} is suspended"))
                .words(suspended_words(&reason))
                .onward(ORGANIZATIONS),
            Self::MembershipSuspended { name } => Problem::of(StatusCode::FORBIDDEN)
                .title(format!("You are suspended from {name}"))
                .words("Nothing is lost. One of its owners or admins can let you back in.")
                .onward(ORGANIZATIONS),
            Self::OtherHost => Problem::of(StatusCode::MISDIRECTED_REQUEST),
            Self::CrossSite => Problem::of(StatusCode::FORBIDDEN)
                .title("This request came from another site")
                .words("Nothing was changed. Open the page here and try again."),
            Self::StalePage => Problem::of(StatusCode::FORBIDDEN).title("This page is out of date").words(
                "Nothing has been saved yet. You have signed in or out since you opened the page, \
                 or it was not one of ours. What you typed is still here: send it again, or reload \
                 the page. If this keeps happening, let your browser keep cookies for this site.",
            ),
            Self::BadRequest(words) => Problem::of(StatusCode::BAD_REQUEST).words(words),
            Self::Conflict(words) => Problem::of(StatusCode::CONFLICT).words(words),
            Self::InTheWay { words, path, label } => {
                Problem::of(StatusCode::CONFLICT).words(words).way(path, label)
            }
            Self::Gone(words) => Problem::of(StatusCode::GONE).words(words),
            Self::LinkGone { words, onward } => {
                // Where nobody signs up, no page leads there.
                let is_closed = onward.path == SIGN_UP.path && !offers::sign_up();
                let onward = if is_closed { SIGN_IN } else { onward };
                Problem::of(StatusCode::GONE).words(words).onward(onward)
            }
            Self::TooLarge => Problem::of(StatusCode::PAYLOAD_TOO_LARGE),
            Self::TooSlow => Problem::of(StatusCode::REQUEST_TIMEOUT),
            Self::Busy => Problem::of(StatusCode::SERVICE_UNAVAILABLE)
                .cause("too much of this is waiting already".to_owned()),
            Self::Outage(outage) => outage_problem(outage),
            Self::Internal(error) => {
                Problem::of(StatusCode::INTERNAL_SERVER_ERROR).cause(error.to_string())
            }
            Self::TooMany { words, .. } => Problem::of(StatusCode::TOO_MANY_REQUESTS).words(words),
            Self::SignedOut { .. }
            | Self::SentBefore { .. }
            | Self::StepUp { .. }
            | Self::FactorRequired { .. }
            | Self::Elsewhere(_)
            | Self::Moved(_) => {
                unreachable!("redirects are answered before problems are drawn")
            }
        }
    }
}

/// What an outage of the database means for somebody at a page.
fn outage_problem(outage: Outage) -> Problem {
    let problem = Problem::of(StatusCode::SERVICE_UNAVAILABLE);
    match outage {
        Outage::Collision | Outage::Busy => problem,
        Outage::Full => problem.title("There is no space left").words(
            "The disk that holds this site's data is full. Nothing was changed, and nothing can be \
             saved until the operator of this site has made room.",
        ),
        Outage::ReadOnly => problem.title("Nothing can be saved right now").words(
            "The database is not accepting changes at the moment, for example because it is being \
             moved to another server. Nothing was changed. Try again in a few minutes.",
        ),
        // It may have stopped answering in the middle of saving.
        Outage::Away => problem.title("The database is not responding").words(
            "Try again in a moment. If you were saving something, check first whether it is there.",
        ),
    }
}

fn suspended_words(reason: &str) -> String {
    let why =
        if reason.is_empty() { String::new() } else { format!(" Reason given: “{reason}”.") };
    format!(
        "The operator of this installation has suspended it. Its data is kept, and nobody can open \
         it until it is reactivated.{why}"
    )
}

fn forbidden_words(what: &str, helpers: &[String]) -> String {
    let help = match helpers {
        [] => "Ask an owner of the organization.".to_owned(),
        [one] => format!("{one} can help."),
        [first @ .., last] => format!("{} or {last} can help.", first.join(", ")),
    };
    format!("Your role in this organization does not let you {what}. {help}")
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

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut { next } => {
                let mut response = leading_on("/login", &next);
                response.extensions_mut().insert(LedAway::ToSignIn);
                response
            }
            Self::SentBefore { to } if to.is_empty() => {
                let mut response = Redirect::to("/").into_response();
                response.extensions_mut().insert(LedAway::Back);
                response
            }
            Self::SentBefore { to } | Self::Elsewhere(to) => Redirect::to(&to).into_response(),
            Self::StepUp { next, person } => {
                let mut response = leading_on("/account/confirm", &next);
                response.extensions_mut().insert(LedAway::ToProof(person));
                response
            }
            Self::FactorRequired { next } => leading_on("/account/security", &next),
            Self::Moved(path) => match HeaderValue::try_from(path) {
                Ok(path) => {
                    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, path)]).into_response()
                }
                Err(_) => Problem::of(StatusCode::NOT_FOUND).into_response(),
            },
            Self::TooMany { retry_after, .. } => {
                ([(header::RETRY_AFTER, retry_after.to_string())], self.problem()).into_response()
            }
            Self::Busy => ([(header::RETRY_AFTER, "2")], self.problem()).into_response(),
            Self::Outage(outage) => {
                let pause = match outage {
                    Outage::Collision | Outage::Busy => "2",
                    Outage::Away => "10",
                    Outage::Full | Outage::ReadOnly => "60",
                };
                let retry_after = [(header::RETRY_AFTER, pause)];
                let mut response = (retry_after, self.problem()).into_response();
                response.extensions_mut().insert(outage);
                response
            }
            other => other.problem().into_response(),
        }
    }
}

/// Why a form's answer leads somewhere else, for the middleware that knows where the form stood.
#[derive(Clone, Debug)]
pub enum LedAway {
    /// Its sender is not signed in.
    ToSignIn,
    /// Its sender, this person, has to show again who they are.
    ToProof(Box<CurrentUser>),
    /// It was sent before.
    Back,
}

/// The way to `path`, and from there to `next`.
pub(crate) fn way_on(path: &str, next: &str) -> String {
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{path}?next={next}")
}

/// To `path`, and from there to `next`.
fn leading_on(path: &str, next: &str) -> Response {
    Redirect::to(&way_on(path, next)).into_response()
}

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
