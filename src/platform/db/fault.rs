//! What a failure of the database means for whoever asked.

/// Why the database could not do what was asked, though nothing is wrong with the question: the
/// same may go well later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// Two transactions stood in each other's way, and this one was ended. All of it can be done
    /// again at once.
    Collision,
    /// No connection was free, a lock was held for too long, or a statement took too long.
    Busy,
    /// There is no room for what is to be written.
    Full,
    /// It can be read and not changed: a replica, or a disk that is protected.
    ReadOnly,
    /// It cannot be reached, or has stopped answering.
    Away,
}

impl Outage {
    /// What `error` says about the database; `None` when the question was wrong.
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
                    // Nothing of it was done, and a new connection knows better.
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

    /// By extended result code, whose lowest byte is the primary one.
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

/// Whether a statement was prepared for a table that has changed since: the connection holds on to it.
fn is_old_plan(code: &str, message: &str) -> bool {
    code == "0A000" && message.contains("cached plan")
}

/// Whether the connection that gave `error` holds on to what is no longer so: that the database takes
/// no changes, as it was when the connection was made, or what a table was like then. All that are as
/// old do the same.
pub(super) fn is_outdated(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    error.code().is_some_and(|code| code == "25006" || is_old_plan(&code, error.message()))
}

/// Whether nothing more is to be expected of the connection that gave `error`.
pub(super) fn is_disconnected(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => true,
        // The server says farewell before it closes a connection; so does a pooler that has lost it.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code.starts_with("08") || ["57P01", "57P02", "57P03", "57P05"].contains(&&*code)
        }),
        _ => false,
    }
}
