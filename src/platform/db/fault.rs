//! Classifies failures of the database by what they mean for the caller.

/// Why the database could not run a valid statement, which may succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// Two transactions blocked each other, and this one was aborted. It can be retried at once.
    Collision,
    /// No connection was free, a lock was held for too long, or a statement took too long.
    Busy,
    /// There is no disk space left.
    Full,
    /// It is read-only: a replica, or a write-protected disk.
    ReadOnly,
    /// It cannot be reached, or has stopped responding.
    Away,
}

impl Outage {
    /// Classifies `error`; `None` if the statement was wrong.
    pub fn of(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Some(Self::Busy),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::BeginFailed
            | sqlx::Error::WorkerCrashed => Some(Self::Away),
            sqlx::Error::Database(error) => {
                let code = error.code()?;
                match error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                    // Nothing was done, and a new connection has the new definition.
                    Some(_) if is_old_plan(&code, error.message()) => Some(Self::Collision),
                    Some(_) => Self::of_postgres(&code),
                    None => code.parse().ok().and_then(Self::of_sqlite),
                }
            }
            _ => None,
        }
    }

    /// By SQLSTATE, PostgreSQL's appendix A.
    fn of_postgres(code: &str) -> Option<Self> {
        match code {
            // serialization_failure and deadlock_detected.
            "40001" | "40P01" => Some(Self::Collision),
            "53100" => Some(Self::Full),
            "25006" => Some(Self::ReadOnly),
            // lock_not_available and query_canceled.
            "55P03" | "57014" => Some(Self::Busy),
            // Too little memory, too many connections.
            _ if code.starts_with("53") => Some(Self::Busy),
            // Connections that broke, a server that stops or starts, a disk that fails.
            _ if ["08", "57", "58"].iter().any(|class| code.starts_with(class)) => Some(Self::Away),
            _ => None,
        }
    }

    /// By extended result code, whose lowest byte is the primary code.
    fn of_sqlite(code: i32) -> Option<Self> {
        match code & 0xff {
            // BUSY and LOCKED.
            5 | 6 => Some(Self::Busy),
            // FULL.
            13 => Some(Self::Full),
            // READONLY.
            8 => Some(Self::ReadOnly),
            // NOMEM, INTERRUPT, IOERR and CANTOPEN.
            7 | 9 | 10 | 14 => Some(Self::Away),
            _ => None,
        }
    }
}

/// Whether a statement was prepared before its table was changed; the connection keeps the old
/// plan.
fn is_old_plan(code: &str, message: &str) -> bool {
    code == "0A000" && message.contains("cached plan")
}

/// Whether the connection that gave `error` is outdated: it was made while the database was
/// read-only, or it has plans for a table's old definition. All connections of the same age have
/// the same problem.
pub(super) fn is_outdated(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    error.code().is_some_and(|code| code == "25006" || is_old_plan(&code, error.message()))
}

/// Whether the connection that gave `error` is broken.
pub(super) fn is_disconnected(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => true,
        // The server sends an error before it closes a connection; so does a pooler that has lost
        // its own.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code.starts_with("08") || ["57P01", "57P02", "57P03", "57P05"].contains(&&*code)
        }),
        _ => false,
    }
}
