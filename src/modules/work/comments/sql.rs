//! The statements about comments. Code that changes a comment must hold the lock of its project.

use super::model::Comment;
use crate::core::access::{FOUND_IN_PROJECT, IN_PROJECT};
use crate::modules::work::comments::noun::CommentId;
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::{TenantSql, sql};
use crate::platform::ids::{ProjectId, UserId};
use crate::platform::list::Cursor;
use crate::platform::list::Direction;
use crate::platform::tenant::OrgTx;

macro_rules! columns {
    () => {
        "c.id, c.task_id, c.author_id, u.name as author_name, c.body, c.version, c.created_at,
         c.edited_at, c.deleted_at,
         (select q.id from memberships m
          join pictures q on q.user_id = m.user_id
          where m.organization_id = $1 and m.user_id = c.author_id) as author_picture"
    };
}

/// The comment `id` of a project, deleted or not, unless its task was deleted.
pub(super) async fn find(
    tx: &mut OrgTx,
    project: ProjectId,
    id: CommentId,
) -> Result<Option<Comment>, sqlx::Error> {
    tx.query(sql!(unfiltered because IN_PROJECT, concat!(
        "select ",
        columns!(),
        " from comments c
         join users u on u.id = c.author_id
         where c.organization_id = $1 and c.project_id = $2 and c.id = $3 and not exists (
            select 1 from tasks t
            where t.organization_id = $1 and t.id = c.task_id and t.deleted_at is not null)"
    )))
    .bind(project)
    .bind(id)
    .optional()
    .await
}

macro_rules! page {
    ($beyond:literal, $order:literal) => {
        sql!(unfiltered because IN_PROJECT, concat!(
            "select ",
            columns!(),
            " from comments c
             join users u on u.id = c.author_id
             where c.organization_id = $1 and c.project_id = $2
                and ($3 and c.task_id is null or c.task_id = $4) and c.deleted_at is null
                and (c.created_at, c.id) ",
            $beyond,
            " ($5, $6)
             order by c.created_at ",
            $order,
            ", c.id ",
            $order,
            " limit $7"
        ))
    };
}

const fn page_statement(direction: Direction) -> TenantSql {
    match direction {
        Direction::Forward => page!("<", "desc"),
        Direction::Backward => page!(">", "asc"),
    }
}

/// A page of the comments on a task, or on the project itself, newest first.
pub(super) async fn page(
    tx: &mut OrgTx,
    project: ProjectId,
    task: Option<TaskId>,
    place: &Cursor,
) -> Result<Vec<Comment>, sqlx::Error> {
    let query =
        tx.query(page_statement(place.direction)).bind(project).bind(task.is_none()).bind(task);
    place.bind(query, true).bind(place.limit()).all().await
}

pub(super) async fn count(
    tx: &mut OrgTx,
    project: ProjectId,
    task: Option<TaskId>,
) -> Result<i64, sqlx::Error> {
    let (count,) = tx
        .query(sql!(
            unfiltered because IN_PROJECT,
            "select count(*) from comments c
             where c.organization_id = $1 and c.project_id = $2
                and ($3 and c.task_id is null or c.task_id = $4) and c.deleted_at is null"
        ))
        .bind(project)
        .bind(task.is_none())
        .bind(task)
        .one()
        .await?;
    Ok(count)
}

pub(super) async fn insert(
    tx: &mut OrgTx,
    project: ProjectId,
    task: Option<TaskId>,
    author: UserId,
    body: &str,
    now: Timestamp,
) -> Result<CommentId, sqlx::Error> {
    let id = CommentId::new();
    tx.query(sql!(
        unfiltered because IN_PROJECT,
        "insert into comments
            (organization_id, id, project_id, task_id, author_id, body, version, created_at)
         values ($1, $2, $3, $4, $5, $6, 1, $7)"
    ))
    .bind(id)
    .bind(project)
    .bind(task)
    .bind(author)
    .bind(body)
    .bind(now)
    .execute()
    .await?;
    Ok(id)
}

pub(super) async fn update(
    tx: &mut OrgTx,
    id: CommentId,
    body: &str,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because FOUND_IN_PROJECT,
        "update comments set body = $3, edited_at = $4, version = version + 1
         where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(body)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The names of the members mentioned in comments of a project that were written between two times.
pub(super) async fn names(
    tx: &mut OrgTx,
    project: ProjectId,
    first: Timestamp,
    last: Timestamp,
) -> Result<Vec<(CommentId, String)>, sqlx::Error> {
    tx.query(sql!(
        unfiltered because IN_PROJECT,
        "select cm.comment_id, u.name
         from comments c
         join comment_mentions cm
            on cm.organization_id = c.organization_id and cm.comment_id = c.id
         join memberships m on m.organization_id = c.organization_id and m.id = cm.membership_id
         join users u on u.id = m.user_id
         where c.organization_id = $1 and c.project_id = $2 and c.created_at between $3 and $4
         limit 5000"
    ))
    .bind(project)
    .bind(first)
    .bind(last)
    .all()
    .await
}
