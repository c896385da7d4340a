//! The menu that opens over any page: where one can go, what one can do, and what a search finds.

use askama::Template;
use axum::response::Response;

use super::page::SearchParams;
use super::{Found, Results, Wanted, find};
use crate::platform::error::Result;
use crate::platform::module::{Act, Section};
use crate::platform::search::begins;
use crate::platform::tenant::CurrentOrg;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::web::{Params, page};

/// How many results it shows.
const RESULTS: i64 = 8;

/// Pages outside organizations that it leads to.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("Your organizations", "building", "/orgs"),
    ("Account", "user", "/account"),
    ("Preferences", "settings", "/account/preferences"),
    ("Sessions", "monitor", "/account/sessions"),
];

/// A link of the menu.
struct Link {
    label: &'static str,
    icon: &'static str,
    path: String,
}

/// What fits what was typed, for `search.js`, which shows it over a page.
#[derive(Template)]
#[template(path = "core/search/menu.html")]
struct Menu {
    /// The path of the page of the search.
    search: String,
    typed: String,
    acts: Vec<Link>,
    pages: Vec<Link>,
    /// Whether these come before what was found, because one is called like what was typed.
    links_first: bool,
    found: Vec<Found>,
    has_more: bool,
}

/// `GET /orgs/{slug}/search/menu`
pub async fn show(
    org: CurrentOrg<AnyMember>,
    Params(params): Params<SearchParams>,
) -> Result<Response> {
    let wanted = Wanted::new(&params.q, "");
    let mut tx = org.read().await?;
    let Results { found, has_more } = find(&mut tx, &org, &wanted, RESULTS).await?;
    tx.commit().await?;
    let (acts, pages) = (acts(&org, &wanted.typed), pages(&org, &wanted.typed));
    let is_called_so =
        |link: &Link| link.label.to_lowercase().starts_with(&wanted.typed.to_lowercase());
    let menu = Menu {
        search: org.organization.path("/search"),
        links_first: acts.iter().chain(&pages).any(is_called_so),
        acts,
        pages,
        typed: wanted.typed,
        found,
        has_more,
    };
    page(&menu)
}

/// What the role can do, if its label contains what was typed.
fn acts(org: &Context, typed: &str) -> Vec<Link> {
    Act::open_to(&org.membership.role)
        .filter(|act| begins(act.label, typed))
        .map(|act| Link { label: act.label, icon: act.icon, path: org.organization.path(act.path) })
        .collect()
}

/// Where the role can go.
fn pages(org: &Context, typed: &str) -> Vec<Link> {
    let sections = Section::open_to(&org.membership.role)
        .map(|section| (section.label, section.icon, org.organization.path(section.path)));
    let own = [
        ("Inbox", "inbox", org.organization.path("/inbox")),
        ("Notification settings", "mail", org.organization.path("/notices")),
    ];
    let keys = ("Keyboard shortcuts", "keyboard", org.organization.path("/keys"));
    let elsewhere = ELSEWHERE.iter().map(|(label, icon, path)| (*label, *icon, (*path).to_owned()));
    let all = own.into_iter().chain(sections).chain(elsewhere).chain([keys]);
    all.filter(|(label, ..)| begins(label, typed))
        .map(|(label, icon, path)| Link { label, icon, path })
        .collect()
}
