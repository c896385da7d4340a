//! The log as a file, which is sent while it is read, a thousand entries at a time.

use futures_util::{TryStreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::model::Filter;
use super::sql::{self, Row};
use crate::platform::audit::chain::hex;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{RequestId, UserId};
use crate::platform::list::Direction;
use crate::platform::sheet;
use crate::platform::tenant::current_org::Context;

/// How many entries are read at once, each time in a transaction of its own, so that a slow reader
/// keeps none open.
const BATCH: i64 = 1000;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For spreadsheets.
    Csv,
    /// For programs.
    JsonLines,
}

impl Format {
    /// The extension of its name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => sheet::CONTENT_TYPE,
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }

    fn heading(self) -> Result<Vec<u8>> {
        match self {
            Self::Csv => sheet::beginning(&COLUMNS),
            Self::JsonLines => Ok(Vec::new()),
        }
    }

    fn write(self, row: Row) -> Result<Vec<u8>> {
        let line = Line::from(row);
        match self {
            Self::Csv => sheet::line(line.cells()),
            Self::JsonLines => {
                let mut json = serde_json::to_vec(&line).map_err(internal)?;
                json.push(b'\n');
                Ok(json)
            }
        }
    }
}

/// Streams the file, from the newest entry to the oldest.
pub(super) fn file(
    org: Context,
    format: Format,
    filter: Filter,
) -> impl stream::Stream<Item = Result<Vec<u8>>> + Send {
    // The place is that of the last entry sent; `None` when all were sent.
    stream::try_unfold(Some(None), move |place: Option<Option<i64>>| {
        let (org, filter) = (org.clone(), filter.clone());
        async move {
            let Some(cursor) = place else { return Ok(None) };
            let mut tx = org.read().await?;
            let direction = Direction::Forward;
            let rows = sql::entries(&mut tx, &filter, direction, cursor, BATCH).await?;
            tx.commit().await?;
            let last = rows.last().map(|row| row.sequence);
            let next = last.filter(|_| rows.len() as i64 == BATCH).map(Some);
            let mut part = if cursor.is_none() { format.heading()? } else { Vec::new() };
            for row in rows {
                part.extend(format.write(row)?);
            }
            Ok(Some((part, next)))
        }
    })
    // The status has been sent already: for the reader, the connection ends before the file does.
    .inspect_err(|error| tracing::error!(?error, "an export ended halfway"))
}

const COLUMNS: [&str; 17] = [
    "sequence",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "actor_email",
    "action",
    "object_kind",
    "object_id",
    "object_name",
    "before",
    "after",
    "address",
    "user_agent",
    "request_id",
    "erased",
    "hash",
];

/// An entry of the file.
#[derive(Serialize)]
pub(super) struct Line {
    sequence: i64,
    at: String,
    actor_kind: String,
    actor_id: Option<UserId>,
    actor_name: String,
    actor_email: String,
    action: String,
    object_kind: String,
    object_id: Option<Uuid>,
    object_name: String,
    before: Option<Value>,
    after: Option<Value>,
    address: String,
    user_agent: String,
    request_id: Option<RequestId>,
    /// Whether the details were erased.
    erased: bool,
    hash: String,
}

impl From<Row> for Line {
    fn from(row: Row) -> Self {
        let details = row.details();
        let erased = details.is_none();
        let details = details.unwrap_or_default();
        Self {
            sequence: row.sequence,
            at: row.at.rfc3339(),
            actor_kind: row.actor_kind.to_string(),
            actor_id: row.actor_id,
            actor_name: details.actor_name,
            actor_email: details.actor_email,
            action: row.action,
            object_kind: row.object_kind,
            object_id: row.object_id,
            object_name: details.object_name,
            before: details.before,
            after: details.after,
            address: details.address,
            user_agent: details.user_agent,
            request_id: row.request_id,
            erased,
            hash: hex(&row.hash),
        }
    }
}

impl Line {
    /// The entry on one line, with its fields separated by tabs.
    pub fn told(&self) -> String {
        let who = match (self.actor_name.as_str(), self.actor_email.as_str()) {
            ("", "") => self.actor_kind.clone(),
            (name, email) => format!("{name} <{email}> ({})", self.actor_kind),
        };
        let changed = match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{before} -> {after}"),
            (Some(value), None) | (None, Some(value)) => value.to_string(),
            (None, None) => String::new(),
        };
        let request = self.request_id.map(|id| id.to_string()).unwrap_or_default();
        let told =
            [&self.at, &who, &self.action, &self.object_name, &changed, &self.address, &request];
        let plain = |text: &String| text.replace(char::is_control, "\u{fffd}");
        told.map(plain).join("\t")
    }

    /// The values in the order of [`COLUMNS`].
    fn cells(self) -> [String; COLUMNS.len()] {
        let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let json = |value: Option<Value>| value.map(|value| value.to_string()).unwrap_or_default();
        [
            self.sequence.to_string(),
            self.at,
            self.actor_kind,
            id(self.actor_id.map(UserId::uuid)),
            self.actor_name,
            self.actor_email,
            self.action,
            self.object_kind,
            id(self.object_id),
            self.object_name,
            json(self.before),
            json(self.after),
            self.address,
            self.user_agent,
            id(self.request_id.map(RequestId::uuid)),
            self.erased.to_string(),
            self.hash,
        ]
    }
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> AppError {
    AppError::Internal(Box::new(error))
}
