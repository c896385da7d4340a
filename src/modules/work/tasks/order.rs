//! The order of a project's tasks: each has a number, with gaps between them.

use axum::response::Response;
use serde::Deserialize;

use super::board::{View, answer};
use super::model::Task;
use super::sql::{self, GAP};
use crate::core::access::{Contribute, CurrentProject};
use crate::modules::work::tasks::noun::{TASK_MOVED, TaskId};
use crate::platform::db::statement::sql;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::ProjectId;
use crate::platform::tenant::OrgTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{Form, Htmx, Id};

/// What is sent by the buttons that move a task.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoveForm {
    direction: String,
    view: View,
}

impl Fields for MoveForm {}

/// `POST /orgs/{slug}/projects/{project}/tasks/{id}/move`: one place up or down among the tasks
/// that are open, or among those that are done.
pub async fn move_task(
    current: CurrentProject<Contribute>,
    htmx: Htmx,
    Id(id): Id<TaskId>,
    Form(form): Form<MoveForm>,
) -> Result<Response> {
    let up = match form.direction.as_str() {
        "up" => true,
        "down" => false,
        _ => return Err(AppError::Invalid("Move it up or down.".into())),
    };
    let (mut tx, _, project) = current.write().await?;
    let task = sql::live(&mut tx, project.id, id).await?.ok_or(AppError::NotFound)?;
    if move_by_one(&mut tx, &task, up).await? {
        tx.record(task.entry(TASK_MOVED));
    }
    tx.commit().await?;
    answer(&current, htmx, form.view, id).await
}

/// Puts the task beyond its neighbour; says whether there is one.
async fn move_by_one(tx: &mut OrgTx, task: &Task, up: bool) -> Result<bool, sqlx::Error> {
    let mut task = task.clone();
    for _ in 0..2 {
        let neighbours = neighbours(tx, &task, up).await?;
        let Some(&near) = neighbours.first() else { return Ok(false) };
        let far = neighbours.get(1).copied().unwrap_or(near + if up { -2 * GAP } else { 2 * GAP });
        let middle = near + (far - near) / 2;
        if middle != near && middle != far {
            set_position(tx, task.id, middle).await?;
            return Ok(true);
        }
        renumber(tx, task.project_id).await?;
        if let Some(anew) = Task::find(tx, task.project_id, task.id).await? {
            task = anew;
        }
    }
    Ok(false)
}

macro_rules! neighbours {
    ($beyond:literal, $order:literal) => {
        sql!(concat!(
            "select position from tasks
             where organization_id = $1 and project_id = $2 and (status = 'done') = $3
                and deleted_at is null and archived_at is null
                and (position, id) ",
            $beyond,
            " ($4, $5)
             order by position ",
            $order,
            ", id ",
            $order,
            " limit 2"
        ))
    };
}

/// The places of the next two tasks in this direction.
async fn neighbours(tx: &mut OrgTx, task: &Task, up: bool) -> Result<Vec<i64>, sqlx::Error> {
    let statement = if up { neighbours!("<", "desc") } else { neighbours!(">", "asc") };
    let places: Vec<(i64,)> = tx
        .query(statement)
        .bind(task.project_id)
        .bind(task.is_done())
        .bind(task.position)
        .bind(task.id)
        .all()
        .await?;
    Ok(places.into_iter().map(|(place,)| place).collect())
}

async fn set_position(tx: &mut OrgTx, id: TaskId, position: i64) -> Result<(), sqlx::Error> {
    tx.query(sql!("update tasks set position = $3 where organization_id = $1 and id = $2"))
        .bind(id)
        .bind(position)
        .execute()
        .await?;
    Ok(())
}

/// Renumbers the tasks of the project, with gaps, in the order they have.
async fn renumber(tx: &mut OrgTx, project: ProjectId) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        "update tasks set position = n.number * $3
         from (select id, row_number() over (order by position, id) as number
               from tasks where organization_id = $1 and project_id = $2) n
         where tasks.organization_id = $1 and tasks.id = n.id"
    ))
    .bind(project)
    .bind(GAP)
    .execute()
    .await?;
    Ok(())
}
