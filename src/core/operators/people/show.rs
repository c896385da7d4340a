//! One account, and what an operator does to it besides suspending it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::acts;
use super::sql::{self, Person};
use crate::core::accounts;
use crate::core::accounts::help::{self, Pending};
use crate::core::accounts::noun::RESET_ASKED;
use crate::core::accounts::reset::RESET_JOB;
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::UserId;
use crate::platform::jobs;
use crate::platform::mail::outbox;
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::{UnscopedTx, count_memberships};
use crate::platform::web::flash::Received;
use crate::platform::web::{Flash, Id, Shell, page};

#[derive(Template)]
#[template(path = "core/operators/people/show.html")]
struct ShowPage {
    shell: Shell,
    person: Person,
    /// How many organizations the person belongs to.
    organizations: i64,
    is_self: bool,
    /// Whether the factors are about to be removed, and when, if the person has been told.
    pending_help: Option<Pending>,
    now: Timestamp,
}

/// `GET /operator/people/{id}`
pub async fn show(
    operator: CurrentOperator,
    State(app): State<App>,
    received: Received,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let mut tx = operator.read(&app).await?;
    let person = sql::find(&mut tx, id, operator.now).await?.ok_or(AppError::NotFound)?;
    let pending_help = help::pending(&mut tx, id).await?;
    tx.commit().await?;
    page(&ShowPage {
        pending_help,
        shell: Shell::signed_in(&operator).with(received),
        organizations: count_memberships(&app, id, person.email.clone()).await?,
        is_self: id == operator.id,
        now: operator.now,
        person,
    })
}

/// The person of a page that asks before something is done to them.
pub(super) async fn person(app: &App, operator: &CurrentOperator, id: UserId) -> Result<Person> {
    let mut tx = UnscopedTx::read(app).await?;
    let person = living(sql::find(&mut tx, id, operator.now).await?)?;
    tx.commit().await?;
    Ok(person)
}

/// The account, unless its holder has deleted it: then only a name is left.
fn living(found: Option<Person>) -> Result<Person> {
    let person = found.ok_or(AppError::NotFound)?;
    match person.deleted_at {
        None => Ok(person),
        Some(_) => Err(AppError::Conflict(
            "This account was deleted by its holder. There is nothing left to do with it.".into(),
        )),
    }
}

/// Refuses, with `words`, what operators must not do to their own account.
pub(super) fn not_oneself(
    operator: &CurrentOperator,
    id: UserId,
    words: &'static str,
) -> Result<()> {
    if id != operator.id {
        return Ok(());
    }
    Err(AppError::Refused(words.into()))
}

/// A transaction in which an operator who has shown who they are changes the account `id`.
pub(super) async fn change(
    operator: &CurrentOperator,
    app: &App,
    id: UserId,
) -> Result<(UnscopedTx, Person)> {
    operator.require_proof(operator.now, &format!("{}/{id}", super::PATH))?;
    let mut tx = operator.write(app).await?;
    let person = living(sql::find(&mut tx, id, operator.now).await?)?;
    Ok((tx, person))
}

/// `POST /operator/people/{id}/end-sign-ins`: all of them; of the operator's own, all but this one.
pub async fn end_sign_ins(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let (mut tx, person) = change(&operator, &app, id).await?;
    let kept = (id == operator.id).then_some(operator.sign_in_id);
    let ended = acts::end_sign_ins(&mut tx, &person, kept).await?;
    tx.commit().await?;
    let words = match ended {
        0 => format!("{} is not signed in anywhere.", person.name),
        _ => format!("{} has been signed out everywhere.", person.name),
    };
    Ok(Flash::redirect(&person.path(""), words))
}

/// `POST /operator/people/{id}/reset`: emails a link to the person. Nobody else sees it, and nothing
/// changes before the person sets a new password with it.
pub async fn reset(
    operator: CurrentOperator,
    State(app): State<App>,
    Id(id): Id<UserId>,
) -> Result<Response> {
    let (mut tx, person) = change(&operator, &app, id).await?;
    if !outbox::is_sent(&app) {
        let words = format!(
            "This installation sends no email. On its server, tenantry user reset-link {} creates \
             a link.",
            person.email
        );
        return Err(AppError::Conflict(words.into()));
    }
    jobs::enqueue(&mut tx, RESET_JOB.name, person.email.as_str()).await?;
    let account = accounts::object(id, &person.email);
    tx.record(Entry::new(RESET_ASKED, account).person(id));
    tx.commit().await?;
    let words = format!("A link to set a new password is on its way to {}.", person.email);
    Ok(Flash::redirect(&person.path(""), words))
}
