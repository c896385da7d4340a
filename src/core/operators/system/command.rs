//! `tenantry status`.

use crate::platform::App;
use crate::platform::condition::Condition;
use crate::platform::error::{AppError, Result};
use crate::platform::jobs::{self, Failing};
use crate::platform::mail::outbox::{self, Undelivered};

/// The state of the installation, a fact per line, and what has failed.
///
/// # Errors
/// A message about any error of the database.
pub async fn status(app: &App) -> std::result::Result<String, String> {
    let fault = |error: AppError| error.to_string();
    let now = app.clock.now();
    let condition = Condition::of(app).await.map_err(fault)?;
    // The start time of this command is of no interest.
    let mut lines = Vec::new();
    for fact in condition.facts(now).into_iter().filter(|fact| fact.about != "Running") {
        lines.push(fact.to_string());
        match fact.about {
            "Email" => lines.extend(mails(app).await.map_err(fault)?),
            "Background jobs" => lines.extend(jobs(app).await.map_err(fault)?),
            _ => {}
        }
    }
    Ok(lines.join("\n"))
}

async fn mails(app: &App) -> Result<Vec<String>> {
    let told = |mail: &Undelivered| {
        let (id, about, domain, answer) = (mail.id, mail.label(), mail.domain(), mail.answer());
        let then = match mail.has_failed() {
            true => "given up".to_owned(),
            false => format!("next at {}", mail.next_attempt_at.minute()),
        };
        format!(
            "      mail {id} ({about}) to {domain}: {answer}; tried {}, {then}",
            times(&mail.attempts)
        )
    };
    let (mails, count) = outbox::undelivered(app).await?;
    let mut lines: Vec<String> = mails.iter().map(told).collect();
    match count.saturating_sub(mails.len() as u64) {
        0 => {}
        more => lines.push(format!("      and {more} more, which are older")),
    }
    Ok(lines)
}

async fn jobs(app: &App) -> Result<Vec<String>> {
    let told = |job: Failing| {
        let (id, kind, error, then) = (job.id, &job.kind, &job.error, job.run_at.minute());
        format!("      job {id} ({kind}): {error}; tried {}, next at {then}", times(&job.attempts))
    };
    Ok(jobs::failing(app).await?.into_iter().map(told).collect())
}

/// The number of attempts, in words.
pub(crate) fn times(count: &i64) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}
