//! Who may look at projects and what belongs to them, change it, and create it.

use super::current::{CurrentProject, Level, Read};
use super::noun::CreateProjects;
use super::project::Project;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::ProjectId;
use crate::platform::list::ScopeOf;
use crate::platform::noun::place::{Above, Home, Place, Viewpoint};
use crate::platform::noun::record::Inside;
use crate::platform::tenant::{Actor, CurrentOrg, OrgTx};

impl Home<Project> for CurrentOrg<CreateProjects> {
    fn parent(&self) {}

    fn rows(&self) -> String {
        self.organization.path("/projects")
    }

    async fn begin(&self) -> Result<OrgTx> {
        let (tx, _) = self.write().await?;
        Ok(tx)
    }
}

impl<R: Level> Place<Project> for CurrentProject<R> {
    async fn find(&self, _: &mut OrgTx, _: ProjectId) -> Result<Option<Project>> {
        Ok(Some(self.project.clone()))
    }

    async fn hold(&self, _: ProjectId) -> Result<(OrgTx, Actor, Project)> {
        self.write().await
    }

    fn path(&self, _: ProjectId) -> String {
        self.path("")
    }

    fn list(&self, _: &Project) -> String {
        self.organization.path("/projects")
    }
}

impl<N: Inside<Parent = ProjectId, Edit: Level>> Place<N> for CurrentProject<N::Edit> {
    async fn find(&self, tx: &mut OrgTx, id: N::Id) -> Result<Option<N>> {
        Ok(N::find(tx, self.project.id, id).await?)
    }

    async fn hold(&self, id: N::Id) -> Result<(OrgTx, Actor, N)> {
        let (mut tx, actor, project) = self.write().await?;
        let row = N::find(&mut tx, project.id, id).await?.ok_or(AppError::NotFound)?;
        Ok((tx, actor, row))
    }

    fn path(&self, id: N::Id) -> String {
        self.path(&format!("{}/{id}", N::PART))
    }

    fn list(&self, _: &N) -> String {
        self.path(N::LIST)
    }
}

impl<N: Inside<Parent = ProjectId, Edit: Level>> Home<N> for CurrentProject<N::Edit> {
    fn parent(&self) -> ProjectId {
        self.project.id
    }

    fn rows(&self) -> String {
        self.path(N::PART)
    }

    async fn begin(&self) -> Result<OrgTx> {
        let (tx, ..) = self.write().await?;
        Ok(tx)
    }
}

impl<N: Inside<Parent = ProjectId, Edit: Level>> Viewpoint<N> for CurrentProject<Read> {
    async fn find(&self, tx: &mut OrgTx, id: N::Id) -> Result<Option<N>> {
        Ok(N::find(tx, self.project.id, id).await?)
    }

    fn rows(&self) -> String {
        self.path(N::PART)
    }

    fn can_edit(&self) -> bool {
        self.can(N::Edit::ROLE)
    }

    fn above(&self) -> Option<Above> {
        Some(Above { path: self.path(""), name: self.project.details.name.clone() })
    }
}

/// The lists of what belongs to a project need nothing but the project.
impl<R: Level> ScopeOf<CurrentProject<R>> for ProjectId {
    fn of(current: &CurrentProject<R>) -> Self {
        current.project.id
    }
}
