//! The statements about projects themselves.

use sqlx::FromRow;

use super::model::{Details, Project};
use super::role::ProjectRole;
use super::visibility::{Viewer, visible};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::sql;
use crate::platform::ids::{ClientId, MembershipId, ProjectId};
use crate::platform::tenant::OrgTx;
use crate::platform::text::name_key;

macro_rules! columns {
    () => {
        "p.id, p.client_id, p.code, p.name, p.description, p.status, p.starts_on, p.due_on,
         p.budget_cents, p.is_restricted, p.version, p.created_at, p.updated_at, p.archived_at,
         p.deleted_at,
         (select c.name from clients c
          where c.organization_id = $1 and c.id = p.client_id) as client_name"
    };
}
pub(super) use columns;

/// A project with the viewer's own role in it, if it is a member.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Found {
    #[sqlx(flatten)]
    pub project: Project,
    pub own_role: Option<ProjectRole>,
}

macro_rules! found {
    ($end:literal) => {
        concat!(
            "select ",
            columns!(),
            ", (select m.role from project_members m
                where m.organization_id = $1 and m.project_id = p.id and m.membership_id = $3
               ) as own_role
             from projects p
             where p.organization_id = $1 and p.id = $4 and ",
            visible!(even deleted "p"),
            $end
        )
    };
}

/// The project `id`, deleted or not, if the viewer may see it.
pub(super) async fn find(
    tx: &mut OrgTx,
    viewer: Viewer,
    id: ProjectId,
) -> Result<Option<Found>, sqlx::Error> {
    viewer.query(tx, sql!(found!(""))).bind(id).optional().await
}

/// The same, and nobody else changes the project or who belongs to it until the transaction ends.
pub(super) async fn lock(
    tx: &mut OrgTx,
    viewer: Viewer,
    id: ProjectId,
) -> Result<Option<Found>, sqlx::Error> {
    // The lock first, and then the look: one statement that does both would show on PostgreSQL who
    // was on the project when it began to wait.
    tx.query(sql!(
        // SQLite has let this transaction in as the only writer already.
        sqlite: "select id from projects where organization_id = $1 and id = $2",
        postgres: "select id from projects where organization_id = $1 and id = $2 for update",
    ))
    .bind(id)
    .optional::<(ProjectId,)>()
    .await?;
    find(tx, viewer, id).await
}

pub(super) async fn insert(
    tx: &mut OrgTx,
    details: &Details,
    is_restricted: bool,
    now: Timestamp,
) -> Result<ProjectId, sqlx::Error> {
    let id = ProjectId::new();
    tx.query(sql!(
        "insert into projects
            (organization_id, id, client_id, code, name, name_key, search_key, description, status,
             starts_on, due_on, budget_cents, is_restricted, version, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $14)"
    ))
    .bind(id)
    .bind(details.client_id)
    .bind(&details.code)
    .bind(&details.name)
    .bind(name_key(&details.name))
    .bind(details.search_key())
    .bind(&details.description)
    .bind(details.status)
    .bind(details.starts_on)
    .bind(details.due_on)
    .bind(details.budget_cents)
    .bind(is_restricted)
    .bind(now)
    .execute()
    .await?;
    Ok(id)
}

/// Saves a project that is locked.
pub(super) async fn update(
    tx: &mut OrgTx,
    id: ProjectId,
    details: &Details,
    is_restricted: bool,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update projects
         set client_id = $3, code = $4, name = $5, name_key = $6, search_key = $7,
             description = $8, status = $9, starts_on = $10, due_on = $11, budget_cents = $12,
             is_restricted = $13, version = version + 1, updated_at = $14
         where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(details.client_id)
    .bind(&details.code)
    .bind(&details.name)
    .bind(name_key(&details.name))
    .bind(details.search_key())
    .bind(&details.description)
    .bind(details.status)
    .bind(details.starts_on)
    .bind(details.due_on)
    .bind(details.budget_cents)
    .bind(is_restricted)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Archives and deletes, or takes that back, as the two times say.
pub(super) async fn set_state(
    tx: &mut OrgTx,
    id: ProjectId,
    archived_at: Option<Timestamp>,
    deleted_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update projects
         set archived_at = $3, deleted_at = $4, updated_at = $5, version = version + 1
         where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(archived_at)
    .bind(deleted_at)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Notes whether nobody has typed the code of a project.
pub(super) async fn note_code(
    tx: &mut OrgTx,
    id: ProjectId,
    is_derived: bool,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update projects set code_is_derived = $3 where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(is_derived)
    .execute()
    .await?;
    Ok(())
}

/// Whether nobody has typed the code of a project; `None` where that is not known.
pub(super) async fn code_is_derived(
    tx: &mut OrgTx,
    id: ProjectId,
) -> Result<Option<bool>, sqlx::Error> {
    let (is_derived,): (Option<bool>,) = tx
        .query(sql!("select code_is_derived from projects where organization_id = $1 and id = $2"))
        .bind(id)
        .one()
        .await?;
    Ok(is_derived)
}

/// The codes that begin with `base` and are in use.
pub(super) async fn codes(tx: &mut OrgTx, base: &str) -> Result<Vec<String>, sqlx::Error> {
    let codes: Vec<(String,)> = tx
        .query(sql!(
            "select code from projects
             where organization_id = $1 and code >= $2 and code < $3 and deleted_at is null
             limit 10000"
        ))
        .bind(base)
        // The character after "Z" in ASCII: the range holds everything that begins with the base.
        .bind(format!("{base}["))
        .all()
        .await?;
    Ok(codes.into_iter().map(|(code,)| code).collect())
}

/// A project in few words.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Brief {
    pub id: ProjectId,
    pub code: String,
    pub name: String,
    pub status: super::model::Status,
    pub is_restricted: bool,
    pub archived_at: Option<Timestamp>,
}

/// The projects of a client that the viewer may see, by name.
pub(crate) async fn of_client(
    tx: &mut OrgTx,
    viewer: Viewer,
    client: ClientId,
) -> Result<Vec<Brief>, sqlx::Error> {
    viewer
        .query(
            tx,
            sql!(concat!(
                "select p.id, p.code, p.name, p.status, p.is_restricted, p.archived_at
                 from projects p
                 where p.organization_id = $1 and p.client_id = $4 and ",
                visible!("p"),
                " order by p.name_key, p.id limit 100"
            )),
        )
        .bind(client)
        .all()
        .await
}

/// The projects to choose from, by name: those that the viewer may see.
pub(crate) async fn choices(tx: &mut OrgTx, viewer: Viewer) -> Result<Vec<Brief>, sqlx::Error> {
    viewer
        .query(
            tx,
            sql!(concat!(
                "select p.id, p.code, p.name, p.status, p.is_restricted, p.archived_at
                 from projects p
                 where p.organization_id = $1 and ",
                visible!("p"),
                " order by p.name_key, p.id limit 1000"
            )),
        )
        .all()
        .await
}

/// Takes a member off every project, and from every task: before the membership ends.
pub(crate) async fn release(tx: &mut OrgTx, member: MembershipId) -> Result<(), sqlx::Error> {
    // An update, because it locks the row on either engine: whoever is about to give the member
    // a task is done with it, or finds the membership gone.
    tx.query(sql!(
        "update memberships set last_active_at = last_active_at
         where organization_id = $1 and id = $2"
    ))
    .bind(member)
    .execute()
    .await?;
    tx.query(sql!(
        "update tasks set assignee_id = null where organization_id = $1 and assignee_id = $2"
    ))
    .bind(member)
    .execute()
    .await?;
    Ok(())
}
