//! Who can see a project: the people who can be assigned its tasks and mentioned in its comments.

use crate::core::access::noun::{ManageProjects, ViewAllProjects};
use crate::platform::db::like_pattern;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::email::EmailAddress;
use crate::platform::ids::{MembershipId, PictureId, ProjectId, UserId};
use crate::platform::tenant::{OrgTx, built_in};
use crate::platform::text::name_key;

// `sees!` names built-in roles, which must match the code.
const SEE_ALL: &[&str] = &["owner", "admin"];
const _: () = assert!(built_in::are_those_with(ViewAllProjects::PERMISSION, SEE_ALL));
const _: () = assert!(built_in::are_those_with(ManageProjects::PERMISSION, SEE_ALL));

/// The condition that the membership `m`, whose role is `r`, can see the project `p`:
/// [`visible!`](super::visible) for any member instead of the viewer.
macro_rules! sees {
    () => {
        "(not p.is_restricted
          or r.key in ('owner', 'admin')
          or ' ' || r.permissions || ' ' like '% projects.view_all %'
          or ' ' || r.permissions || ' ' like '% projects.manage %'
          or exists (
            select 1 from project_members v
            where v.organization_id = $1 and v.project_id = p.id and v.membership_id = m.id))"
    };
}
pub(crate) use sees;

/// The text of [`sees!`], for the test that uses [`VISIBLE`](super::VISIBLE).
pub const SEES: &str = sees!();

/// A person who can see a project.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct EligibleAssignee {
    pub membership_id: MembershipId,
    pub user_id: UserId,
    pub name: String,
}

/// The statement for people who can see the project `$2`.
macro_rules! eligible_assignees {
    ($end:literal) => {
        concat!(
            "select m.id as membership_id, m.user_id, u.name
             from memberships m
             join users u on u.id = m.user_id
             join roles r on r.organization_id = m.organization_id and r.key = m.role
             join projects p on p.organization_id = m.organization_id and p.id = $2
             where m.organization_id = $1 and m.suspended_at is null and ",
            sees!(),
            $end
        )
    };
}

/// The members who can see a project, ordered by name.
pub(crate) async fn eligible_assignees(
    tx: &mut OrgTx,
    project: ProjectId,
) -> Result<Vec<EligibleAssignee>, sqlx::Error> {
    tx.query(sql!(eligible_assignees!(" order by u.name_key, m.id limit 5000")))
        .bind(project)
        .all()
        .await
}

/// How many people are suggested at once.
const SUGGESTIONS: i64 = 8;

/// A person who is suggested while somebody types a name.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Suggested {
    pub membership_id: MembershipId,
    pub name: String,
    pub name_key: String,
    pub email: String,
    pub picture: Option<PictureId>,
}

/// The first members who can see a project and whose names contain `typed`; those whose names begin
/// with it come first.
pub(crate) async fn suggested(
    tx: &mut OrgTx,
    project: ProjectId,
    typed: &str,
) -> Result<Vec<Suggested>, sqlx::Error> {
    let pattern = like_pattern(typed);
    tx.query(sql!(concat!(
        "select s.membership_id, s.name, w.name_key, w.email, q.id as picture
         from (",
        eligible_assignees!(
            " and u.name_key like $3 escape '\\'
             order by u.name_key not like $4 escape '\\', u.name_key, m.id
             limit $5"
        ),
        ") s
         join users w on w.id = s.user_id
         left join pictures q on q.user_id = s.user_id
         order by w.name_key not like $4 escape '\\', w.name_key, s.membership_id"
    )))
    .bind(project)
    .bind(&pattern)
    .bind(pattern.trim_start_matches('%'))
    .bind(SUGGESTIONS)
    .all()
    .await
}

/// The members who can see a project and have this name or email address; two, if there are more.
pub(crate) async fn called(
    tx: &mut OrgTx,
    project: ProjectId,
    typed: &str,
) -> Result<Vec<EligibleAssignee>, sqlx::Error> {
    let email = typed.parse::<EmailAddress>().map(|email| email.to_string()).unwrap_or_default();
    tx.query(sql!(eligible_assignees!(
        " and (u.name_key = $3 or u.email = $4) order by u.name_key, m.id limit 2"
    )))
    .bind(project)
    .bind(name_key(typed))
    .bind(email)
    .all()
    .await
}

/// The member `id`, if active and able to see the project. The membership cannot end before this
/// transaction does, so references to it stay valid.
pub(crate) async fn hold_eligible_assignee(
    tx: &mut OrgTx,
    project: ProjectId,
    id: MembershipId,
) -> Result<Option<EligibleAssignee>, sqlx::Error> {
    tx.query(sql!(
        // On SQLite this transaction is already the only writer.
        sqlite: eligible_assignees!(" and m.id = $3"),
        postgres: eligible_assignees!(" and m.id = $3 for share of m"),
    ))
    .bind(project)
    .bind(id)
    .optional()
    .await
}
