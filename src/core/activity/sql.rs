//! The statements about what happened. An entry of a project is only read together with the
//! project, which the viewer must see.

use sqlx::FromRow;
use uuid::Uuid;

use crate::core::access::{Viewer, visible};
use crate::platform::audit::ActorKind;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::sql;
use crate::platform::ids::{PictureId, ProjectId};
use crate::platform::tenant::OrgTx;

/// An entry, with what is left of the thing it is about.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub sequence: i64,
    pub at: Timestamp,
    pub actor_kind: ActorKind,
    /// The picture of an actor who belongs to the organization.
    pub actor_picture: Option<PictureId>,
    /// Text, because a newer version may have written it.
    pub action: String,
    pub object_kind: String,
    pub object_id: Option<Uuid>,
    /// The details, unless they were erased.
    pub content: Option<String>,
    pub project_id: Option<ProjectId>,
    pub project_name: Option<String>,
    /// The task it is about, or on which the comment stands.
    pub task_id: Option<Uuid>,
    pub task_title: Option<String>,
    pub client_name: Option<String>,
    /// Whether the thing is there to be opened.
    pub is_there: bool,
    /// The person it happened to.
    pub person_name: Option<String>,
}

/// `$condition` says which entries, `$4` before which one, `$5` how many.
macro_rules! events {
    ($condition:expr) => {
        sql!(concat!(
            "select l.sequence, l.at, l.actor_kind,
                    (select q.id from memberships m
                     join pictures q on q.user_id = m.user_id
                     where m.organization_id = $1 and m.user_id = l.actor_id
                        and l.actor_kind = 'member') as actor_picture, l.action, l.object_kind, l.object_id, d.content,
                    l.project_id, p.name as project_name, t.id as task_id, t.title as task_title,
                    k.name as client_name,
                    case l.object_kind
                        when 'project' then p.id is not null
                        when 'task' then t.id is not null and t.deleted_at is null
                        when 'comment' then c.id is not null and c.deleted_at is null
                            and t.deleted_at is null
                        when 'client' then k.id is not null and k.deleted_at is null
                        else false
                    end as is_there,
                    (select u.name from memberships m
                     join users u on u.id = m.user_id
                     where m.organization_id = $1 and m.user_id = l.person_id) as person_name
             from audit_log l
             left join audit_details d
                on d.organization_id = l.organization_id and d.sequence = l.sequence
             left join projects p
                on p.organization_id = l.organization_id and p.id = l.project_id
             left join comments c
                on l.object_kind = 'comment' and c.organization_id = l.organization_id
                and c.id = l.object_id
             left join tasks t
                on t.organization_id = l.organization_id
                and t.id = case l.object_kind when 'task' then l.object_id else c.task_id end
             left join clients k
                on l.object_kind = 'client' and k.organization_id = l.organization_id
                and k.id = l.object_id
             where l.organization_id = $1 and ",
            $condition,
            " and l.sequence < $4
             order by l.sequence desc
             limit $5"
        ))
    };
}

/// What happened in the organization: in the projects that the viewer may see, and to its clients.
pub(super) async fn of_organization(
    tx: &mut OrgTx,
    viewer: Viewer,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let statement = events!(concat!(
        "(p.id is not null and ",
        visible!("p"),
        " or l.project_id is null and l.object_kind = 'client')"
    ));
    viewer.query(tx, statement).bind(before).bind(limit).all().await
}

/// What happened in a project.
pub(super) async fn of_project(
    tx: &mut OrgTx,
    viewer: Viewer,
    project: ProjectId,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let statement = events!(concat!("l.project_id = $6 and p.id is not null and ", visible!("p")));
    viewer.query(tx, statement).bind(before).bind(limit).bind(project).all().await
}

/// What happened to a task, and was said about it.
pub(super) async fn of_task(
    tx: &mut OrgTx,
    viewer: Viewer,
    project: ProjectId,
    task: Uuid,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let statement = events!(concat!(
        "l.project_id = $6 and p.id is not null and (l.object_id = $7 or c.task_id = $7) and ",
        visible!("p")
    ));
    viewer.query(tx, statement).bind(i64::MAX).bind(limit).bind(project).bind(task).all().await
}
