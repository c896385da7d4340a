//! Time as an argument: the application's clock, and the one time type that is stored.

mod day;
mod source;

use std::fmt;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use crate::platform::db::row::Type;

pub use day::{Day, Days};
pub use source::{Clock, Steady};

/// A point in time in UTC, in whole microseconds since the Unix epoch.
///
/// On SQLite it is an integer, because sqlx would write `OffsetDateTime` as text with a fraction of
/// varying length, which sorts wrongly; on PostgreSQL it is a `timestamptz`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A timestamp from microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This moment plus `duration`, which may be negative.
    pub fn plus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.whole_microseconds()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// The time from `earlier` to this moment; negative if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::microseconds(self.0.saturating_sub(earlier.0))
    }

    /// The date, for people: `3 March 2026`.
    pub fn date(self) -> String {
        const DAY: &[BorrowedFormatItem<'_>] =
            format_description!("[day padding:none] [month repr:long] [year]");
        self.format(&DAY)
    }

    /// The date in short, for tables: `3 Mar 2026`.
    pub fn day(self) -> String {
        const DAY: &[BorrowedFormatItem<'_>] =
            format_description!("[day padding:none] [month repr:short] [year]");
        self.format(&DAY)
    }

    /// Date and minute in UTC, for people: `3 March 2026, 14:05 UTC`.
    pub fn minute(self) -> String {
        const MINUTE: &[BorrowedFormatItem<'_>] =
            format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
        self.format(&MINUTE)
    }

    /// Date and second in UTC, for tables of events: `2026-03-03 14:05:09`.
    pub fn stamp(self) -> String {
        const STAMP: &[BorrowedFormatItem<'_>] =
            format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        self.format(&STAMP)
    }

    /// In RFC 3339, to the microsecond.
    pub fn rfc3339(self) -> String {
        self.format(&Rfc3339)
    }

    /// For the `datetime` attribute of `<time>`, which takes milliseconds at the most:
    /// `2026-03-03T14:05:09.120Z`.
    pub fn datetime(self) -> String {
        const DATETIME: &[BorrowedFormatItem<'_>] = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        self.format(&DATETIME)
    }

    /// The distance to `now` in words: `just now`, `5 minutes ago`, `in 3 days`.
    pub fn relative_to(self, now: &Self) -> String {
        let distance = now.since(self);
        let ahead = distance.is_negative();
        // The future is rounded up: a moment less than seven days is seven days.
        let seconds = distance.whole_seconds().unsigned_abs() + if ahead { 59 } else { 0 };
        if seconds < 60 {
            return if ahead { "in a moment" } else { "just now" }.to_owned();
        }
        let (count, unit) = match seconds {
            ..=3_599 => (seconds / 60, "minute"),
            3_600..=86_399 => (seconds / 3_600, "hour"),
            86_400..=2_591_999 => (seconds / 86_400, "day"),
            2_592_000..=31_535_999 => (seconds / 2_592_000, "month"),
            _ => (seconds / 31_536_000, "year"),
        };
        let plural = if count == 1 { "" } else { "s" };
        if ahead {
            format!("in {count} {unit}{plural}")
        } else {
            format!("{count} {unit}{plural} ago")
        }
    }

    fn format(self, format: &(impl time::formatting::Formattable + ?Sized)) -> String {
        self.utc().format(format).unwrap_or_default()
    }

    fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(moment: Timestamp) -> Self {
        moment.utc()
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        Self(i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.minute())
    }
}

impl Type<Sqlite> for Timestamp {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl<'q> Encode<'q, Sqlite> for Timestamp {
    fn encode_by_ref(&self, args: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'q, Sqlite>>::encode_by_ref(&self.0, args)
    }
}

impl<'q> Encode<'q, Postgres> for Timestamp {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <OffsetDateTime as Encode<'q, Postgres>>::encode_by_ref(&self.utc(), buf)
    }
}

impl<'r> Decode<'r, Sqlite> for Timestamp {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        <i64 as Decode<'r, Sqlite>>::decode(value).map(Self)
    }
}

impl<'r> Decode<'r, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        <OffsetDateTime as Decode<'r, Postgres>>::decode(value).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attribute_of_an_element_has_milliseconds() {
        let at = |micros| Timestamp::from_micros(micros).datetime();
        assert_eq!(at(1_700_000_000_120_999), "2023-11-14T22:13:20.120Z");
        assert_eq!(at(1_700_000_000_000_000), "2023-11-14T22:13:20.000Z");
    }

    #[test]
    fn the_distance_in_words_is_rounded_down_and_says_its_direction() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let words = |by: Duration| now.plus(by).relative_to(&now);
        assert_eq!(words(Duration::seconds(-5)), "just now");
        assert_eq!(words(Duration::minutes(-1)), "1 minute ago");
        assert_eq!(words(Duration::hours(-47)), "1 day ago");
        assert_eq!(words(Duration::days(7)), "in 7 days");
        assert_eq!(words(Duration::days(-800)), "2 years ago");
    }
}
