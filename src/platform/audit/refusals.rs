//! Refusals and failed sign-ins: recorded outside the request, the first one at once, and
//! repetitions as one entry with a count.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use time::Duration;
use tokio::sync::Notify;

use super::entry::{ActorKind, Entry, Who};
use super::{Action, Journal, Object};
use crate::platform::App;
use crate::platform::audit::action::ACCESS_REFUSED;
use crate::platform::audit::object;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::error::Result;
use crate::platform::ids::{OrganizationId, UserId};
use crate::platform::tenant::{OrgTx, UnscopedTx};

/// Repetitions within this time become one entry.
pub const WINDOW: Duration = Duration::minutes(10);
/// How often to check for refusals that have stopped repeating.
const PATROL: std::time::Duration = std::time::Duration::from_secs(60);
/// How long to wait before retrying a failed write.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(2);
/// The largest number of different refusals that are kept, so that nobody can fill the memory.
const MOST: usize = 10_000;

/// Refusals that are not written yet.
#[derive(Debug, Default)]
pub struct Refusals {
    waiting: Mutex<HashMap<Key, Repeated>>,
    arrived: Notify,
}

/// Refusals with equal keys count as repetitions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    organization: OrganizationId,
    action: Action,
    kind: ActorKind,
    actor: Option<UserId>,
    person: Option<UserId>,
    address: Option<IpAddr>,
    object: String,
}

#[derive(Debug)]
struct Repeated {
    who: Who,
    count: u64,
    last_at: Timestamp,
    written_at: Option<Timestamp>,
}

/// An entry to be written now.
struct Due {
    key: Key,
    who: Who,
    count: u64,
}

impl Repeated {
    fn is_due(&self, now: Timestamp) -> bool {
        self.count > 0 && self.written_at.is_none_or(|at| now.since(at) >= WINDOW)
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.count == 0 && now.since(self.last_at) >= WINDOW
    }
}

impl Refusals {
    /// Notes that `who` was refused `object` in `organization`. For a failed sign-in, `person` is
    /// the owner of the account.
    pub fn note(
        &self,
        organization: OrganizationId,
        action: Action,
        who: &Who,
        person: Option<UserId>,
        object: &str,
        now: Timestamp,
    ) {
        let key = Key {
            organization,
            action,
            kind: who.kind,
            actor: who.id,
            person,
            address: who.device.as_ref().map(|device| device.address),
            object: object.to_owned(),
        };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST && !waiting.contains_key(&key) {
            tracing::warn!("too many different refusals to keep apart");
            return;
        }
        let new = || Repeated { who: who.clone(), count: 0, last_at: now, written_at: None };
        let repeated = waiting.entry(key).or_insert_with(new);
        repeated.count += 1;
        repeated.last_at = now;
        let is_first = repeated.is_due(now);
        drop(waiting);
        if is_first {
            self.arrived.notify_one();
        }
    }

    fn take_due(&self, now: Timestamp) -> Vec<Due> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, repeated| !repeated.is_over(now));
        let due = waiting.iter_mut().filter(|(_, repeated)| repeated.is_due(now));
        due.map(|(key, repeated)| {
            repeated.written_at = Some(now);
            Due {
                key: key.clone(),
                who: repeated.who.clone(),
                count: std::mem::take(&mut repeated.count),
            }
        })
        .collect()
    }

    /// Puts back what could not be written.
    fn put_back(&self, unwritten: impl Iterator<Item = Due>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for due in unwritten {
            if let Some(repeated) = waiting.get_mut(&due.key) {
                repeated.count += due.count;
                repeated.written_at = None;
            }
        }
    }
}

/// Writes due entries as they arrive; runs until its future is dropped.
pub async fn run(app: App) {
    loop {
        tokio::select! {
            () = app.refusals.arrived.notified() => {}
            () = tokio::time::sleep(PATROL) => {}
        }
        while let Err(error) = flush(&app).await {
            tracing::error!(?error, "could not record what was refused");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Writes the due entries.
///
/// # Errors
/// When the database fails; the entries are kept and written later.
pub async fn flush(app: &App) -> Result<()> {
    let mut due = app.refusals.take_due(app.clock.now()).into_iter();
    while let Some(next) = due.next() {
        if let Err(error) = write(app, &next).await {
            app.refusals.put_back(std::iter::once(next).chain(due));
            return Err(error);
        }
    }
    Ok(())
}

async fn write(app: &App, due: &Due) -> Result<()> {
    let Due { key, who, count } = due;
    let who = unless_deleted(app, who.clone()).await?;
    let mut tx = OrgTx::begin(app, key.organization, Journal::new(who)).await?;
    let mut entry = Entry::new(key.action, Object::named(object::REQUEST, key.object.clone()));
    if let Some(person) = key.person {
        entry = entry.person(person);
    }
    if *count > 1 {
        entry = entry.after(serde_json::json!({ "times": count }));
    }
    tx.record(entry);
    tx.commit().await
}

/// `who`, or only the id if the account has been deleted since.
async fn unless_deleted(app: &App, who: Who) -> Result<Who> {
    let Some(id) = who.id else { return Ok(who) };
    let mut tx = UnscopedTx::read(app).await?;
    let there: Option<(UserId,)> = tx
        .query(unscoped_sql!("select id from users where id = $1 and deleted_at is null"))
        .bind(id)
        .optional()
        .await?;
    tx.commit().await?;
    Ok(match there {
        Some(_) => who,
        None => Who { kind: who.kind, id: Some(id), ..Who::system() },
    })
}

/// Who makes the request, and in which organization, as far as it is known when it is refused.
#[derive(Clone, Debug, Default)]
pub struct RefusalContext(Arc<Mutex<Option<(OrganizationId, Who)>>>);

impl RefusalContext {
    /// Sets who makes the request, and in which organization.
    pub fn set(&self, organization: OrganizationId, who: Who) {
        if let Ok(mut scene) = self.0.lock() {
            *scene = Some((organization, who));
        }
    }

    fn take(&self) -> Option<(OrganizationId, Who)> {
        self.0.lock().ok().and_then(|mut scene| scene.take())
    }
}

/// Notes refused requests of signed-in people: a 403 anywhere, and a 404 for an organization that
/// is not theirs.
pub async fn watch(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let scene = RefusalContext::default();
    request.extensions_mut().insert(scene.clone());
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    let response = next.run(request).await;
    let outside = OrganizationId::OUTSIDE;
    if let (StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, Some(path), Some((organization, who))) =
        (response.status(), path, scene.take())
        && (response.status() == StatusCode::FORBIDDEN || organization == outside)
    {
        let object = format!("{method} {path}");
        let now = app.clock.now();
        app.refusals.note(organization, ACCESS_REFUSED, &who, None, &object, now);
    }
    response
}
