//! Organizations: the list, creating one, the overview, the settings.

mod commands;
mod list;
mod model;
pub mod noun;
mod overview;
mod settings;
mod sql;

pub use list::{create as create_page, home, index, new, search};
pub(crate) use model::slug_is_taken;
pub use model::{free_slug, organization_name, unlikely_slug};
pub use overview::{dismiss_steps, show};
pub use settings::{show as settings, update as update_settings, update_security};

use crate::core::members;
use crate::core::organizations::noun::{ORGANIZATION_CREATED, ORGANIZATION_DELETED};
use crate::platform::audit::object;
use crate::platform::audit::{Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::tenant::{Grant, OrgTx, UnscopedTx, built_in};

/// Creates an organization with its roles and `founder` as its owner. The caller's transaction
/// continues inside it.
///
/// # Errors
/// One that [`slug_is_taken`] recognizes when another organization has or had the slug.
pub async fn create(tx: UnscopedTx, founder: UserId, name: &str, slug: &str) -> Result<OrgTx> {
    let id = OrganizationId::new();
    let now = tx.app().clock.now();
    let mut tx = tx.enter(id).await?;
    sql::insert(&mut tx, name, slug, now).await?;
    sql::claim_slug(&mut tx, slug, now).await?;
    built_in::create(&mut tx).await?;
    let owner = Grant::founder(&mut tx).await?;
    members::add(&mut tx, founder, &owner, now).await?;
    tx.record(Entry::new(ORGANIZATION_CREATED, object(id, name)).person(founder));
    Ok(tx)
}

/// Deletes the organization, with the invitations to it. The transaction must hold its lock.
pub(crate) async fn delete(tx: &mut OrgTx, now: Timestamp) -> Result<()> {
    let id = tx.organization();
    let name = sql::set_deleted(tx, now).await?;
    tx.record(Entry::new(ORGANIZATION_DELETED, object(id, &name)));
    Ok(())
}

/// An organization, as an object in the audit log.
pub(crate) fn object(id: OrganizationId, name: &str) -> Object {
    Object::new(object::ORGANIZATION, id.uuid(), name)
}
