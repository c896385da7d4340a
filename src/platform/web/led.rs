//! Answers a form with another page than its sender expected, for example to sign in first, and
//! provides the way back to the form with what was typed.

use std::pin::Pin;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::htmx;
use super::problem::{Format, toast};
use super::shell::Toast;
use super::typed::{self, Posted, Typed};
use crate::platform::App;
use crate::platform::error::{LedAway, Result, way_on};
use crate::platform::session::CurrentUser;

/// Pages that ask people to authenticate, which the middleware renders instead of an answer.
#[derive(Clone, Copy)]
pub struct IdentityPages {
    /// Whether people can sign in with a passkey.
    pub has_passkeys: fn(&App) -> bool,
    /// Renders the page on which a signed-in person authenticates again, and from which they
    /// continue with what was typed. The text is the token for its forms.
    pub confirm: for<'a> fn(&'a App, &'a CurrentUser, &'a Typed, String) -> Drawing<'a>,
}

/// A page that is being rendered.
pub type Drawing<'a> = Pin<Box<dyn Future<Output = Result<Response>> + Send + 'a>>;

/// The answer that replaces the redirect `response`. `fresh` is the token for its page's forms, if
/// it differs from the one that the form came with.
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
        (LedAway::ToSignIn, Some(_), Format::Toast) => {
            Ok(offer_to_sign_in(&way_on("/login", &posted.back)))
        }
        (LedAway::ToSignIn, ..) => return to(&way_on("/login", &posted.back), response),
        (LedAway::Back, ..) => return to(&posted.back, response),
        (LedAway::ToProof(person), Some((typed, token)), Format::Page) => {
            let typed = typed.sent_by(person.sign_in_id);
            (pages.confirm)(app, &person, &typed, token).await
        }
        // It already redirects to the right page, which gets to know what to do afterwards.
        (LedAway::ToProof(person), ..) => {
            let act = posted.act().map(|(typed, _)| typed.sent_by(person.sign_in_id));
            let kept = act.and_then(|typed| typed.seal_for_an_address(app));
            let way = kept.zip(way_of(&response));
            return match way {
                Some((kept, way)) => to(&format!("{way}&kept={kept}"), response),
                None => response,
            };
        }
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

/// Leaves the form in place, and offers to sign in in another tab.
fn offer_to_sign_in(way: &str) -> Response {
    let words = "You've been signed out, so nothing was saved. Sign in, come back and try again.";
    toast(Toast::danger(words).with_link(way.to_owned(), "Sign in"))
}

/// The header with the address that `response` redirects to.
fn way_header(response: &Response) -> HeaderName {
    match response.headers().contains_key(htmx::HX_REDIRECT) {
        true => htmx::HX_REDIRECT,
        false => header::LOCATION,
    }
}

/// The address that `response` redirects to.
fn way_of(response: &Response) -> Option<String> {
    let way = response.headers().get(way_header(response))?;
    way.to_str().ok().map(str::to_owned)
}

/// `response`, redirected to `way`.
fn to(way: &str, mut response: Response) -> Response {
    let name = way_header(&response);
    if let Ok(way) = HeaderValue::try_from(way) {
        response.headers_mut().insert(name, way);
    }
    response
}
