//! A row, as a form offers it.

use std::fmt::Display;

use crate::platform::db::row::FromRow;

/// A row that can be chosen in a form, by its name.
#[derive(Clone, Debug, FromRow)]
pub struct Selectable<I> {
    /// The row's identifier.
    pub id: I,
    /// The row's name.
    pub name: String,
}

impl<I: Display> Selectable<I> {
    /// The value in a form.
    pub fn word(&self) -> String {
        self.id.to_string()
    }

    /// The label in a form.
    pub fn label(&self) -> &str {
        &self.name
    }
}
