//! The daily summary: one email with what a member has not read since the last one.

use askama::Template;
use time::Duration;

use super::found::{self, Waiting};
use super::sql;
use super::way_out::{Subject, way_out};
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::OrganizationId;
use crate::platform::mail::message::mail;
use crate::platform::mail::{Quoted, outbox};
use crate::platform::tenant::{self, OrgTx};

/// The hour at which the day of a summary ends, in UTC: early in the morning for most of Europe.
const HOUR: i64 = 5;
/// How many notifications a summary lists.
const LINES: usize = 20;

/// To a member who wants one email a day.
struct Digest {
    name: Quoted,
    organization: Quoted,
    lines: Vec<Line>,
    /// How many more there are.
    rest: usize,
    link: String,
    stop_link: String,
}

/// A notification in the summary.
#[derive(Template)]
#[template(
    source = "{{ actor }} {{ words }}{% if !object.is_empty() %} {{ object }}{% endif %}",
    ext = "txt"
)]
struct Line {
    actor: Quoted,
    words: &'static str,
    object: Quoted,
}

mail!(
    Digest,
    "digest" as Notice,
    "platform/mail/digest.subject.txt",
    "platform/mail/digest.txt",
    "platform/mail/digest.html"
);

/// Queues the summaries that are due: what waits since before this morning, in every organization. Doing
/// it again changes nothing.
pub async fn send(app: &App) -> Result<()> {
    let until = last_end(app.clock.now());
    for organization in tenant::organizations(app).await? {
        let mut tx = tenant::look_into(app, organization).await?;
        let is_due = found::is_waiting(&mut tx, until).await?;
        drop(tx);
        if is_due {
            send_in(app, organization, until).await?;
        }
    }
    Ok(())
}

/// When the last day of summaries ended.
fn last_end(now: Timestamp) -> Timestamp {
    now.plus(-Duration::hours(HOUR)).to_day().begin().plus(Duration::hours(HOUR))
}

async fn send_in(app: &App, organization: OrganizationId, until: Timestamp) -> Result<()> {
    let mut tx = tenant::work_in(app, organization).await?;
    let waiting = found::waiting(&mut tx, until).await?;
    for of_one in waiting.chunk_by(|one, next| one.membership_id == next.membership_id) {
        queue(&mut tx, of_one).await?;
    }
    // What was read, deleted or cannot be seen any more is in none.
    sql::stop_waiting_before(&mut tx, until).await?;
    // What is sent is not a change of the organization's.
    tx.commit_unrecorded().await?;
    Ok(())
}

/// Queues the summary of one member.
async fn queue(tx: &mut OrgTx, waiting: &[Waiting]) -> Result<()> {
    let Some(first) = waiting.first() else { return Ok(()) };
    let way_out = way_out(tx, first.membership_id, Subject::Digest);
    let mail = Digest {
        name: Quoted::name(&first.name),
        organization: Quoted::name(&first.organization),
        lines: waiting.iter().take(LINES).map(Line::of).collect(),
        rest: waiting.len().saturating_sub(LINES),
        link: tx.app().config.link(&format!("/orgs/{}/inbox", first.slug)),
        stop_link: way_out.link,
    };
    let email: &EmailAddress = &first.email;
    outbox::enqueue_notice(tx, email, &way_out.list, &mail).await?;
    Ok(())
}

impl Line {
    fn of(waiting: &Waiting) -> Self {
        Self {
            actor: Quoted::name(waiting.row.actor()),
            words: waiting.row.event.words(),
            object: Quoted::name(waiting.row.object_name.as_deref().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::last_end;
    use crate::platform::clock::Timestamp;

    #[test]
    fn a_day_of_summaries_ends_at_five_in_the_morning() {
        let hour = |hours| Timestamp::from_micros(0).plus(Duration::hours(hours));
        for (now, end) in [(24 + 4, 5), (24 + 5, 24 + 5), (24 + 23, 24 + 5), (48 + 4, 24 + 5)] {
            assert_eq!(last_end(hour(now)), hour(end), "{now}");
        }
    }
}
