//! Who belongs to a project, and as what.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use sqlx::FromRow;

use super::SECTION;
use crate::core::access::ProjectRole;
use crate::core::access::project::Project;
use crate::core::access::release_others;
use crate::core::access::{CurrentProject, Lead, Level, Read};
use crate::modules::work::projects::noun;
use crate::modules::work::projects::noun::{
    PROJECT_MEMBER_ADDED, PROJECT_MEMBER_CHANGED, PROJECT_MEMBER_REMOVED,
};
use crate::platform::audit::{Action, Entry, Object};
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, PictureId, ProjectId, UserId};
use crate::platform::tenant::{OrgTx, Organization};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{Flash, Form, Shell, page, param};

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
    fn entry(&self, action: Action, project: &Project) -> Entry {
        let object = Object::new(noun::MEMBER_KIND, self.membership_id.uuid(), self.name.clone());
        Entry::new(action, object).person(self.user_id).project(project.id)
    }
}

/// The members of a project, by name.
pub(crate) async fn list(
    tx: &mut OrgTx,
    project: ProjectId,
) -> Result<Vec<MemberRow>, sqlx::Error> {
    tx.query(sql!(
        "select m.id as membership_id, m.user_id, u.name, u.email, pm.role, q.id as picture
         from project_members pm
         join memberships m on m.organization_id = pm.organization_id and m.id = pm.membership_id
         join users u on u.id = m.user_id
         left join pictures q on q.user_id = m.user_id
         where pm.organization_id = $1 and pm.project_id = $2
         order by u.name_key, m.id
         limit 500"
    ))
    .bind(project)
    .all()
    .await
}

/// Puts a member on a project, or gives them another role in it.
pub(super) async fn insert(
    tx: &mut OrgTx,
    project: ProjectId,
    member: MembershipId,
    role: ProjectRole,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    tx.query(sql!(
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

async fn delete(
    tx: &mut OrgTx,
    project: ProjectId,
    member: MembershipId,
) -> Result<bool, sqlx::Error> {
    let gone = tx
        .query(sql!(
            "delete from project_members
             where organization_id = $1 and project_id = $2 and membership_id = $3"
        ))
        .bind(project)
        .bind(member)
        .execute()
        .await?;
    Ok(gone == 1)
}

/// Somebody of the organization, by address.
async fn find_by_email(tx: &mut OrgTx, email: &str) -> Result<Option<MemberRow>, sqlx::Error> {
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

/// Whether the membership `id` goes on; it cannot end before this transaction does, so that a row
/// that refers to it can be written.
async fn hold(tx: &mut OrgTx, id: MembershipId) -> Result<bool, sqlx::Error> {
    let held = tx
        .query(sql!(
            // SQLite has let this transaction in as the only writer already.
            sqlite: "select id from memberships where organization_id = $1 and id = $2",
            postgres:
                "select id from memberships where organization_id = $1 and id = $2 for share",
        ))
        .bind(id)
        .optional::<(MembershipId,)>()
        .await?;
    Ok(held.is_some())
}

/// The people who are not on the project yet, to choose from while typing.
async fn others(tx: &mut OrgTx, project: ProjectId) -> Result<Vec<(String, String)>, sqlx::Error> {
    tx.query(sql!(
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

#[derive(Template)]
#[template(path = "work/projects/members.html")]
struct MembersPage {
    shell: Shell,
    organization: Organization,
    project: Project,
    members: Vec<MemberRow>,
    others: Vec<(String, String)>,
    form: MemberForm,
    error: Option<String>,
    can_lead: bool,
}

impl MembersPage {
    async fn load(current: &CurrentProject<impl Level>) -> Result<Self> {
        let can_lead = current.can(ProjectRole::Lead);
        let mut tx = current.read().await?;
        let members = list(&mut tx, current.project.id).await?;
        let others = match can_lead {
            true => others(&mut tx, current.project.id).await?,
            false => Vec::new(),
        };
        tx.commit().await?;
        Ok(Self {
            shell: current.shell(SECTION),
            organization: current.organization.clone(),
            project: current.project.clone(),
            members,
            others,
            form: MemberForm::default(),
            error: None,
            can_lead,
        })
    }
}

/// `GET /orgs/{slug}/projects/{project}/members`
pub async fn index(current: CurrentProject<Read>, received: Received) -> Result<Response> {
    let mut view = MembersPage::load(&current).await?;
    view.shell = view.shell.with(received);
    page(&view)
}

/// What is typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MemberForm {
    email: String,
    role: String,
}

impl Fields for MemberForm {}

/// `POST /orgs/{slug}/projects/{project}/members`
pub async fn add(current: CurrentProject<Lead>, Form(form): Form<MemberForm>) -> Result<Response> {
    let role: ProjectRole = form.role.parse().map_err(|e: String| AppError::Invalid(e.into()))?;
    let email = EmailAddress::of_account(&form.email).map(|email| email.to_string());
    let email = email.unwrap_or_default();
    let (mut tx, _, project) = current.write().await?;
    let member = find_by_email(&mut tx, &email).await?;
    let is_held = match &member {
        Some(member) => hold(&mut tx, member.membership_id).await?,
        None => false,
    };
    let Some(member) = member.filter(|_| is_held) else {
        drop(tx);
        let mut view = MembersPage::load(&current).await?;
        view.error = Some("Nobody in this organization has this address.".to_owned());
        view.form = form;
        let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
        return crate::platform::web::page_with_status(status, &view);
    };
    let known = list(&mut tx, project.id).await?;
    let known = known.into_iter().find(|row| row.membership_id == member.membership_id);
    let after = json!({ "role": role });
    let entry = match known {
        // The same form sent again.
        Some(known) if known.role == role => None,
        // Whoever is on the project is not added, but given another role.
        Some(known) => {
            let entry = known.entry(PROJECT_MEMBER_CHANGED, &project);
            Some(entry.change(&json!({ "role": known.role }), &after))
        }
        None => Some(member.entry(PROJECT_MEMBER_ADDED, &project).after(after)),
    };
    if let Some(entry) = entry {
        insert(&mut tx, project.id, member.membership_id, role, current.now).await?;
        tx.record(entry);
    }
    tx.commit().await?;
    let words = format!("{} has been added to the project as {}.", member.name, role.label());
    Ok(Flash::redirect(&current.path("/members"), words))
}

/// The `{id}` of a member in the path of a project.
#[derive(Clone, Copy, Debug)]
pub struct MemberInPath(MembershipId);

impl<S: Send + Sync> FromRequestParts<S> for MemberInPath {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        param(parts, state, "id").await?.parse().map(Self).map_err(|_| AppError::NotFound)
    }
}

async fn find(tx: &mut OrgTx, project: ProjectId, id: MembershipId) -> Result<MemberRow> {
    let members = list(tx, project).await?;
    members.into_iter().find(|row| row.membership_id == id).ok_or(AppError::NotFound)
}

/// What is chosen in the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleForm {
    role: String,
}

impl Fields for RoleForm {}

/// `POST /orgs/{slug}/projects/{project}/members/{id}/role`
pub async fn change(
    current: CurrentProject<Lead>,
    MemberInPath(id): MemberInPath,
    Form(form): Form<RoleForm>,
) -> Result<Response> {
    let role: ProjectRole = form.role.parse().map_err(|e: String| AppError::Invalid(e.into()))?;
    let (mut tx, _, project) = current.write().await?;
    let member = find(&mut tx, project.id, id).await?;
    if !hold(&mut tx, id).await? {
        return Err(AppError::NotFound);
    }
    insert(&mut tx, project.id, id, role, current.now).await?;
    tx.record(
        member
            .entry(PROJECT_MEMBER_CHANGED, &project)
            .change(&json!({ "role": member.role }), &json!({ "role": role })),
    );
    tx.commit().await?;
    let words = format!("{} is now {}.", member.name, role.label());
    Ok(Flash::redirect(&current.path("/members"), words))
}

/// `POST /orgs/{slug}/projects/{project}/members/{id}/remove`
pub async fn remove(
    current: CurrentProject<Lead>,
    MemberInPath(id): MemberInPath,
) -> Result<Response> {
    let (mut tx, _, project) = current.write().await?;
    let member = find(&mut tx, project.id, id).await?;
    delete(&mut tx, project.id, id).await?;
    release_others(&mut tx, project.id).await?;
    tx.record(
        member.entry(PROJECT_MEMBER_REMOVED, &project).before(json!({ "role": member.role })),
    );
    tx.commit().await?;
    let words = format!("{} has been removed from the project.", member.name);
    let path = match id == current.membership.id {
        // Whoever takes themselves off a restricted project does not see it any more.
        true => current.organization.path("/projects"),
        false => current.path("/members"),
    };
    Ok(Flash::redirect(&path, words))
}
