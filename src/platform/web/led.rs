//! Answers to forms that lead somewhere else than their sender expected, and the way back from there
//! to where the form stood, with what was typed.

use std::pin::Pin;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::htmx;
use super::problem::{Format, toast};
use super::shell::Toast;
use super::typed::{self, Posted, Typed};
use crate::platform::App;
use crate::platform::error::{LedAway, Result, way_on};
use crate::platform::session::CurrentUser;

/// The pages that ask somebody who they are, as far as the middleware draws them in place of an answer.
#[derive(Clone, Copy)]
pub struct IdentityPages {
    /// Whether people may sign in with a passkey.
    pub has_passkeys: fn(&App) -> bool,
    /// The page on which somebody who is signed in shows again who they are, and which then goes on
    /// with what was typed; its forms carry the token.
    pub confirm: for<'a> fn(&'a App, &'a CurrentUser, &'a Typed, String) -> Drawing<'a>,
}

/// A page that is being drawn.
pub type Drawing<'a> = Pin<Box<dyn Future<Output = Result<Response>> + Send + 'a>>;

/// The answer in place of `response`, which leads away. `fresh` is the token that its page's forms
/// need, where that is another one than the form came with.
pub(super) async fn answer(
    (app, pages): (&App, &IdentityPages),
    led_away: LedAway,
    posted: &Posted,
    fresh: Option<String>,
    format: Format,
    response: Response,
) -> Response {
    let form = posted.form().map(|(typed, token)| (typed, fresh.unwrap_or(token)));
    let page = match (led_away, form, format) {
        (LedAway::ToSignIn, Some((typed, token)), Format::Page) => {
            typed::signed_out(app, &typed, token, (pages.has_passkeys)(app))
                .map(|page| Html(page).into_response())
        }
        (LedAway::ToSignIn, Some(_), Format::Toast) => Ok(beside(&way_on("/login", &posted.back))),
        (LedAway::ToSignIn, ..) => return to(&way_on("/login", &posted.back), response),
        (LedAway::Back, ..) => return to(&posted.back, response),
        (LedAway::ToProof(person), Some((typed, token)), Format::Page) => {
            (pages.confirm)(app, &person, &typed, token).await
        }
        // It says already where it leads.
        (LedAway::ToProof(_), ..) => return response,
    };
    match page {
        Ok(mut page) => {
            *page.status_mut() = StatusCode::FORBIDDEN;
            for cookie in response.headers().get_all(header::SET_COOKIE) {
                page.headers_mut().append(header::SET_COOKIE, cookie.clone());
            }
            page
        }
        Err(error) => {
            tracing::error!(%error, "cannot render the page that keeps what was typed");
            response
        }
    }
}

/// The form stays where it is, and the sign-in opens beside it.
fn beside(way: &str) -> Response {
    let words = "You are no longer signed in, so nothing was saved. What you typed is still here: \
                 sign in, come back and try again.";
    toast(Toast::danger(words).with_link(way.to_owned(), "Sign in"))
}

/// `response`, leading to `way`.
fn to(way: &str, mut response: Response) -> Response {
    let name = match response.headers().contains_key(htmx::HX_REDIRECT) {
        true => htmx::HX_REDIRECT,
        false => header::LOCATION,
    };
    if let Ok(way) = HeaderValue::try_from(way) {
        response.headers_mut().insert(name, way);
    }
    response
}
