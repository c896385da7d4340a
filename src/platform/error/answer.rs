//! How errors are answered: the table from each variant to a problem in words, or to a redirect.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::AppError;
use crate::platform::db::fault::Outage;
use crate::platform::session::CurrentUser;
use crate::platform::web::offers;
use crate::platform::web::problem::{ACCOUNT, ORGANIZATIONS, Problem, SIGN_IN, SIGN_UP};

impl AppError {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::of(StatusCode::NOT_FOUND),
            Self::Forbidden { what, helpers } => Problem::of(StatusCode::FORBIDDEN)
                .title("You don't have access to this")
                .words(forbidden_words(what, &helpers)),
            Self::Refused(words) => Problem::of(StatusCode::FORBIDDEN).words(words),
            Self::Invalid(words) => Problem::of(StatusCode::UNPROCESSABLE_ENTITY).words(words),
            Self::SignUpClosed(words) => Problem::of(StatusCode::FORBIDDEN)
                .title("Sign-up is closed")
                .words(words)
                .onward(SIGN_IN),
            Self::AddressUnproved => Problem::of(StatusCode::FORBIDDEN)
                .title("Confirm your email address first")
                .words(match offers::mail() {
                    true => "Open the link we've sent you, or get a new one on your account page.",
                    false => "The operator of this installation can confirm it for you.",
                })
                .onward(ACCOUNT),
            Self::OrganizationSuspended { name, reason } => Problem::of(StatusCode::FORBIDDEN)
                .title(format!("{name} is suspended"))
                .words(suspended_words(&reason))
                .onward(ORGANIZATIONS),
            Self::MembershipSuspended { name } => Problem::of(StatusCode::FORBIDDEN)
                .title(format!("You're suspended from {name}"))
                .words("An owner or admin can reactivate you.")
                .onward(ORGANIZATIONS),
            Self::OtherHost => Problem::of(StatusCode::MISDIRECTED_REQUEST),
            Self::CrossSite => Problem::of(StatusCode::FORBIDDEN)
                .title("This request came from another site")
                .words("Nothing was changed. Open the page here and try again."),
            Self::StalePage => {
                Problem::of(StatusCode::FORBIDDEN).title("Your session has changed").words(
                    "Nothing was saved yet. Try again, or reload the page. If this keeps \
                     happening, allow cookies for this site.",
                )
            }
            Self::BadRequest(words) => Problem::of(StatusCode::BAD_REQUEST).words(words),
            Self::Conflict(words) => Problem::of(StatusCode::CONFLICT).words(words),
            Self::Meanwhile(words) => Problem::of(StatusCode::CONFLICT)
                .title("Something changed in the meantime")
                .words(words),
            Self::InTheWay { words, path, label } => {
                Problem::of(StatusCode::CONFLICT).words(words).way(path, label)
            }
            Self::Gone(words) => Problem::of(StatusCode::GONE).words(words),
            Self::LinkGone { words, onward } => {
                // If nobody can sign up, there is no page to link to.
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

/// The problem page for an outage of the database.
fn outage_problem(outage: Outage) -> Problem {
    let problem = Problem::of(StatusCode::SERVICE_UNAVAILABLE);
    match outage {
        Outage::Collision | Outage::Busy => problem,
        Outage::Full => problem.title("No space left").words(
            "The disk is full. Nothing was saved, and nothing can be until the operator of this \
             installation makes room.",
        ),
        Outage::ReadOnly => problem.title("Nothing can be saved right now").words(
            "The database isn't accepting changes at the moment. Nothing was saved. Try again in a \
             few minutes.",
        ),
        // It may have stopped responding during a save.
        Outage::Away => problem.title("The database isn't responding").words(
            "Try again in a moment. If you were saving something, check first whether it's there.",
        ),
    }
}

fn suspended_words(reason: &str) -> String {
    let why = if reason.is_empty() { String::new() } else { format!(" Reason: “{reason}”.") };
    format!(
        "The operator of this installation suspended it. Its data is kept, but you can't open it \
         until it's reactivated.{why}"
    )
}

fn forbidden_words(what: &str, helpers: &[String]) -> String {
    let help = match helpers {
        [] => "Ask an owner.".to_owned(),
        [one] => format!("{one} can help."),
        [first @ .., last] => format!("{} or {last} can help.", first.join(", ")),
    };
    format!("Your role in this organization doesn't let you {what}. {help}")
}

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

/// Why a form's answer is a redirect, for the middleware that knows which page the form was on.
#[derive(Clone, Debug)]
pub enum LedAway {
    /// The sender is not signed in.
    ToSignIn,
    /// This sender has to authenticate again.
    ToProof(Box<CurrentUser>),
    /// The form was sent before.
    Back,
}

/// The address of `path`, from where the person continues to `next`.
pub(crate) fn way_on(path: &str, next: &str) -> String {
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{path}?next={next}")
}

/// A redirect to `path`, from where the person continues to `next`.
fn leading_on(path: &str, next: &str) -> Response {
    Redirect::to(&way_on(path, next)).into_response()
}
