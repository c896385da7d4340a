//! Archiving and deleting a client, each with a way back.

use axum::response::Response;

use super::model::Client;
use super::sql;
use crate::platform::audit::Action;
use crate::platform::db::constraints::CLIENT_NAME;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::ClientId;
use crate::platform::tenant::permission::EditClients;
use crate::platform::tenant::{CurrentOrg, OrgTx};
use crate::platform::web::{Flash, Id};

/// `POST /orgs/{slug}/clients/{id}/archive`
pub async fn archive(org: CurrentOrg<EditClients>, Id(id): Id<ClientId>) -> Result<Response> {
    let (mut tx, _) = org.write().await?;
    let client = find(&mut tx, id).await?;
    if sql::set_archived(&mut tx, id, Some(org.now), org.now).await? {
        tx.record(client.entry(Action::ClientArchived));
    }
    tx.commit().await?;
    let words = format!("{} is archived.", client.details.name);
    let path = org.organization.path("/clients");
    Ok(Flash::redirect_with_undo(&path, words, format!("{path}/{id}/unarchive")))
}

/// `POST /orgs/{slug}/clients/{id}/unarchive`
pub async fn unarchive(org: CurrentOrg<EditClients>, Id(id): Id<ClientId>) -> Result<Response> {
    let (mut tx, _) = org.write().await?;
    let client = find(&mut tx, id).await?;
    if sql::set_archived(&mut tx, id, None, org.now).await? {
        tx.record(client.entry(Action::ClientUnarchived));
    }
    tx.commit().await?;
    let words = format!("{} is out of the archive.", client.details.name);
    Ok(Flash::redirect(&org.organization.path(&format!("/clients/{id}")), words))
}

/// `POST /orgs/{slug}/clients/{id}/delete`: its projects stay, and go on naming it.
pub async fn delete(org: CurrentOrg<EditClients>, Id(id): Id<ClientId>) -> Result<Response> {
    let (mut tx, _) = org.write().await?;
    let client = find(&mut tx, id).await?;
    if sql::set_deleted(&mut tx, id, Some(org.now), org.now).await? {
        tx.record(client.entry(Action::ClientDeleted));
    }
    tx.commit().await?;
    let words = format!("{} is deleted.", client.details.name);
    let path = org.organization.path("/clients");
    Ok(Flash::redirect_with_undo(&path, words, format!("{path}/{id}/restore")))
}

/// `POST /orgs/{slug}/clients/{id}/restore`
pub async fn restore(org: CurrentOrg<EditClients>, Id(id): Id<ClientId>) -> Result<Response> {
    let (mut tx, _) = org.write().await?;
    let client = find(&mut tx, id).await?;
    let restored = sql::set_deleted(&mut tx, id, None, org.now).await.map_err(AppError::from);
    match restored {
        Ok(true) => tx.record(client.entry(Action::ClientRestored)),
        Ok(false) => {}
        Err(error) if error.breaks(CLIENT_NAME) => {
            let words = format!("Another client is called {} now.", client.details.name);
            return Err(AppError::Conflict(words.into()));
        }
        Err(error) => return Err(error),
    }
    tx.commit().await?;
    let words = format!("{} is back.", client.details.name);
    Ok(Flash::redirect(&org.organization.path(&format!("/clients/{id}")), words))
}

async fn find(tx: &mut OrgTx, id: ClientId) -> Result<Client> {
    sql::find(tx, id).await?.ok_or(AppError::NotFound)
}
