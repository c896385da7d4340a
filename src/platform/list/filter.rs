//! What a list is filtered by, according to its address. Unknown values are ignored.

use std::borrow::Borrow;
use std::fmt::{self, Display};
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::query_string;
use crate::platform::words::words;

/// A list's filter: a struct of texts and of the types in this file. A field that filters nothing
/// serializes to the empty text, which is left out of the address.
pub trait Filter: DeserializeOwned + Serialize + Default + Clone + Send + Sync + 'static {}

impl<T: DeserializeOwned + Serialize + Default + Clone + Send + Sync + 'static> Filter for T {}

/// The names and values of a filter in the address, without those that filter nothing.
pub(super) fn pairs(filter: &impl Filter) -> Vec<(String, String)> {
    let text = serde_urlencoded::to_string(filter).unwrap_or_default();
    let pairs = form_urlencoded::parse(text.as_bytes()).into_owned();
    pairs.filter(|(_, value)| !value.is_empty()).collect()
}

/// The query string of `filter` and of the other pairs in `more`.
pub(super) fn query_of(filter: &impl Filter, more: &[(&str, &str)]) -> String {
    let pairs = pairs(filter);
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    query_string(pairs.chain(more.iter().copied()))
}

/// One of many values, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maybe<T>(pub Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: PartialEq> Maybe<T> {
    /// Whether `choice` is selected.
    pub fn is(&self, choice: impl Borrow<T>) -> bool {
        self.0.as_ref() == Some(choice.borrow())
    }
}

impl<T: Display> Maybe<T> {
    /// The selected value as text; empty for none.
    pub fn text(&self) -> String {
        self.0.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

impl<T: Display> Serialize for Maybe<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.parse().ok()))
    }
}

/// One of a few values, with a default if the address contains none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice<T>(pub T);

impl<T: PartialEq> Choice<T> {
    /// Whether `choice` is selected.
    pub fn is(&self, choice: impl Borrow<T>) -> bool {
        self.0 == *choice.borrow()
    }
}

impl<T: Display + Default + PartialEq> Serialize for Choice<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 == T::default() {
            true => serializer.serialize_str(""),
            false => serializer.collect_str(&self.0),
        }
    }
}

impl<'de, T: FromStr + Default> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.parse().unwrap_or_default()))
    }
}

/// A checkbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

impl Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "1" } else { "" })
    }
}

impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(!String::deserialize(deserializer)?.is_empty()))
    }
}

words! {
    /// Which rows to show: current, archived or deleted ones.
    #[derive(Default)]
    pub enum State, "Choose a state." {
        /// Neither archived nor deleted.
        #[default]
        Current = "current", "Not archived";
        /// Archived.
        Archived = "archived", "Archived";
        /// Current and archived.
        All = "all", "Including archived";
        /// Deleted.
        Deleted = "deleted", "Deleted";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
    #[serde(default)]
    struct Example {
        q: String,
        number: Maybe<u32>,
        mine: Flag,
        state: Choice<State>,
    }

    #[test]
    fn what_filters_nothing_is_left_out_and_what_is_unknown_filters_nothing() {
        let read = |query: &str| serde_urlencoded::from_str::<Example>(query).unwrap();
        let filter = read("q=a+b&number=7&mine=1&state=archived");
        assert_eq!(query_of(&filter, &[]), "?q=a+b&number=7&mine=1&state=archived");
        let filter = read("q=&number=x&state=nonsense&utm=1");
        assert_eq!(filter, Example::default());
        assert_eq!(query_of(&filter, &[("sort", "due"), ("after", "")]), "?sort=due");
    }
}
