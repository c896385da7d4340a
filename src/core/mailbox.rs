//! The development mailbox, which receives all emails while there is no mail server. Its routes
//! only exist then, and only on a loopback address.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use axum::response::{Html, IntoResponse, Response};

use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::MailId;
use crate::platform::mail::outbox::{self, Delivered};
use crate::platform::web::headers::content_security_policy;
use crate::platform::web::route::{Route, anyone};
use crate::platform::web::{Id, Shell, page, page_with_secret};

/// The mailbox's routes.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/dev/mailbox", anyone(index)),
        Route::get("/dev/mailbox/{id}", anyone(show)),
        Route::get("/dev/mailbox/{id}/html", anyone(html)),
    ]
}

#[derive(Template)]
#[template(path = "core/mailbox/index.html")]
struct IndexPage {
    shell: Shell,
    mails: Vec<Delivered>,
}

#[derive(Template)]
#[template(path = "core/mailbox/show.html")]
struct ShowPage {
    shell: Shell,
    delivered: Delivered,
}

/// `GET /dev/mailbox`
pub async fn index(State(app): State<App>, shell: Shell) -> Result<Response> {
    page(&IndexPage { shell, mails: outbox::mailbox(&app).await? })
}

/// `GET /dev/mailbox/{id}`
pub async fn show(State(app): State<App>, shell: Shell, Id(id): Id<MailId>) -> Result<Response> {
    let delivered = outbox::delivered(&app, id).await?;
    let mut response = page_with_secret(&ShowPage { shell, delivered })?;
    // The only page of ours that frames another.
    let policy = format!("{}; frame-src 'self'", content_security_policy());
    let policy = HeaderValue::try_from(policy).map_err(|error| AppError::Internal(error.into()))?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// `GET /dev/mailbox/{id}/html`: the HTML as a mail program would show it, framed by [`show`].
pub async fn html(State(app): State<App>, Id(id): Id<MailId>) -> Result<Response> {
    let mail = outbox::delivered(&app, id).await?.mail;
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; \
                  sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";
    let mut response = Html(mail.html).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    Ok(response)
}
