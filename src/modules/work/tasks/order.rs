//! The order of a project's tasks, which is kept as numbers with gaps between them.

use super::model::{Direction, Task};
use super::noun::TaskId;
use super::sql::GAP;
use crate::core::access::{FOUND_IN_PROJECT, IN_PROJECT};
use crate::platform::db::statement::sql;
use crate::platform::ids::ProjectId;
use crate::platform::noun::record::Inside;
use crate::platform::tenant::OrgTx;

/// Moves the task past its neighbour; returns whether there is one.
pub(super) async fn move_by_one(
    tx: &mut OrgTx,
    task: &Task,
    direction: Direction,
) -> Result<bool, sqlx::Error> {
    let step = match direction {
        Direction::Up => -2 * GAP,
        Direction::Down => 2 * GAP,
    };
    let mut task = task.clone();
    for _ in 0..2 {
        let neighbours = neighbours(tx, &task, direction).await?;
        let Some(&near) = neighbours.first() else { return Ok(false) };
        let far = neighbours.get(1).copied().unwrap_or(near + step);
        let middle = near + (far - near) / 2;
        if middle != near && middle != far {
            set_position(tx, task.id, middle).await?;
            return Ok(true);
        }
        renumber(tx, task.project_id).await?;
        if let Some(reread) = Task::find(tx, task.project_id, task.id).await? {
            task = reread;
        }
    }
    Ok(false)
}

/// Moves the task directly before `next`, or to the end; returns whether it was elsewhere.
pub(super) async fn move_before(
    tx: &mut OrgTx,
    task: &Task,
    next: Option<TaskId>,
) -> Result<bool, sqlx::Error> {
    for _ in 0..2 {
        let order = order(tx, task).await?;
        let here = order.iter().position(|(id, _)| *id == task.id);
        let behind = next.and_then(|next| order.iter().position(|(id, _)| *id == next));
        let behind = behind.unwrap_or(order.len());
        if here.is_some_and(|here| behind == here || behind == here + 1) {
            return Ok(false);
        }
        // Without the task itself the two neighbours are others.
        let above = order[..behind].last().map(|(_, position)| *position);
        let below = order.get(behind).map(|(_, position)| *position);
        let (above, below) = match (above, below) {
            (Some(above), Some(below)) => (above, below),
            (Some(above), None) => (above, above + 2 * GAP),
            (None, Some(below)) => (below - 2 * GAP, below),
            (None, None) => return Ok(false),
        };
        let middle = above + (below - above) / 2;
        if middle != above && middle != below {
            set_position(tx, task.id, middle).await?;
            return Ok(true);
        }
        renumber(tx, task.project_id).await?;
    }
    Ok(false)
}

/// The tasks among which `task` is moved, with their positions.
async fn order(tx: &mut OrgTx, task: &Task) -> Result<Vec<(TaskId, i64)>, sqlx::Error> {
    tx.query(sql!(
        unfiltered because IN_PROJECT,
        "select id, position from tasks
         where organization_id = $1 and project_id = $2 and (status = 'done') = $3
            and deleted_at is null and archived_at is null
         order by position, id
         limit 10000"
    ))
    .bind(task.project_id)
    .bind(task.is_done())
    .all()
    .await
}

macro_rules! neighbours {
    ($beyond:literal, $order:literal) => {
        sql!(unfiltered because IN_PROJECT, concat!(
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

/// The positions of the next two tasks in this direction.
async fn neighbours(
    tx: &mut OrgTx,
    task: &Task,
    direction: Direction,
) -> Result<Vec<i64>, sqlx::Error> {
    let statement = match direction {
        Direction::Up => neighbours!("<", "desc"),
        Direction::Down => neighbours!(">", "asc"),
    };
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
    tx.query(sql!(
        unfiltered because FOUND_IN_PROJECT,
        "update tasks set position = $3 where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(position)
    .execute()
    .await?;
    Ok(())
}

/// Renumbers the tasks of the project, with gaps, in their current order.
async fn renumber(tx: &mut OrgTx, project: ProjectId) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because IN_PROJECT,
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
