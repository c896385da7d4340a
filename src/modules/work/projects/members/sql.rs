//! The members of a project, and the statements about them.

use crate::core::access::project::Project;
use crate::core::access::{IN_PROJECT, ProjectRole};
use crate::modules::work::projects::noun;
use crate::platform::audit::{Action, Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::email::EmailAddress;
use crate::platform::ids::{MembershipId, PictureId, ProjectId, UserId};
use crate::platform::tenant::OrgTx;

/// A member of a project.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct MemberRow {
    pub membership_id: MembershipId,
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: ProjectRole,
    pub picture: Option<PictureId>,
}

impl MemberRow {
    /// The audit log's entry that `action` was done to this member.
    pub fn entry(&self, action: Action, project: &Project) -> Entry {
        let object = Object::new(noun::MEMBER_KIND, self.membership_id.uuid(), self.name.clone());
        Entry::new(action, object).person(self.user_id).project(project.id)
    }
}

macro_rules! members {
    ($end:literal) => {
        sql!(
            unfiltered because IN_PROJECT,
            concat!(
                "select m.id as membership_id, m.user_id, u.name, u.email, pm.role, q.id as picture
                 from project_members pm
                 join memberships m
                    on m.organization_id = pm.organization_id and m.id = pm.membership_id
                 join users u on u.id = m.user_id
                 left join pictures q on q.user_id = m.user_id
                 where pm.organization_id = $1 and pm.project_id = $2",
                $end
            )
        )
    };
}

/// The members of a project, ordered by name; 5000 at most.
pub(crate) async fn list(
    tx: &mut OrgTx,
    project: ProjectId,
) -> Result<Vec<MemberRow>, sqlx::Error> {
    tx.query(members!(" order by u.name_key, m.id limit 5000")).bind(project).all().await
}

/// A member of a project.
pub(super) async fn find(
    tx: &mut OrgTx,
    project: ProjectId,
    member: MembershipId,
) -> Result<Option<MemberRow>, sqlx::Error> {
    tx.query(members!(" and pm.membership_id = $3")).bind(project).bind(member).optional().await
}

/// Adds a member to a project, or changes their role in it.
pub(in crate::modules::work::projects) async fn insert(
    tx: &mut OrgTx,
    project: ProjectId,
    member: MembershipId,
    role: ProjectRole,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because IN_PROJECT,
        "insert into project_members
            (organization_id, project_id, membership_id, role, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict (organization_id, project_id, membership_id) do update set role = excluded.role"
    ))
    .bind(project)
    .bind(member)
    .bind(role)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Removes a member from the project.
pub(super) async fn delete(
    tx: &mut OrgTx,
    project: ProjectId,
    member: MembershipId,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
        unfiltered because IN_PROJECT,
        "delete from project_members
         where organization_id = $1 and project_id = $2 and membership_id = $3"
    ))
    .bind(project)
    .bind(member)
    .execute()
    .await?;
    Ok(())
}

/// A member of the organization, by address.
pub(super) async fn find_by_email(
    tx: &mut OrgTx,
    email: &EmailAddress,
) -> Result<Option<MemberRow>, sqlx::Error> {
    tx.query(sql!(
        "select m.id as membership_id, m.user_id, u.name, u.email, 'reader' as role, q.id as picture
         from memberships m
         join users u on u.id = m.user_id
         left join pictures q on q.user_id = m.user_id
         where m.organization_id = $1 and u.email = $2"
    ))
    .bind(email)
    .optional()
    .await
}

/// Whether the membership `id` exists. It cannot end before this transaction does, so rows may
/// refer to it.
pub(super) async fn hold(tx: &mut OrgTx, id: MembershipId) -> Result<bool, sqlx::Error> {
    let held = tx
        .query(sql!(
            // On SQLite this transaction is already the only writer.
            sqlite: "select id from memberships where organization_id = $1 and id = $2",
            postgres:
                "select id from memberships where organization_id = $1 and id = $2 for share",
        ))
        .bind(id)
        .optional::<(MembershipId,)>()
        .await?;
    Ok(held.is_some())
}

/// Members of the organization who are not in the project, as suggestions while typing.
pub(super) async fn others(
    tx: &mut OrgTx,
    project: ProjectId,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    tx.query(sql!(
        unfiltered because IN_PROJECT,
        "select u.email, u.name
         from memberships m
         join users u on u.id = m.user_id
         where m.organization_id = $1 and m.suspended_at is null and not exists (
            select 1 from project_members pm
            where pm.organization_id = $1 and pm.project_id = $2 and pm.membership_id = m.id)
         order by u.name_key, m.id
         limit 200"
    ))
    .bind(project)
    .all()
    .await
}
