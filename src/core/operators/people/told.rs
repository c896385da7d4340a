//! Accounts on the command line: what their operator pages show, and nothing from inside an
//! organization.

use serde::Serialize;

use super::command::{fault, find};
use super::list::{People, PeopleFilter};
use super::sql::Person;
use crate::core::accounts::help;
use crate::core::operators::status::Status;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::error::{AppError, Result};
use crate::platform::list::Request;
use crate::platform::tenant::{UnscopedTx, count_memberships};

/// The format of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Fields separated by tabs.
    Tabs,
    /// A JSON object for each account.
    Json,
}

/// An account in the format for programs.
#[derive(Serialize)]
struct Told<'a> {
    address: &'a str,
    name: &'a str,
    created_at: String,
    confirmed_at: Option<String>,
    status: Status,
    second_factor: bool,
    operator: bool,
    sign_ins: i64,
    last_seen_at: Option<String>,
}

impl Person {
    /// The account's status.
    fn status(&self) -> Status {
        match (self.deleted_at, self.suspended_at) {
            (Some(_), _) => Status::Deleted,
            (None, Some(_)) => Status::Suspended,
            (None, None) => Status::Active,
        }
    }

    /// The account in the format for programs.
    fn told(&self) -> Told<'_> {
        let moment = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
        Told {
            address: self.email.as_str(),
            name: &self.name,
            created_at: self.created_at.rfc3339(),
            confirmed_at: moment(self.email_verified_at),
            status: self.status(),
            second_factor: self.has_factor,
            operator: self.is_operator,
            sign_ins: self.sign_ins,
            last_seen_at: moment(self.last_seen_at),
        }
    }

    /// A line with fields separated by tabs.
    fn line(&self) -> String {
        [
            self.email.as_str(),
            &self.name,
            &self.created_at.day(),
            if self.email_verified_at.is_some() { "confirmed" } else { "not confirmed" },
            self.status().word(),
            if self.has_factor { "two-factor on" } else { "two-factor off" },
            if self.is_operator { "operator" } else { "" },
        ]
        .join("\t")
        .trim_end()
        .to_owned()
    }
}

/// A line for each account that is not deleted and whose name or address contains `search`, ordered
/// by name.
///
/// # Errors
/// Any error of the database.
pub async fn list(app: &App, search: &str, lines: Lines) -> Result<Vec<String>, String> {
    read(app, search, lines).await.map_err(fault)
}

async fn read(app: &App, search: &str, lines: Lines) -> Result<Vec<String>> {
    let mut tx = UnscopedTx::read(app).await?;
    let filter = PeopleFilter { q: search.to_owned(), ..PeopleFilter::default() };
    let people = Request::<People>::of(filter).all(&mut tx, &app.clock.now()).await?;
    let line = |person: &Person| match lines {
        Lines::Tabs => Ok(person.line()),
        Lines::Json => serde_json::to_string(&person.told())
            .map_err(|error| AppError::Internal(Box::new(error))),
    };
    people.iter().filter(|person| person.deleted_at.is_none()).map(line).collect()
}

/// Everything about one account; returns the lines to print.
///
/// # Errors
/// A message if no account has the address, or any error of the database.
pub async fn show(app: &App, email: &str) -> Result<String, String> {
    let person = find(app, email).await?;
    let more = async {
        let mut tx = UnscopedTx::read(app).await?;
        let help = help::pending(&mut tx, person.id).await?;
        tx.commit().await?;
        Ok((help, count_memberships(app, person.id, person.email.clone()).await?))
    };
    let (help, organizations) = more.await.map_err(fault)?;
    let moment = |at: Option<Timestamp>, none: &str| at.map_or(none.to_owned(), Timestamp::minute);
    let yes = |is_so: bool| if is_so { "yes" } else { "no" }.to_owned();
    let mut lines = vec![
        ("Address", person.email.to_string()),
        ("Name", person.name.clone()),
        ("Id", person.id.to_string()),
        ("Since", person.created_at.minute()),
        ("Confirmed", moment(person.email_verified_at, "no")),
        ("Two-factor authentication", yes(person.has_factor)),
        ("Operator", yes(person.is_operator)),
        ("Organizations", organizations.to_string()),
        ("Sessions", format!("{} open", person.sign_ins)),
        ("Last seen", moment(person.last_seen_at, "no recent sign-in")),
        ("Suspended", moment(person.suspended_at, "no")),
    ];
    if let Some(reason) = &person.suspended_reason {
        lines.push(("Reason", reason.clone()));
    }
    if let Some(help) = help {
        let due = moment(help.due_at, "72 hours after the person is told");
        lines.push(("Two-factor reset", format!("{due}, unless it is stopped: {}", help.reason)));
    }
    let lines = lines.iter().map(|(about, what)| format!("{about}: {}", what.replace('\n', " ")));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
