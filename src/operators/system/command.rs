//! `tenantry status`.

use crate::error::AppError;
use crate::platform::App;
use crate::platform::condition::Condition;
use crate::platform::jobs;
use crate::platform::mail::outbox;

/// How the installation is doing, a fact a line, and what did not work.
///
/// # Errors
/// In words, what the database says.
pub async fn status(app: &App) -> Result<String, String> {
    let fault = |error: AppError| error.to_string();
    let now = app.clock.now();
    let condition = Condition::of(app).await.map_err(fault)?;
    // When this command began is nobody's concern.
    let facts = condition.facts(now).into_iter().filter(|(about, _)| *about != "Running");
    let mut lines: Vec<String> = facts.map(|(about, what)| format!("{about}: {what}")).collect();
    for mail in outbox::undelivered(app).await.map_err(fault)? {
        let then = match mail.has_failed() {
            true => "given up".to_owned(),
            false => format!("again at {}", mail.next_attempt_at.rfc3339()),
        };
        lines.push(format!(
            "  mail {} ({}) to {}: {}; tried {} times, {then}",
            mail.id,
            mail.kind,
            mail.domain(),
            mail.error,
            mail.attempts
        ));
    }
    for job in jobs::failing(app).await.map_err(fault)? {
        lines.push(format!(
            "  job {} ({}): {}; tried {} times, again at {}",
            job.id,
            job.kind,
            job.error,
            job.attempts,
            job.run_at.rfc3339()
        ));
    }
    Ok(lines.join("\n"))
}
