//! Calendar days.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::format_description::BorrowedFormatItem;
use time::macros::{date, format_description};
use time::{Date, Duration};

use super::Timestamp;
use crate::platform::db::row::Type;

/// A calendar day without a time zone, such as the day a project starts or a task is due.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Type, Serialize, Deserialize,
)]
#[sqlx(transparent)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

impl Day {
    /// Before every stored day.
    pub const FIRST: Self = Self(date!(0001 - 01 - 01));
    /// After every stored day; rows without a day are sorted as if they had this one.
    pub const LAST: Self = Self(date!(9999 - 12 - 31));

    /// Parses the day in an optional form field.
    ///
    /// # Errors
    /// A message for the person who typed it.
    pub fn from_field(typed: &str) -> Result<Option<Self>, String> {
        if typed.trim().is_empty() { Ok(None) } else { typed.parse().map(Some) }
    }

    /// The day this many days later, or the last one of all.
    pub fn plus(self, days: i64) -> Self {
        self.0.checked_add(Duration::days(days)).map_or(Self::LAST, Self)
    }

    /// The first day of its month.
    pub fn first_of_month(self) -> Self {
        self.0.replace_day(1).map_or(self, Self)
    }

    /// Its number in the month.
    pub fn number(self) -> u8 {
        self.0.day()
    }

    /// How many days have passed since Monday.
    pub fn since_monday(self) -> i64 {
        self.0.weekday().number_days_from_monday().into()
    }

    /// The month, for people: `March 2026`.
    pub fn month_words(&self) -> String {
        const MONTH: &[BorrowedFormatItem<'_>] = format_description!("[month repr:long] [year]");
        self.0.format(&MONTH).unwrap_or_default()
    }

    /// The day as seen from `now`: `Today`, `Yesterday`, `3 Mar 2026`.
    fn near(&self, now: Timestamp) -> String {
        let today = now.to_day();
        match self {
            day if *day == today => "Today".to_owned(),
            day if *day == today.plus(-1) => "Yesterday".to_owned(),
            day => day.words(),
        }
    }

    /// When it begins, in UTC.
    pub fn begin(self) -> Timestamp {
        Timestamp::from_micros(self.0.midnight().assume_utc().unix_timestamp() * 1_000_000)
    }

    /// The day, for people: `3 Mar 2026`.
    pub fn words(&self) -> String {
        const DAY: &[BorrowedFormatItem<'_>] =
            format_description!("[day padding:none] [month repr:short] [year]");
        self.0.format(&DAY).unwrap_or_default()
    }
}

/// The headings of a list by day: each day is named where it begins.
#[derive(Debug)]
pub struct Days {
    now: Timestamp,
    last: Option<Day>,
}

impl Days {
    /// The headings of a list that is looked at now.
    pub fn seen_from(now: Timestamp) -> Self {
        Self { now, last: None }
    }

    /// The heading before the next row, which is of this time, if its day is another one.
    pub fn heading(&mut self, at: Timestamp) -> Option<String> {
        let day = at.to_day();
        (self.last.replace(day) != Some(day)).then(|| day.near(self.now))
    }
}

impl Timestamp {
    /// The day in UTC.
    pub fn to_day(self) -> Day {
        Day(self.utc().date())
    }
}

/// The format that browsers send and accept, and that is stored: `2026-03-03`.
const ISO_DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&ISO_DAY).unwrap_or_default())
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "Enter a date, for example 2026-03-31.".to_owned();
        let day = Date::parse(text.trim(), &ISO_DAY).map_err(|_| wrong())?;
        let is_usual = (1900..=2999).contains(&day.year());
        if is_usual { Ok(Self(day)) } else { Err("Enter a year from 1900 to 2999.".to_owned()) }
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let day = Date::parse(&text, &ISO_DAY).map(Self).map_err(|error| error.to_string())?;
        // A cursor may contain the day that represents none; PostgreSQL cannot store days long
        // before it.
        if day < Self::FIRST {
            Err("No day is stored from before the year 1.".into())
        } else {
            Ok(day)
        }
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}
