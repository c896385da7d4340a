//! The inbox: what a member was told, the newest first.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::found::{self, Row};
use super::noun::NotificationId;
use super::{SECTION, commands};
use crate::core::access::Viewer;
use crate::platform::audit::About;
use crate::platform::clock::{Days, Timestamp};
use crate::platform::error::{AppError, Result};
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{CurrentOrg, OrgTx, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{Form, Id, Params, Shell, page, see_other};

/// How many notifications a page shows.
const PAGE: usize = 30;

/// What is said about an address that no page of ours has.
const NO_PAGE: &str = "This page of the list doesn't exist.";

/// The word for the page with all notifications; any other is that with the unread ones.
const ALL: &str = "all";

/// The parameters in the URL.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct InboxParams {
    /// [`ALL`], or the unread ones.
    show: String,
    /// The last notification of the page before.
    after: String,
}

/// A notification, as the page shows it.
struct Item {
    row: Row,
    /// The day, in words, if it is the first of its day.
    day: Option<String>,
}

#[derive(Template)]
#[template(path = "core/notices/inbox.html")]
struct InboxPage {
    shell: Shell,
    organization: Organization,
    show: String,
    shows_all: bool,
    is_newest: bool,
    has_unread: bool,
    items: Vec<Item>,
    /// The path of the next page.
    older: Option<String>,
    now: Timestamp,
}

impl InboxPage {
    /// The path of the page with all notifications, or with the unread ones.
    fn path(organization: &Organization, show: &str) -> String {
        organization.path(if show == ALL { "/inbox?show=all" } else { "/inbox" })
    }
}

/// The number on the bell of the page at `path`. What leads to this page counts as read, whichever way
/// the member came here.
pub(super) async fn unread(tx: &mut OrgTx, org: &Context, path: &str) -> Result<i64> {
    let unread = found::unread(tx, Viewer::of(org)).await?;
    let leads_here = |about: &About| {
        let leads_to = about.path().map(|rest| org.organization.path(&rest));
        leads_to.is_some_and(|leads_to| leads_to.split(['?', '#']).next() == Some(path))
    };
    let seen = unread.iter().filter(|unread| leads_here(&unread.about));
    let seen: Vec<_> = seen.map(|unread| unread.id).collect();
    if !seen.is_empty() {
        commands::see(org, &seen).await?;
    }
    Ok((unread.len() - seen.len()) as i64)
}

/// `GET /orgs/{slug}/inbox`
pub async fn show(
    org: CurrentOrg<AnyMember>,
    received: Received,
    Params(params): Params<InboxParams>,
) -> Result<Response> {
    let shows_all = params.show == ALL;
    let before = match params.after.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| AppError::BadRequest(NO_PAGE.into()))?),
    };
    let mut tx = org.read().await?;
    let limit = PAGE as i64 + 1;
    let mut rows = found::page(&mut tx, Viewer::of(&org), !shows_all, before, limit).await?;
    tx.commit().await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let last = rows.last().filter(|_| has_more);
    let path = InboxPage::path(&org.organization, &params.show);
    let mark = if shows_all { '&' } else { '?' };
    let older = last.map(|row| format!("{path}{mark}after={}", row.id));
    let mut days = Days::seen_from(org.now);
    let items = rows.into_iter().map(|row| Item { day: days.heading(row.created_at), row });
    page(&InboxPage {
        shell: org.shell(SECTION).with(received),
        organization: org.organization.clone(),
        show: params.show,
        shows_all,
        is_newest: before.is_none(),
        has_unread: org.unread.is_some_and(|unread| unread > 0),
        items: items.collect(),
        older,
        now: org.now,
    })
}

/// The field of the buttons: which page they are on.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarkForm {
    show: String,
}

impl Fields for MarkForm {}

impl MarkForm {
    fn answer(&self, org: &Context) -> Response {
        see_other(&InboxPage::path(&org.organization, &self.show))
    }
}

/// `POST /orgs/{slug}/inbox/{id}/open`: marks it as read, and leads to what it is about.
pub async fn open(org: CurrentOrg<AnyMember>, Id(id): Id<NotificationId>) -> Result<Response> {
    let mut tx = org.read().await?;
    let row = found::one(&mut tx, Viewer::of(&org), id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    if row.is_unread() {
        commands::mark(&org, id, true).await?;
    }
    Ok(see_other(&org.organization.path(&row.path())))
}

/// `POST /orgs/{slug}/inbox/{id}/read`
pub async fn mark_read(
    org: CurrentOrg<AnyMember>,
    Id(id): Id<NotificationId>,
    Form(form): Form<MarkForm>,
) -> Result<Response> {
    commands::mark(&org, id, true).await?;
    Ok(form.answer(&org))
}

/// `POST /orgs/{slug}/inbox/{id}/unread`
pub async fn mark_unread(
    org: CurrentOrg<AnyMember>,
    Id(id): Id<NotificationId>,
    Form(form): Form<MarkForm>,
) -> Result<Response> {
    commands::mark(&org, id, false).await?;
    Ok(form.answer(&org))
}

/// `POST /orgs/{slug}/inbox/{id}/read-all`: marks it and everything before it as read.
pub async fn mark_all(
    org: CurrentOrg<AnyMember>,
    Id(newest): Id<NotificationId>,
    Form(form): Form<MarkForm>,
) -> Result<Response> {
    commands::mark_all(&org, newest).await?;
    Ok(form.answer(&org))
}
