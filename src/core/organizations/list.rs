//! The list of a person's organizations, and creating one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::model::{organization_name, parse_slug};
use super::{commands, sql};
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::session::{CurrentUser, MaybeUser};
use crate::platform::tenant::{SwitcherEntry, WaitingInvitation, switcher};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{
    FieldErrors, Flash, Form, Htmx, Params, Section, Shell, page, page_again, see_other,
};

/// The most organizations on the list; a search finds the others.
const LISTED: i64 = 100;
/// The most organizations in the switcher's search results.
const FOUND: i64 = 10;

/// `GET /`: the last visited organization, or the list, or sign-in.
pub async fn home(State(app): State<App>, user: MaybeUser) -> Result<Response> {
    let Some(user) = user.0 else {
        return Ok(see_other("/login"));
    };
    let mut tx = user.read(&app).await?;
    let landing = sql::landing(&mut tx, user.id, user.last_organization_id).await?;
    let only = match landing {
        Some(slug) => Some(slug),
        None => match switcher::search(&mut tx, &user, "", 2).await?.as_slice() {
            [one] if !one.is_closed() => Some(one.slug.clone()),
            _ => None,
        },
    };
    tx.commit().await?;
    Ok(match only {
        Some(slug) => see_other(&format!("/orgs/{slug}")),
        None => see_other("/orgs"),
    })
}

/// The list's search text, and the switcher's context.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    q: String,
    section: String,
    at: String,
}

#[derive(Template)]
#[template(path = "core/organizations/index.html")]
struct IndexPage {
    shell: Shell,
    q: String,
    organizations: Vec<SwitcherEntry>,
    invitations: Vec<WaitingInvitation>,
    awaits_proof: bool,
    total: i64,
}

/// `GET /orgs`
pub async fn index(
    user: CurrentUser,
    State(app): State<App>,
    received: Received,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    let mut tx = user.read(&app).await?;
    let organizations = switcher::search(&mut tx, &user, &params.q, LISTED).await?;
    tx.commit().await?;
    let mine = Arc::clone(&user.switcher);
    page(&IndexPage {
        shell: Shell::signed_in(&user).with(received),
        q: params.q,
        organizations,
        invitations: mine.invitations.clone(),
        awaits_proof: mine.awaits_proof,
        total: mine.total,
    })
}

#[derive(Template)]
#[template(path = "core/organizations/_switcher_list.html")]
struct SwitcherList {
    organizations: Vec<SwitcherEntry>,
    current: String,
    section: Section,
}

/// `GET /orgs/switcher`: the switcher's list while the person types; without htmx, the list itself.
pub async fn search(
    user: CurrentUser,
    State(app): State<App>,
    htmx: Htmx,
    Params(params): Params<ListParams>,
) -> Result<Response> {
    if !htmx.wants_fragment {
        let q: String = form_urlencoded::byte_serialize(params.q.as_bytes()).collect();
        return Ok(see_other(&format!("/orgs?q={q}")));
    }
    let section = Section::from_path(&params.section);
    let mut tx = user.read(&app).await?;
    let organizations = switcher::search(&mut tx, &user, &params.q, FOUND).await?;
    tx.commit().await?;
    page(&SwitcherList { organizations, current: params.at, section })
}

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewForm {
    name: String,
    slug: String,
}

impl Fields for NewForm {}

impl NewForm {
    /// The name, and the slug if one was chosen.
    fn check(&self) -> Result<(String, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", organization_name(&self.name));
        let chosen = match self.slug.trim() {
            "" => Some(None),
            slug => errors.take("slug", parse_slug(slug)).map(Some),
        };
        name.zip(chosen).ok_or(errors)
    }
}

#[derive(Template)]
#[template(path = "core/organizations/new.html")]
struct NewPage {
    shell: Shell,
    form: NewForm,
    errors: FieldErrors,
}

impl NewPage {
    /// The page for somebody who may create an organization.
    fn of(app: &App, user: &CurrentUser, form: NewForm, errors: FieldErrors) -> Result<Self> {
        commands::require_founder(app, user)?;
        Ok(Self { shell: Shell::signed_in(user), form, errors })
    }
}

/// `GET /orgs/new`
pub async fn new(user: CurrentUser, State(app): State<App>) -> Result<Response> {
    page(&NewPage::of(&app, &user, NewForm::default(), FieldErrors::default())?)
}

/// `POST /orgs`: an empty slug is derived from the name.
pub async fn create(
    user: CurrentUser,
    State(app): State<App>,
    Form(form): Form<NewForm>,
) -> Result<Response> {
    let errors = match form.check() {
        Err(errors) => errors,
        Ok((name, chosen)) => match commands::create(&app, &user, &name, chosen).await {
            Ok(slug) => {
                return Ok(Flash::redirect(&format!("/orgs/{slug}"), format!("{name} created.")));
            }
            Err(refusal) => refusal.fields()?,
        },
    };
    page_again(&NewPage::of(&app, &user, form, errors)?)
}
