//! The System page.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::core::operators::Tab;
use crate::platform::App;
use crate::platform::checkup::{Check, Verdict};
use crate::platform::clock::Timestamp;
use crate::platform::condition::Condition;
use crate::platform::error::Result;
use crate::platform::jobs::{self, Failing};
use crate::platform::mail::outbox::{self, Undelivered};
use crate::platform::session::CurrentOperator;
use crate::platform::web::flash::Received;
use crate::platform::web::{Shell, page};

/// The path of the page.
pub(in crate::core::operators) const PATH: &str = "/operator/system";

#[derive(Template)]
#[template(path = "core/operators/system/show.html")]
struct ShowPage {
    shell: Shell,
    tab: Tab,
    facts: Vec<Check>,
    mails: Vec<Undelivered>,
    /// The total number of failed emails, the newest of which are listed.
    undelivered: u64,
    /// Whether this installation sends mail.
    is_sent: bool,
    jobs: Vec<Failing>,
    now: Timestamp,
}

/// `GET /operator/system`
pub async fn show(
    operator: CurrentOperator,
    State(app): State<App>,
    received: Received,
) -> Result<Response> {
    let (mails, undelivered) = outbox::undelivered(&app).await?;
    page(&ShowPage {
        shell: Shell::signed_in(&operator).with(received),
        tab: Tab::System,
        facts: Condition::of(&app).await?.facts(operator.now),
        mails,
        undelivered,
        is_sent: outbox::is_sent(&app),
        jobs: jobs::failing(&app).await?,
        now: operator.now,
    })
}
