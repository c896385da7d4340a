//! Assigning a task, and the email to its assignee.

use super::form::{NO_ASSIGNEE, SEVERAL};
use super::model::Task;
use crate::core::access::{EligibleAssignee, called, hold_eligible_assignee, sees};
use crate::core::notices::{self, Event, News};
use crate::modules::work::tasks::noun::{KIND, TaskId};
use crate::platform::audit::Object;
use crate::platform::clock::Day;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, ProjectId, UserId};
use crate::platform::jobs::{self, Handler, Kind, Work};
use crate::platform::mail::message::mail;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::noun::Refusal;
use crate::platform::tenant::{Actor, OrgTx};
use crate::platform::text::name_key;

/// Notifies somebody of a task assigned to them.
const ASSIGNMENT_JOB: Kind = Kind { name: "assignment", handler: Handler::Inside(tell) };
inventory::submit!(ASSIGNMENT_JOB);

/// Whom a typed assignee means: nobody for an empty text, otherwise the person with that name, email
/// address or membership id who can see the project. Whoever has `task` already keeps it, even if
/// suspended meanwhile.
///
/// # Errors
/// The inner one is a message for the field.
pub(crate) async fn find_assignee(
    tx: &mut OrgTx,
    project: ProjectId,
    typed: &str,
    task: Option<&Task>,
) -> Result<Result<Option<MembershipId>, String>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Ok(None));
    }
    if let Ok(id) = typed.parse() {
        return Ok(Ok(Some(id)));
    }
    let current = task.and_then(|task| task.assignee_name.as_deref().zip(task.details.assignee_id));
    if let Some((name, id)) = current
        && name_key(name) == name_key(typed)
    {
        return Ok(Ok(Some(id)));
    }
    Ok(match called(tx, project, typed).await?.as_slice() {
        [person] => Ok(Some(person.membership_id)),
        [] => Err(NO_ASSIGNEE.to_owned()),
        _ => Err(SEVERAL.to_owned()),
    })
}

/// The assignee of a task, whose membership cannot end before this transaction does.
///
/// # Errors
/// [`Refusal::Fields`] when they cannot see the project.
pub(super) async fn hold(
    tx: &mut OrgTx,
    project: ProjectId,
    assignee: Option<MembershipId>,
) -> Result<Option<EligibleAssignee>, Refusal<Task>> {
    let Some(id) = assignee else { return Ok(None) };
    match hold_eligible_assignee(tx, project, id).await? {
        Some(person) => Ok(Some(person)),
        None => Err(Refusal::field("assignee", NO_ASSIGNEE)),
    }
}

/// Queues a job in this transaction that notifies a person that `actor` assigned them the task,
/// unless they did so themselves.
pub(super) async fn announce(
    tx: &mut OrgTx,
    task: TaskId,
    person: &EligibleAssignee,
    actor: &Actor,
) -> Result<()> {
    if person.user_id == actor.user_id {
        return Ok(());
    }
    let payload = serde_json::to_string(&(task, person.membership_id, actor.user_id))
        .map_err(|error| AppError::Internal(Box::new(error)))?;
    jobs::enqueue_in(tx, ASSIGNMENT_JOB.name, &payload).await
}

/// An assignment that is still in effect, to somebody who can still see the project.
#[derive(FromRow)]
struct Standing {
    name: String,
    email: EmailAddress,
    actor: String,
    organization: String,
    slug: String,
    project_id: ProjectId,
    project: String,
    title: String,
    due_on: Option<Day>,
}

/// To a person who was assigned a task.
struct Assigned {
    name: Quoted,
    actor: Quoted,
    organization: Quoted,
    project: Quoted,
    title: Quoted,
    due: String,
    link: String,
    stop_link: String,
}

mail!(
    Assigned,
    "assigned" as Notice,
    "platform/mail/assigned.subject.txt",
    "platform/mail/assigned.txt",
    "platform/mail/assigned.html"
);

/// What its assignee is told about a task.
pub(super) fn news(project: ProjectId, task: TaskId, actor: UserId) -> News {
    News {
        event: Event::Assigned,
        actor: Some(actor),
        object: Object::new(KIND, task.uuid(), ""),
        project: Some(project),
    }
}

/// Tells the person, unless the task was reassigned, or they can no longer see it. Queueing
/// the email and finishing the job are one transaction, so it is sent only once even if the job
/// runs twice.
fn tell<'a>(tx: &'a mut OrgTx, payload: &'a str) -> Work<'a> {
    Box::pin(async move {
        let (task, assignee, actor): (TaskId, MembershipId, UserId) =
            serde_json::from_str(payload).map_err(|error| AppError::Internal(Box::new(error)))?;
        let Some(found) = find(tx, task, assignee, actor).await? else {
            return Ok(());
        };
        let news = news(found.project_id, task, actor);
        let Some(way_out) = notices::tell(tx, assignee, &news).await? else {
            return Ok(());
        };
        let path = format!("/orgs/{}/projects/{}/tasks/{task}", found.slug, found.project_id);
        let mail = Assigned {
            link: tx.app().config.link(&path),
            due: found.due_on.map(|day| day.words()).unwrap_or_default(),
            stop_link: way_out.link,
            name: Quoted::name(&found.name),
            actor: Quoted::name(&found.actor),
            organization: Quoted::name(&found.organization),
            project: Quoted::name(&found.project),
            title: Quoted::name(&found.title),
        };
        outbox::enqueue_notice(tx, &found.email, &way_out.list, &mail).await?;
        Ok(())
    })
}

async fn find(
    tx: &mut OrgTx,
    task: TaskId,
    assignee: MembershipId,
    actor: UserId,
) -> Result<Option<Standing>, sqlx::Error> {
    tx.query(sql!(concat!(
        "select u.name, u.email, a.name as actor, o.name as organization, o.slug,
                p.id as project_id, p.name as project, t.title, t.due_on
         from tasks t
         join projects p on p.organization_id = t.organization_id and p.id = t.project_id
            and p.deleted_at is null
         join memberships m on m.organization_id = t.organization_id and m.id = t.assignee_id
            and m.suspended_at is null
         join roles r on r.organization_id = m.organization_id and r.key = m.role
         join organizations o on o.id = t.organization_id
            and o.deleted_at is null and o.suspended_at is null
         join users u on u.id = m.user_id
         join users a on a.id = $4
         where t.organization_id = $1 and t.id = $2 and t.assignee_id = $3 and u.id <> a.id
            and t.deleted_at is null and ",
        sees!()
    )))
    .bind(task)
    .bind(assignee)
    .bind(actor)
    .optional()
    .await
}
