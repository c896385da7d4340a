//! The statements about projects themselves.

use crate::core::access::noun::ClientId;
use crate::core::access::project::{Details, Status};
use crate::core::access::{FOUND_IN_PROJECT, Viewer, visible};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::ids::ProjectId;
use crate::platform::tenant::OrgTx;

/// Changes the code of a deleted project.
pub(super) async fn set_code(
    tx: &mut OrgTx,
    id: ProjectId,
    details: &Details,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because FOUND_IN_PROJECT,
        "update projects set code = $3, search_key = $4 where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(&details.code)
    .bind(details.search_key())
    .execute()
    .await?;
    Ok(())
}

/// Stores whether the code of a project was derived.
pub(super) async fn note_code(
    tx: &mut OrgTx,
    id: ProjectId,
    is_derived: bool,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because FOUND_IN_PROJECT,
        "update projects set code_is_derived = $3 where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(is_derived)
    .execute()
    .await?;
    Ok(())
}

/// Whether the code of a project was derived; `None` if that is not known.
pub(super) async fn code_is_derived(
    tx: &mut OrgTx,
    id: ProjectId,
) -> Result<Option<bool>, sqlx::Error> {
    let (is_derived,): (Option<bool>,) = tx
        .query(sql!(
            unfiltered because FOUND_IN_PROJECT,
            "select code_is_derived from projects where organization_id = $1 and id = $2"
        ))
        .bind(id)
        .one()
        .await?;
    Ok(is_derived)
}

/// The codes in use that begin with `base`.
pub(super) async fn codes(tx: &mut OrgTx, base: &str) -> Result<Vec<String>, sqlx::Error> {
    let codes: Vec<(String,)> = tx
        .query(sql!(
            unfiltered because "a code is unique in the organization, even if only some people see its project",
            "select code from projects
             where organization_id = $1 and code >= $2 and code < $3 and deleted_at is null
             limit 10000"
        ))
        .bind(base)
        // The character after "Z" in ASCII: the range contains everything that begins with the
        // base.
        .bind(format!("{base}["))
        .all()
        .await?;
    Ok(codes.into_iter().map(|(code,)| code).collect())
}

/// Whether the viewer can see the project that has this code.
pub(super) async fn sees_code(
    tx: &mut OrgTx,
    viewer: Viewer,
    code: &str,
) -> Result<bool, sqlx::Error> {
    let seen: Option<(ProjectId,)> = viewer
        .query(
            tx,
            sql!(concat!(
                "select p.id from projects p
                 where p.organization_id = $1 and p.code = $4 and ",
                visible!("p"),
                " limit 1"
            )),
        )
        .bind(code)
        .optional()
        .await?;
    Ok(seen.is_some())
}

/// A short form of a project.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ProjectSummary {
    pub id: ProjectId,
    pub code: String,
    pub name: String,
    pub status: Status,
    pub is_restricted: bool,
    pub archived_at: Option<Timestamp>,
}

/// The projects of a client that the viewer can see, ordered by name.
pub(crate) async fn of_client(
    tx: &mut OrgTx,
    viewer: Viewer,
    client: ClientId,
) -> Result<Vec<ProjectSummary>, sqlx::Error> {
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

/// The projects to choose from, ordered by name: those that the viewer can see.
pub(crate) async fn choices(
    tx: &mut OrgTx,
    viewer: Viewer,
) -> Result<Vec<ProjectSummary>, sqlx::Error> {
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
