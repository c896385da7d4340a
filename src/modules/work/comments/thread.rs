//! The comments on a task, or on a project itself: the part of their pages that shows them.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::model::{Comment, Shown, place};
use super::noun::{COMMENT_LIFE, CommentId};
use super::preview::PREVIEW;
use super::sql;
use crate::core::access::{CurrentProject, Level, ProjectRole};
use crate::core::activity::{self, Event};
use crate::modules::work::projects::PEOPLE;
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::list::{Cursor, query_string};
use crate::platform::list::{Key, KeyKind, Pager};
use crate::platform::tenant::OrgTx;
use crate::platform::web::{FieldErrors, page_with_status};

/// The parameters in the URL of a page with comments.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ThreadParams {
    after: String,
    before: String,
    /// The comment to show, on whichever page it is.
    comment: String,
    /// Set if the project's page shows finished tasks.
    done: String,
}

impl ThreadParams {
    /// Whether finished tasks are shown.
    pub fn shows_done(&self) -> bool {
        !self.done.is_empty()
    }
}

/// How many events are read.
const EVENTS: i64 = 100;

/// A part of the thread.
pub(crate) enum Item {
    Comment(Box<Shown>),
    Event(Box<Event>),
}

impl Item {
    /// The event, if it is one.
    pub fn event(&self) -> Option<&Event> {
        match self {
            Self::Event(event) => Some(event),
            Self::Comment(_) => None,
        }
    }

    /// The comment, if it is one.
    pub fn comment(&self) -> Option<&Shown> {
        match self {
            Self::Comment(comment) => Some(comment),
            Self::Event(_) => None,
        }
    }

    fn at(&self) -> Timestamp {
        match self {
            Self::Comment(shown) => shown.comment.created_at,
            Self::Event(event) => event.at,
        }
    }
}

/// The comments of a page and the history beside them, oldest first.
pub(crate) struct Thread {
    /// The path that new comments are posted to.
    pub path: String,
    /// The organization's path.
    pub organization_path: String,
    /// The project's path.
    pub project_path: String,
    /// The comments, and between them what else has happened to the task or the project.
    pub items: Vec<Item>,
    /// `next` leads to older comments, `previous` to newer ones.
    pub pager: Pager,
    pub can_work: bool,
    /// The input for a new comment.
    pub body: String,
    /// The path that shows what the input will look like.
    pub preview_path: String,
    /// The path that suggests whom to mention.
    pub people_path: String,
    pub errors: FieldErrors,
    pub now: Timestamp,
}

impl Thread {
    /// The comments on `task`, or on the project itself.
    pub async fn load<R: Level>(
        tx: &mut OrgTx,
        current: &CurrentProject<R>,
        task: Option<TaskId>,
        params: &ThreadParams,
    ) -> Result<Self> {
        let page = current.path(&place(task));
        let mut at = Cursor::parse(&params.after, &params.before, KeyKind::Time)?;
        let mut rows = sql::page(tx, current.project.id, task, &at).await?;
        if let Ok(wanted) = params.comment.parse::<CommentId>()
            && !rows.iter().any(|row| row.id == wanted)
            && let Some(comment) = sql::find(tx, current.project.id, wanted).await?
        {
            // The page that begins with the comment: no id is beyond the last one.
            at = Cursor::behind(Key::Time(comment.created_at), Uuid::max());
            rows = sql::page(tx, current.project.id, task, &at).await?;
        }
        let address = |cursor: Option<(&str, &str)>| {
            let done = params.shows_done().then_some(("done", "1"));
            format!("{page}{}#comments", query_string(cursor.into_iter().chain(done)))
        };
        if rows.is_empty() && at.is_inside() {
            return Err(AppError::Elsewhere(address(None)));
        }
        let total = sql::count(tx, current.project.id, task).await?;
        let key = |row: &Comment| (Key::Time(row.created_at), row.id.uuid());
        let pager = at.paginate(&mut rows, total, key, address);
        rows.reverse();
        let events = events(tx, current, task, &rows, &pager).await?;
        let comments = shown(tx, current, rows).await?.into_iter();
        let comments = comments.map(|comment| Item::Comment(Box::new(comment)));
        let mut items: Vec<Item> = events.into_iter().chain(comments).collect();
        // What happened at the same moment led to what follows it.
        items.sort_by_key(Item::at);
        Ok(Self {
            path: format!("{page}/comments"),
            organization_path: current.organization.path(""),
            project_path: current.path(""),
            items,
            pager,
            can_work: current.can(ProjectRole::Contributor),
            body: String::new(),
            preview_path: current.path(PREVIEW),
            people_path: current.path(PEOPLE),
            errors: FieldErrors::default(),
            now: current.now,
        })
    }

    /// The answer for htmx.
    pub fn fragment(self, status: StatusCode) -> Result<Response> {
        page_with_status(status, &Fragment { thread: self })
    }
}

/// What else has happened while the comments `rows` of a page were written.
async fn events<R: Level>(
    tx: &mut OrgTx,
    current: &CurrentProject<R>,
    task: Option<TaskId>,
    rows: &[Comment],
    pager: &Pager,
) -> Result<Vec<Item>> {
    let thing = task.map_or(current.project.id.uuid(), TaskId::uuid);
    let events = activity::of_thing(tx, current, thing, EVENTS).await?;
    let first = rows.first().filter(|_| pager.next.is_some()).map(|row| row.created_at);
    let last = rows.last().filter(|_| pager.previous.is_some()).map(|row| row.created_at);
    let is_between = move |at: Timestamp| {
        first.is_none_or(|first| at >= first) && last.is_none_or(|last| at <= last)
    };
    // A comment stands for itself.
    let said = [COMMENT_LIFE.created, COMMENT_LIFE.changed].map(|action| action.to_string());
    let events = events.into_iter().rev();
    let events = events.filter(move |event| !said.contains(&event.action) && is_between(event.at));
    Ok(events.map(|event| Item::Event(Box::new(event))).collect())
}

async fn shown<R: Level>(
    tx: &mut OrgTx,
    current: &CurrentProject<R>,
    rows: Vec<Comment>,
) -> Result<Vec<Shown>> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(Vec::new());
    };
    let names = sql::names(tx, current.project.id, first.created_at, last.created_at).await?;
    let view = |comment: Comment| {
        let named = names.iter().filter(|(id, _)| *id == comment.id);
        let named: Vec<String> = named.map(|(_, name)| name.clone()).collect();
        let is_own = comment.author_id == current.user.id;
        let can_edit = is_own && current.can(ProjectRole::Contributor);
        let can_delete = can_edit || current.can(ProjectRole::Lead);
        Shown::new(comment, &named, can_edit, can_delete)
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The comments alone, for htmx.
#[derive(Template)]
#[template(path = "work/comments/thread.html")]
struct Fragment {
    thread: Thread,
}
