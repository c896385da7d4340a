//! A choice of many rows of a list: by their boxes, or all that match the list's filter. What is to be
//! done with them is confirmed on a page of its own, and is then done row by row, with one list of
//! results.

use std::collections::HashSet;
use std::str::FromStr;

use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use super::{List, Request};
use crate::platform::db::Runs;
use crate::platform::error::{AppError, Result};
use crate::platform::web::Shell;
use crate::platform::web::form::Fields;

/// How many rows can be chosen at once.
pub const MOST: usize = 500;

/// The most characters in the form of a choice: each id takes 37.
pub const TEXT_LENGTH: usize = MOST * 37 + 200;

/// The form of a choice.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChosenForm {
    /// The word for what is to be done.
    act: String,
    /// What the act needs, such as a role.
    pub value: String,
    /// The ids, each in a field of its own, or separated by spaces.
    row: String,
    /// `yes` for all rows that match the filter.
    all: String,
}

impl Fields for ChosenForm {
    const REPEATABLE: &[&str] = &["row"];
}

impl ChosenForm {
    /// What is to be done.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if that is no act of this list.
    pub fn act<A: FromStr<Err = String>>(&self) -> Result<A> {
        self.act.parse().map_err(|words: String| AppError::Invalid(words.into()))
    }

    /// The chosen rows of a list, in its order: all that `request` matches, or those with the ids,
    /// which `whole`, the filter that leaves nothing out, finds whatever the list shows by now.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if there are none, or too many.
    pub async fn rows<L: List>(
        &self,
        tx: &mut impl Runs<L::Sql>,
        request: Request<L>,
        whole: L::Filter,
        scope: &L::Scope,
    ) -> Result<Vec<L::Row>> {
        let ids: HashSet<Uuid> =
            self.row.split_whitespace().filter_map(|id| id.parse().ok()).collect();
        let is_all = self.all == "yes";
        let request = if is_all { request } else { Request::of(whole) };
        let mut rows = request.all(tx, scope).await?;
        rows.retain(|row| is_all || ids.contains(&L::id(row)));
        match rows.len() {
            0 => Err(AppError::Invalid("Choose at least one row first.".into())),
            1..=MOST => Ok(rows),
            _ => Err(AppError::Invalid(format!("Choose up to {MOST} rows at once.").into())),
        }
    }
}

/// The page that asks whether to do something with the chosen rows.
#[derive(Template)]
#[template(path = "platform/choose.html")]
pub struct Confirm {
    /// The layout.
    pub shell: Shell,
    /// The question.
    pub title: String,
    /// What happens, besides what the question says.
    pub consequences: Vec<&'static str>,
    /// The names of the rows.
    pub names: Vec<String>,
    /// Their ids, separated by spaces.
    pub ids: String,
    /// The word of the act.
    pub act: String,
    /// The values to choose from, with their labels, if the act needs one.
    pub values: Vec<(String, String)>,
    /// What these values are: `Role`.
    pub value_label: &'static str,
    /// The text of the button.
    pub button: String,
    /// Whether the act takes something away.
    pub is_dangerous: bool,
    /// The path that the form posts to.
    pub path: String,
    /// The path of the list.
    pub back: String,
}

impl Confirm {
    /// Asks whether `verb` is to be done with rows of a list, each given by its id and name; one of them
    /// is called `noun`, and their paths begin with `list`. `back` is the path of the page with the list.
    pub fn about(
        shell: Shell,
        form: &ChosenForm,
        (verb, noun): (&str, &str),
        rows: impl Iterator<Item = (Uuid, String)>,
        list: &str,
        back: String,
    ) -> Self {
        let (ids, names): (Vec<_>, Vec<_>) = rows.map(|(id, name)| (id.to_string(), name)).unzip();
        let button = match names.len() {
            1 => format!("{verb} 1 {noun}"),
            count => format!("{verb} {count} {noun}s"),
        };
        Self {
            shell,
            title: format!("{button}?"),
            consequences: Vec::new(),
            names,
            ids: ids.join(" "),
            act: form.act.clone(),
            values: Vec::new(),
            value_label: "",
            button,
            is_dangerous: false,
            path: format!("{list}/choose/apply"),
            back,
        }
    }
}

/// What became of a chosen row.
#[derive(Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Why nothing was done with it.
    pub refusal: Option<String>,
}

impl Outcome {
    /// What became of the row with this name.
    ///
    /// # Errors
    /// Those that concern the whole request: a fault, or that the person has to authenticate again.
    pub fn of<T>(name: String, result: Result<T>) -> Result<Self> {
        let refusal = match result {
            Ok(_) => None,
            Err(AppError::NotFound) => Some("It isn't there anymore.".to_owned()),
            Err(
                AppError::Refused(words) | AppError::Conflict(words) | AppError::Invalid(words),
            ) => Some(words.into_owned()),
            Err(AppError::TooMany { words, .. }) => Some(words.into_owned()),
            Err(other) => return Err(other),
        };
        Ok(Self { name, refusal })
    }
}

/// The page with what became of the chosen rows.
#[derive(Template)]
#[template(path = "platform/chosen.html")]
pub struct Results {
    /// The layout.
    pub shell: Shell,
    /// The past participle of the act: `suspended`.
    pub done: &'static str,
    /// What became of each.
    pub outcomes: Vec<Outcome>,
    /// The path of the list, and its title.
    pub back: (String, &'static str),
}

impl Results {
    /// How many rows it was done with.
    fn count(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.refusal.is_none()).count()
    }
}
