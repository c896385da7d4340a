//! The tasks of the list in other shapes, below the same filters: a board of what is to do, underway
//! and done, and a calendar of what is due.

use std::fmt;
use std::str::FromStr;

use askama::Template;
use axum::response::Response;

use super::SECTION;
use super::list::{Assignee, Choices, Due, Progress, Scope, TaskFilter, TaskRow, Tasks};
use super::model::{Priority, Status};
use crate::core::access::OwnRoles;
use crate::platform::clock::Day;
use crate::platform::error::Result;
use crate::platform::list::{Choice, Index, Maybe, Request};
use crate::platform::tenant::current_org::Context;
use crate::platform::web::{Htmx, Shell};
use crate::platform::words::words;

words! {
    /// How tasks are shown.
    #[derive(Default)]
    pub enum Layout without column, "Choose a view." {
        /// A table, page by page.
        #[default]
        List = "list", "List";
        /// A column for each status.
        Board = "board", "Board";
        /// The days of a month.
        Calendar = "calendar", "Calendar";
    }
}

impl TaskFilter {
    /// The filter that shows these tasks in another shape.
    pub(super) fn shown_as(&self, layout: Layout) -> Self {
        Self { view: Choice(layout), month: Maybe(None), ..self.clone() }
    }

    /// Whether a column shows each status, so that there is none to choose.
    pub(super) fn is_board(&self) -> bool {
        self.view.0 == Layout::Board
    }

    /// The word of the shape in the address; empty for the default.
    pub(super) fn view_word(&self) -> &'static str {
        if self.view.0 == Layout::List { "" } else { self.view.0.word() }
    }

    fn with_status(&self, status: Progress) -> Self {
        Self { status: Choice(status), ..self.clone() }
    }
}

/// A column of the board.
struct Column {
    status: Status,
    rows: Vec<TaskRow>,
    total: i64,
    /// The list of all its tasks.
    path: String,
}

impl Column {
    fn is_cut(&self) -> bool {
        self.total > self.rows.len() as i64
    }
}

#[derive(Template)]
#[template(path = "work/tasks/board_page.html", blocks = ["list"])]
struct BoardPage {
    shell: Shell,
    index: Index<Tasks>,
    choices: Choices,
    columns: Vec<Column>,
    roles: OwnRoles,
}

/// The board: the first tasks of each status, those that were done last first.
pub(super) async fn board(
    org: &Context,
    shell: Shell,
    htmx: Htmx,
    scope: &Scope,
    mut request: Request<Tasks>,
) -> Result<Response> {
    request.filter.month = Maybe(None);
    let filter = request.filter.clone();
    let of = |status| Request::<Tasks>::of(filter.with_status(Progress::In(status)));
    let mut tx = org.read().await?;
    request.filter = filter.with_status(Progress::In(Status::Todo));
    let mut index = Index::load(&mut tx, org, SECTION, request, scope, false).await?;
    let doing = of(Status::Doing).load(&mut tx, scope).await?;
    let done = of(Status::Done).sorted("changed").load(&mut tx, scope).await?;
    let choices = Choices::load(&mut tx, scope.viewer, htmx).await?;
    let roles = OwnRoles::load(&mut tx, scope.viewer).await?;
    tx.commit().await?;
    let todo = std::mem::take(&mut index.list.rows);
    let list = filter.shown_as(Layout::List);
    let column = |status, rows, total| Column {
        status,
        rows,
        total,
        path: index.list.filtered(list.with_status(Progress::In(status))),
    };
    let columns = vec![
        column(Status::Todo, todo, index.list.pager.total),
        column(Status::Doing, doing.rows, doing.pager.total),
        column(Status::Done, done.rows, done.pager.total),
    ];
    index.list.filter = filter;
    quiet(&mut index);
    let page = BoardPage { shell, index, choices, columns, roles };
    htmx.render(&page, page.as_list())
}

/// Offers to save a filter only if there is more to save than the shape.
fn quiet(index: &mut Index<Tasks>) {
    let filter = index.list.filter.clone();
    index.list.filter = filter.shown_as(Layout::List);
    let is_shape_alone = !index.list.is_filtered();
    if let Some(bar) = index.bar.as_mut().filter(|bar| is_shape_alone && bar.is_new()) {
        bar.query.clear();
    }
    index.list.filter = filter;
}

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month(Day);

impl Month {
    /// The month that contains `day`.
    pub(super) fn of(day: Day) -> Self {
        Self(day.first_of_month())
    }

    /// The first day that the calendar shows, which is a Monday.
    pub(super) fn begin(self) -> Day {
        self.0.plus(-self.0.since_monday())
    }

    /// The day after the last one that the calendar shows.
    pub(super) fn end(self) -> Day {
        let next = self.next().0;
        next.plus((7 - next.since_monday()) % 7)
    }

    /// Its name and year.
    fn words(self) -> String {
        self.0.month_words()
    }

    fn next(self) -> Self {
        Self::of(self.0.plus(31))
    }

    fn previous(self) -> Self {
        Self::of(self.0.plus(-1))
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        format!("{word}-01").parse().map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string()[..7])
    }
}

/// A day of the calendar, with the tasks that are due on it.
struct DayOf {
    day: Day,
    is_outside: bool,
    is_today: bool,
    rows: Vec<TaskRow>,
}

#[derive(Template)]
#[template(path = "work/tasks/calendar.html", blocks = ["list"])]
struct CalendarPage {
    shell: Shell,
    index: Index<Tasks>,
    choices: Choices,
    month: Month,
    weeks: Vec<Vec<DayOf>>,
}

impl CalendarPage {
    /// The address of another month.
    fn path(&self, month: Month) -> String {
        let filter = TaskFilter { month: Maybe(Some(month)), ..self.index.list.filter.clone() };
        self.index.list.filtered(&filter)
    }

    /// The address of the current month.
    fn today(&self) -> String {
        self.path(Month::of(self.index.now.to_day()))
    }
}

/// The calendar: a month of days and what is due on them.
pub(super) async fn calendar(
    org: &Context,
    shell: Shell,
    htmx: Htmx,
    scope: &Scope,
    mut request: Request<Tasks>,
) -> Result<Response> {
    let today = org.now.to_day();
    let month = request.filter.month.0.unwrap_or_else(|| Month::of(today));
    request.filter.month = Maybe(Some(month));
    let all = Request::<Tasks>::of(request.filter.clone());
    let mut tx = org.read().await?;
    let mut index = Index::load(&mut tx, org, SECTION, request, scope, false).await?;
    quiet(&mut index);
    let pager = &index.list.pager;
    let mut rows = match pager.next.is_none() && pager.previous.is_none() {
        true => std::mem::take(&mut index.list.rows),
        false => all.all(&mut tx, scope).await?,
    };
    let choices = Choices::load(&mut tx, scope.viewer, htmx).await?;
    tx.commit().await?;
    let (first, end) = (month.begin(), month.end());
    let days = (0..42).map(|number| first.plus(number)).take_while(|day| *day < end);
    let days = days.map(|day| {
        let is_due = |row: &mut TaskRow| row.task.details.due_on == Some(day);
        DayOf {
            day,
            is_outside: Month::of(day) != month,
            is_today: day == today,
            rows: rows.extract_if(.., is_due).collect(),
        }
    });
    let mut weeks: Vec<Vec<DayOf>> = Vec::new();
    for day in days {
        match weeks.last_mut().filter(|week| week.len() < 7) {
            Some(week) => week.push(day),
            None => weeks.push(vec![day]),
        }
    }
    let page = CalendarPage { shell, index, choices, month, weeks };
    htmx.render(&page, page.as_list())
}

#[cfg(test)]
mod tests {
    use super::Month;

    #[test]
    fn a_month_begins_on_a_monday_and_ends_with_a_whole_week() {
        for (month, begin, end) in [
            ("2026-11", "2026-10-26", "2026-12-07"),
            ("2027-02", "2027-02-01", "2027-03-01"),
            ("2026-12", "2026-11-30", "2027-01-04"),
        ] {
            let month: Month = month.parse().unwrap();
            assert_eq!(
                (month.begin().to_string(), month.end().to_string()),
                (begin.into(), end.into())
            );
        }
        assert!("2026-13".parse::<Month>().is_err() && "x".parse::<Month>().is_err());
        let december: Month = "2026-12".parse().unwrap();
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!(december.previous().to_string(), "2026-11");
    }
}
