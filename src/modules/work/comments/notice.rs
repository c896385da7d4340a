//! Stores the mentions in a comment, and emails the people mentioned.

use super::mention::{MARKS, mentioned};
use super::model::address;
use crate::core::access::{eligible_assignees, hold_eligible_assignee, sees};
use crate::core::notices::{self, Event, News};
use crate::modules::work::comments::noun::{CommentId, KIND, Mentions};
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::audit::Object;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, ProjectId, UserId};
use crate::platform::jobs::{self, Handler, Kind, Work};
use crate::platform::links::shortened;
use crate::platform::mail::message::mail;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::noun::link;
use crate::platform::tenant::OrgTx;
use crate::platform::text::prose;

/// Notifies somebody of a comment that mentions them.
const MENTION_JOB: Kind = Kind { name: "mention", handler: Handler::Inside(tell) };
inventory::submit!(MENTION_JOB);

/// The most people that a comment can mention.
pub(super) const MOST: usize = 20;
/// How many characters of a comment the email quotes.
const EXCERPT: usize = 600;

/// Stores whom `body` mentions among the people who can see the project, and notifies those who
/// were not mentioned before, except the author.
pub(super) async fn mention(
    tx: &mut OrgTx,
    project: ProjectId,
    comment: CommentId,
    body: &str,
    author: UserId,
) -> Result<()> {
    let before = link::others::<Mentions>(tx, comment).await?;
    let prose = prose(body);
    let people = match prose.contains(MARKS) {
        true => eligible_assignees(tx, project).await?,
        false => Vec::new(),
    };
    let names: Vec<String> = people.iter().map(|person| person.name.clone()).collect();
    let named = mentioned(&prose, &names).into_iter().take(MOST);
    let named: Vec<MembershipId> = named.map(|number| people[number].membership_id).collect();
    for gone in before.iter().filter(|member| !named.contains(member)) {
        link::remove::<Mentions>(tx, comment, *gone).await?;
    }
    for member in named.into_iter().filter(|member| !before.contains(member)) {
        let Some(person) = hold_eligible_assignee(tx, project, member).await? else { continue };
        link::add::<Mentions>(tx, comment, member).await?;
        if person.user_id != author {
            let payload = serde_json::to_string(&(comment, member))
                .map_err(|error| AppError::Internal(Box::new(error)))?;
            jobs::enqueue_in(tx, MENTION_JOB.name, &payload).await?;
        }
    }
    Ok(())
}

/// A mention that still exists, of somebody who can still see the project.
#[derive(FromRow)]
struct Standing {
    name: String,
    email: EmailAddress,
    author_id: UserId,
    author: String,
    organization: String,
    slug: String,
    project_id: ProjectId,
    project: String,
    task_id: Option<TaskId>,
    title: Option<String>,
    body: String,
}

/// To a person mentioned in a comment.
struct Mentioned {
    name: Quoted,
    author: Quoted,
    organization: Quoted,
    project: Quoted,
    /// The task's title, or the project's name.
    about: Quoted,
    /// Whether the comment is on a task, so that the email also names the project.
    is_on_task: bool,
    body: String,
    link: String,
    stop_link: String,
}

mail!(
    Mentioned,
    "mentioned" as Notice,
    "platform/mail/mentioned.subject.txt",
    "platform/mail/mentioned.txt",
    "platform/mail/mentioned.html"
);

/// What somebody is told whom a comment mentions.
pub(super) fn news(project: ProjectId, comment: CommentId, author: UserId) -> News {
    News {
        event: Event::Mentioned,
        actor: Some(author),
        object: Object::new(KIND, comment.uuid(), ""),
        project: Some(project),
    }
}

/// Tells the person, unless the comment or the mention is gone, or they can no longer see the project.
/// Queueing the email and finishing the job are one transaction, so it is sent only once even if the job
/// runs twice.
fn tell<'a>(tx: &'a mut OrgTx, payload: &'a str) -> Work<'a> {
    Box::pin(async move {
        let (comment, member): (CommentId, MembershipId) =
            serde_json::from_str(payload).map_err(|error| AppError::Internal(Box::new(error)))?;
        let Some(found) = find(tx, comment, member).await? else {
            return Ok(());
        };
        let news = news(found.project_id, comment, found.author_id);
        let Some(way_out) = notices::tell(tx, member, &news).await? else {
            return Ok(());
        };
        let place = address(found.task_id, comment);
        let path = format!("/orgs/{}/projects/{}{place}", found.slug, found.project_id);
        let mail = Mentioned {
            link: tx.app().config.link(&path),
            name: Quoted::name(&found.name),
            author: Quoted::name(&found.author),
            organization: Quoted::name(&found.organization),
            about: Quoted::name(found.title.as_ref().unwrap_or(&found.project)),
            is_on_task: found.title.is_some(),
            project: Quoted::name(&found.project),
            stop_link: way_out.link,
            body: shortened(&found.body, EXCERPT),
        };
        outbox::enqueue_notice(tx, &found.email, &way_out.list, &mail).await?;
        Ok(())
    })
}

async fn find(
    tx: &mut OrgTx,
    comment: CommentId,
    member: MembershipId,
) -> Result<Option<Standing>, sqlx::Error> {
    tx.query(sql!(concat!(
        "select u.name, u.email, a.id as author_id, a.name as author, o.name as organization, o.slug,
                p.id as project_id, p.name as project, c.task_id, t.title, c.body
         from comment_mentions cm
         join comments c on c.organization_id = cm.organization_id and c.id = cm.comment_id
            and c.deleted_at is null
         join projects p on p.organization_id = c.organization_id and p.id = c.project_id
            and p.deleted_at is null
         left join tasks t on t.organization_id = c.organization_id and t.id = c.task_id
         join memberships m on m.organization_id = cm.organization_id and m.id = cm.membership_id
            and m.suspended_at is null
         join roles r on r.organization_id = m.organization_id and r.key = m.role
         join organizations o on o.id = c.organization_id
            and o.deleted_at is null and o.suspended_at is null
         join users u on u.id = m.user_id
         join users a on a.id = c.author_id
         where cm.organization_id = $1 and cm.comment_id = $2 and cm.membership_id = $3
            and u.id <> a.id and t.deleted_at is null and ",
        sees!()
    )))
    .bind(comment)
    .bind(member)
    .optional()
    .await
}
