//! The commands for organizations themselves.

use serde_json::json;
use time::Duration;

use super::model::{free_slug, slug_is_taken, unlikely_slug};
use super::noun::{ManageOrganization, ORGANIZATION_CHANGED};
use super::{object, sql};
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::error::{AppError, Result};
use crate::platform::noun::Refusal;
use crate::platform::session::CurrentUser;
use crate::platform::tenant::{CurrentOrg, Organization, UnscopedTx};
use crate::platform::web::offers::Offers;

/// The most organizations that a person can create in 24 hours.
const PER_DAY: i64 = 200;

/// Checks that this person can create organizations, which everybody or only operators can.
///
/// # Errors
/// [`AppError::Refused`] when they cannot.
pub(super) fn require_founder(app: &App, user: &CurrentUser) -> Result<()> {
    if user.is_operator || Offers::of(app).founding {
        return Ok(());
    }
    Err(AppError::Refused(
        "Organizations are created by the operator of this installation. Ask them for one, or ask \
         a colleague to invite you to theirs."
            .into(),
    ))
}

/// Creates an organization that the person owns. Returns its slug, which is derived from the name
/// unless one was chosen.
///
/// # Errors
/// Those of [`require_founder`]; [`Refusal::Fields`] when another organization has or had the slug;
/// [`AppError::TooMany`] above the daily limit.
pub(crate) async fn create(
    app: &App,
    user: &CurrentUser,
    name: &str,
    chosen: Option<String>,
) -> Result<String, Refusal<Organization>> {
    require_founder(app, user)?;
    let mut created = try_to_create(app, user, name, chosen.clone()).await;
    if chosen.is_none() && created.as_ref().is_err_and(slug_is_taken) {
        // Another organization with this name was created a moment earlier.
        created = try_to_create(app, user, name, Some(unlikely_slug(name))).await;
    }
    match created {
        Err(error) if slug_is_taken(&error) => {
            Err(taken(app, chosen.as_deref().unwrap_or(name)).await?)
        }
        created => Ok(created?),
    }
}

async fn try_to_create(
    app: &App,
    user: &CurrentUser,
    name: &str,
    chosen: Option<String>,
) -> Result<String> {
    let mut tx = user.write(app).await?;
    tx.lock_person(user.id).await?;
    let since = app.clock.now().plus(-Duration::days(1));
    if sql::owned_since(&mut tx, user.id, since).await? >= PER_DAY {
        let words = format!("You can create up to {PER_DAY} organizations a day.");
        return Err(AppError::over_limit(words));
    }
    let slug = match chosen {
        Some(slug) => slug,
        None => free_slug(&mut tx, name).await?,
    };
    tx.leads_to(&format!("/orgs/{slug}")).await?;
    let tx = super::create(tx, user.id, name, &slug).await?;
    tx.commit().await?;
    Ok(slug)
}

/// Changes the organization's name or slug.
///
/// # Errors
/// [`Refusal::Fields`] when another organization has or had the slug.
pub(crate) async fn update(
    org: &CurrentOrg<ManageOrganization>,
    name: &str,
    slug: &str,
) -> Result<(), Refusal<Organization>> {
    match try_to_update(org, name, slug).await {
        Err(error) if slug_is_taken(&error) => Err(taken(&org.app, slug).await?),
        updated => Ok(updated?),
    }
}

async fn try_to_update(org: &CurrentOrg<ManageOrganization>, name: &str, slug: &str) -> Result<()> {
    let (mut tx, _) = org.write_locked().await?;
    sql::claim_slug(&mut tx, slug, org.now).await?;
    sql::update(&mut tx, name, slug).await?;
    let Organization { id, name: old_name, slug: old_slug } = &org.organization;
    tx.record(Entry::new(ORGANIZATION_CHANGED, object(*id, name)).change(
        &json!({ "name": old_name, "slug": old_slug }),
        &json!({ "name": name, "slug": slug }),
    ));
    tx.commit().await
}

/// The refusal of a slug that is taken, which suggests a free one.
async fn taken(app: &App, slug: &str) -> Result<Refusal<Organization>> {
    let mut tx = UnscopedTx::read(app).await?;
    let free = free_slug(&mut tx, slug).await?;
    tx.commit().await?;
    Ok(Refusal::field("slug", format!("{slug} is taken. Try {free}.")))
}

/// Sets whether the organization requires a second factor.
///
/// # Errors
/// [`AppError::StepUp`] unless the actor has recently authenticated; [`Refusal::Fields`] when they
/// have no second factor themselves.
pub(crate) async fn set_requires_factor(
    org: &CurrentOrg<ManageOrganization>,
    required: bool,
) -> Result<(), Refusal<Organization>> {
    org.user.require_proof(org.now, &org.organization.path("/settings"))?;
    if required && !org.user.has_factor {
        let words = "You'd lock yourself out. Set up two-factor authentication on your own account \
                     first.";
        return Err(Refusal::field("requires_factor", words));
    }
    let (mut tx, _) = org.write_locked().await?;
    let before = sql::requires_factor(&mut tx).await?;
    if before != required {
        sql::set_requires_factor(&mut tx, required).await?;
        let Organization { id, name, .. } = &org.organization;
        let entry = Entry::new(ORGANIZATION_CHANGED, object(*id, name));
        tx.record(
            entry
                .before(json!({ "requires_factor": before }))
                .after(json!({ "requires_factor": required })),
        );
    }
    tx.commit().await?;
    Ok(())
}
