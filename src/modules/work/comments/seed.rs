//! Comments of the demonstration.

use super::mention::mentioned;
use super::notice::news;
use super::{model, sql};
use crate::core::access::EligibleAssignee;
use crate::core::notices;
use crate::modules::work::comments::noun::{COMMENT_LIFE, Mentions};
use crate::modules::work::tasks::noun::TaskId;
use crate::platform::clock::Timestamp;
use crate::platform::error::Result;
use crate::platform::ids::{ProjectId, UserId};
use crate::platform::noun::link;
use crate::platform::tenant::OrgTx;

/// Adds a comment on a task, or on the project itself, written at `at`; those whom it mentions are told
/// in their inbox.
pub(crate) async fn seed(
    tx: &mut OrgTx,
    (project, task): (ProjectId, Option<TaskId>),
    about: &str,
    author: UserId,
    body: &str,
    people: &[EligibleAssignee],
    at: Timestamp,
) -> Result<()> {
    let id = sql::insert(tx, project, task, author, body, at).await?;
    let names: Vec<String> = people.iter().map(|person| person.name.clone()).collect();
    for number in mentioned(body, &names) {
        let member = people[number].membership_id;
        link::add::<Mentions>(tx, id, member).await?;
        notices::seed(tx, member, author, &news(project, id, author)).await?;
    }
    tx.record(model::named(COMMENT_LIFE.created, project, about, id));
    Ok(())
}
