//! The statements about activity. An entry of a project is only read together with the project,
//! which the viewer must be able to see.

use uuid::Uuid;

use crate::core::access::{Viewer, visible};
use crate::platform::audit::{ActorKind, Thing};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::assembled_sql;
use crate::platform::ids::{PictureId, ProjectId};
use crate::platform::tenant::OrgTx;

/// An entry, with what is left of its object.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub sequence: i64,
    pub at: Timestamp,
    pub actor_kind: ActorKind,
    /// The picture of an actor who is a member.
    pub actor_picture: Option<PictureId>,
    /// Text, because a newer version may have written it.
    pub action: String,
    pub object_kind: String,
    pub object_id: Option<Uuid>,
    /// The details, unless they were erased.
    pub content: Option<String>,
    pub project_id: Option<ProjectId>,
    pub project_name: Option<String>,
    /// The object's current name, if it can be opened.
    pub object_name: Option<String>,
    /// The object's parent besides its project.
    pub parent_id: Option<Uuid>,
    /// The person whom the action concerns.
    pub person_name: Option<String>,
}

/// The entries that match `condition` and come before `$4`; at most `$5`.
fn events(condition: &str) -> String {
    let names = Thing::by_kind(|thing| Some(thing.name));
    let parents = Thing::by_kind(|thing| thing.parent);
    format!(
        "select l.sequence, l.at, l.actor_kind,
                (select q.id from memberships m
                 join pictures q on q.user_id = m.user_id
                 where m.organization_id = $1 and m.user_id = l.actor_id
                    and l.actor_kind = 'member') as actor_picture,
                l.action, l.object_kind, l.object_id, d.content, l.project_id,
                p.name as project_name, {names} as object_name, {parents} as parent_id,
                (select u.name from memberships m
                 join users u on u.id = m.user_id
                 where m.organization_id = $1 and m.user_id = l.person_id) as person_name
         from audit_log l
         left join audit_details d
            on d.organization_id = l.organization_id and d.sequence = l.sequence
         left join projects p
            on p.organization_id = l.organization_id and p.id = l.project_id
         where l.organization_id = $1 and {condition} and l.sequence < $4
         order by l.sequence desc
         limit $5"
    )
}

/// The kinds of things whose activity every member may read.
fn everybodys() -> String {
    let kinds = Thing::all().into_iter().filter(|thing| thing.is_everybodys);
    kinds.map(|thing| format!("'{}'", thing.kind)).collect::<Vec<_>>().join(", ")
}

assembled_sql! {
    static OF_ORGANIZATION = events(&format!(
        "(p.id is not null and {} or l.project_id is null and l.object_kind in ({}))",
        visible!("p"),
        everybodys()
    ));
}
assembled_sql! {
    static OF_PROJECT =
        events(concat!("l.project_id = $6 and p.id is not null and ", visible!("p")));
}
assembled_sql! {
    static OF_THING = events(&format!(
        "l.project_id = $6 and p.id is not null and {} and (l.object_id = $7 or {} = $7)",
        visible!("p"),
        Thing::by_kind(|thing| thing.parent)
    ));
}

/// The activity in the organization: in projects that the viewer can see, and on things that every
/// member may read about.
pub(super) async fn of_organization(
    tx: &mut OrgTx,
    viewer: Viewer,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    viewer.query(tx, *OF_ORGANIZATION).bind(before).bind(limit).all().await
}

/// The activity in a project.
pub(super) async fn of_project(
    tx: &mut OrgTx,
    viewer: Viewer,
    project: ProjectId,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    viewer.query(tx, *OF_PROJECT).bind(before).bind(limit).bind(project).all().await
}

/// The activity on a thing in a project, and on what belongs to it.
pub(super) async fn of_thing(
    tx: &mut OrgTx,
    viewer: Viewer,
    project: ProjectId,
    thing: Uuid,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    viewer.query(tx, *OF_THING).bind(i64::MAX).bind(limit).bind(project).bind(thing).all().await
}
