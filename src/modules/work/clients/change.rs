//! Archiving and deleting a client, each with a way back. The projects of a deleted client stay, and
//! go on naming it.

use super::model::Client;
use super::noun::{
    CLIENT_ARCHIVED, CLIENT_DELETED, CLIENT_NAME, CLIENT_RESTORED, CLIENT_UNARCHIVED, EditClients,
};
use super::sql;
use crate::core::access::noun::ClientId;
use crate::platform::audit::{Action, Entry};
use crate::platform::clock::Timestamp;
use crate::platform::db::constraints::Unique;
use crate::platform::error::{AppError, Result};
use crate::platform::noun::life::{Life, Living, Place, Step, life, steps};
use crate::platform::tenant::{CurrentOrg, OrgTx};

impl Living for Client {
    type Id = ClientId;
    const LIFE: Life = life!("clients", |step| match step {
        Step::Archive => CLIENT_ARCHIVED,
        Step::Unarchive => CLIENT_UNARCHIVED,
        Step::Delete => CLIENT_DELETED,
        Step::Restore => CLIENT_RESTORED,
    });
    const NEEDS: Option<Unique> = Some(CLIENT_NAME);

    fn id(&self) -> ClientId {
        self.id
    }

    fn name(&self) -> &str {
        &self.details.name
    }

    fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    fn entry(&self, action: Action) -> Entry {
        self.entry(action)
    }
}

impl Place<Client> for CurrentOrg<EditClients> {
    async fn hold(&self, id: ClientId) -> Result<(OrgTx, Client)> {
        let (mut tx, _) = self.write().await?;
        let client = sql::find(&mut tx, id).await?.ok_or(AppError::NotFound)?;
        Ok((tx, client))
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn page(&self, client: &Client) -> String {
        self.organization.path(&format!("/clients/{}", client.id))
    }

    fn list(&self, _: &Client) -> String {
        self.organization.path("/clients")
    }
}

steps!(Client, ClientId, CurrentOrg<EditClients>:
    archive = Archive, unarchive = Unarchive, delete = Delete, restore = Restore);
