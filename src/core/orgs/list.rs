//! My organizations, and a new one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use time::Duration;

use super::model::{free_slug, organization_name, parse_slug, slug_is_taken, unlikely_slug};
use super::{create as create_organization, sql};
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::session::{CurrentUser, MaybeUser};
use crate::platform::tenant::{SwitcherEntry, UnscopedTx, WaitingInvitation, switcher};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::offers::Offers;
use crate::platform::web::{
    FieldErrors, Flash, Form, Htmx, Params, Section, Shell, page, page_with_status, see_other,
};

/// The most organizations on the list; a search finds the others.
const LISTED: i64 = 100;
/// The most organizations in the switcher's search.
const FOUND: i64 = 10;

/// The most organizations that one person starts in 24 hours.
const PER_DAY: i64 = 200;

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

/// What the list is searched for, and where the switcher stands.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    q: String,
    section: String,
    at: String,
}

#[derive(Template)]
#[template(path = "core/orgs/index.html")]
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
    let mine = switcher::load(&mut tx, &user, "", app.clock.now()).await?;
    tx.commit().await?;
    page(&IndexPage {
        shell: Shell::signed_in(&user).with(received),
        q: params.q,
        organizations,
        invitations: mine.invitations,
        awaits_proof: mine.awaits_proof,
        total: mine.total,
    })
}

#[derive(Template)]
#[template(path = "core/orgs/_switcher_list.html")]
struct SwitcherList {
    organizations: Vec<SwitcherEntry>,
    current: String,
    section: Section,
}

/// `GET /orgs/switcher`: the switcher's list while somebody types; without htmx, the list itself.
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

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewForm {
    name: String,
    slug: String,
}

impl Fields for NewForm {}

#[derive(Template)]
#[template(path = "core/orgs/new.html")]
struct NewPage {
    shell: Shell,
    form: NewForm,
    errors: FieldErrors,
}

/// Organizations are started by everybody, or by operators alone.
///
/// # Errors
/// [`AppError::Refused`] where this person does not start any.
fn require_founder(app: &App, user: &CurrentUser) -> Result<()> {
    if user.is_operator || Offers::of(app).founding {
        return Ok(());
    }
    Err(AppError::Refused(
        "Organizations are created by the operator of this installation. Ask them for one, or ask \
         someone you work with to invite you to theirs."
            .into(),
    ))
}

/// `GET /orgs/new`
pub async fn new(user: CurrentUser, State(app): State<App>) -> Result<Response> {
    require_founder(&app, &user)?;
    let shell = Shell::signed_in(&user);
    page(&NewPage { shell, form: NewForm::default(), errors: FieldErrors::default() })
}

/// `POST /orgs`: an empty slug is derived from the name.
pub async fn create(
    user: CurrentUser,
    State(app): State<App>,
    Form(form): Form<NewForm>,
) -> Result<Response> {
    require_founder(&app, &user)?;
    let mut errors = FieldErrors::default();
    let name = errors.take("name", organization_name(&form.name));
    let chosen = match form.slug.trim() {
        "" => Some(None),
        slug => errors.take("slug", parse_slug(slug)).map(Some),
    };
    if let (Some(name), Some(chosen)) = (name, chosen) {
        let mut opened = open(&app, &user, &name, chosen.clone()).await;
        if chosen.is_none() && opened.as_ref().is_err_and(slug_is_taken) {
            // Another organization of this name was a moment quicker.
            opened = open(&app, &user, &name, Some(unlikely_slug(&name))).await;
        }
        match opened {
            Ok(slug) => {
                return Ok(Flash::redirect(&format!("/orgs/{slug}"), format!("{name} is ready.")));
            }
            Err(error) if slug_is_taken(&error) => {
                errors.add("slug", taken_words(&app, chosen.as_deref().unwrap_or(&name)).await?);
            }
            Err(error) => return Err(error),
        }
    }
    let view = NewPage { shell: Shell::signed_in(&user), form, errors };
    page_with_status(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

async fn open(app: &App, user: &CurrentUser, name: &str, chosen: Option<String>) -> Result<String> {
    let mut tx = user.write(app).await?;
    tx.lock_person(user.id).await?;
    let since = app.clock.now().plus(-Duration::days(1));
    if sql::owned_since(&mut tx, user.id, since).await? >= PER_DAY {
        let words = format!("One person can create at most {PER_DAY} organizations a day.");
        return Err(AppError::over_limit(words));
    }
    let slug = match chosen {
        Some(slug) => slug,
        None => free_slug(&mut tx, name).await?,
    };
    tx.leads_to(&format!("/orgs/{slug}")).await?;
    let tx = create_organization(tx, user.id, name, &slug).await?;
    tx.commit().await?;
    Ok(slug)
}

/// That a slug is taken, and which one is free.
pub(super) async fn taken_words(app: &App, slug: &str) -> Result<String> {
    let mut tx = UnscopedTx::read(app).await?;
    let free = free_slug(&mut tx, slug).await?;
    tx.commit().await?;
    Ok(format!("{slug} is taken. {free} is free."))
}
