//! The project in the path, for a caller whose role in it is sufficient.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::project::Project;
use super::role::ProjectRole;
use super::sql;
use super::visibility::Viewer;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::ProjectId;
use crate::platform::tenant::current_org::Context;
use crate::platform::tenant::permission::AnyMember;
use crate::platform::tenant::{Actor, CurrentOrg, OrgTx};
use crate::platform::web::param;
use crate::platform::web::route::{Access, FirstArgument, Guard, Guarded, guarded};

/// Why a statement need not contain [`visible!`](super::visible) if it names the project of its
/// rows, and runs only behind [`CurrentProject`].
pub const IN_PROJECT: &str = "it names one project, behind `CurrentProject`, which has \
     checked that the caller sees the project and, for changes, holds its lock";

/// Why a statement need not contain [`visible!`](super::visible) if it names one row, or the
/// project itself, by an id that a statement behind [`CurrentProject`] has found or made.
pub(crate) const FOUND_IN_PROJECT: &str =
    "it names one row by its id, which was found, or made, in a project that the caller sees";

/// What a type proves about the caller's role in the project.
pub trait Level: Copy + Send + Sync + 'static {
    /// The lowest sufficient role.
    const ROLE: ProjectRole;
    /// Whether the project may be deleted.
    const EVEN_DELETED: bool = false;
}

/// For people who can see the project.
#[derive(Clone, Copy, Debug)]
pub struct Read;
/// For people who work on it.
#[derive(Clone, Copy, Debug)]
pub struct Contribute;
/// For its leads.
#[derive(Clone, Copy, Debug)]
pub struct Lead;
/// For its leads, even if it was deleted: to restore it.
#[derive(Clone, Copy, Debug)]
pub struct LeadDeleted;

impl Level for Read {
    const ROLE: ProjectRole = ProjectRole::Reader;
}
impl Level for Contribute {
    const ROLE: ProjectRole = ProjectRole::Contributor;
}
impl Level for Lead {
    const ROLE: ProjectRole = ProjectRole::Lead;
}
impl Level for LeadDeleted {
    const ROLE: ProjectRole = ProjectRole::Lead;
    const EVEN_DELETED: bool = true;
}

/// The project in the path. People who cannot see it get the 404 of a project that does not exist.
#[derive(Clone)]
pub struct CurrentProject<R: Level = Read> {
    org: CurrentOrg<AnyMember>,
    /// The project at the time of the request.
    pub project: Project,
    /// The caller's role in it.
    pub role: ProjectRole,
    proof: PhantomData<R>,
}

impl<R: Level> Guard for CurrentProject<R> {
    const ACCESS: Access = Access::Object { kind: "project", role: R::ROLE.word() };
}

/// For people whose role in the project is sufficient for `R`: the handler takes
/// [`CurrentProject<R>`] first.
pub fn in_project<R: Level, H, T: FirstArgument<CurrentProject<R>>>(
    _: R,
    handler: H,
) -> Guarded<H, T> {
    guarded(handler)
}

impl<R: Level> Deref for CurrentProject<R> {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.org
    }
}

impl<R: Level> CurrentProject<R> {
    /// The project `id`, for a form that says which one it is about.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for people who cannot see it, [`AppError::Refused`] when their role in
    /// it is not sufficient.
    pub(crate) async fn open(org: CurrentOrg<AnyMember>, id: ProjectId) -> Result<Self> {
        let viewer = Viewer::of(&org);
        let mut tx = org.read().await?;
        let found = sql::find(&mut tx, viewer, id).await?;
        org.read_on(tx);
        let (project, role) = admit::<R>(found, viewer)?;
        Ok(Self { org, project, role, proof: PhantomData })
    }

    /// Whether the caller's role includes `role`.
    pub fn can(&self, role: ProjectRole) -> bool {
        self.role >= role
    }

    /// A path inside the project: `path("/edit")`.
    pub fn path(&self, rest: &str) -> String {
        self.organization.path(&format!("/projects/{}{rest}", self.project.id))
    }

    /// Begins a transaction that changes something in the project, which stays locked until it
    /// ends. The caller's membership and role in the project are checked again inside it.
    pub async fn write(&self) -> Result<(OrgTx, Actor, Project)> {
        let (tx, actor, project, _) = self.write_with_role().await?;
        Ok((tx, actor, project))
    }

    /// Like [`write`](Self::write), but also returns the actor's current role in the project, for
    /// what `R` alone does not allow.
    pub async fn write_with_role(&self) -> Result<(OrgTx, Actor, Project, ProjectRole)> {
        let (mut tx, actor) = self.org.write().await?;
        let viewer = Viewer::acting(&actor);
        let found = sql::lock(&mut tx, viewer, self.project.id).await?;
        let (project, role) = admit::<R>(found, viewer)?;
        Ok((tx, actor, project, role))
    }
}

/// The project, if the viewer's role in it is sufficient.
fn admit<R: Level>(found: Option<sql::Found>, viewer: Viewer) -> Result<(Project, ProjectRole)> {
    let found = found
        .filter(|found| R::EVEN_DELETED || found.project.deleted_at.is_none())
        .ok_or(AppError::NotFound)?;
    let role = viewer
        .role(found.project.details.is_restricted, found.own_role)
        .ok_or(AppError::NotFound)?;
    if role < R::ROLE {
        let words = format!(
            "Your role in {} doesn't let you {}. A project lead can help.",
            found.project.details.name,
            R::ROLE.does()
        );
        return Err(AppError::Refused(words.into()));
    }
    Ok((found.project, role))
}

impl<R: Level> FromRequestParts<App> for CurrentProject<R> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let org = CurrentOrg::<AnyMember>::from_request_parts(parts, app).await?;
        let id = param(parts, app, "project").await?;
        Self::open(org, id.parse().map_err(|_| AppError::NotFound)?).await
    }
}
