//! What people can find by its words: one index for all nouns, in step with their rows.
//!
//! The index is a table of words, under the same rules as all others. A change reaches it in its own
//! transaction: at the commit, the words of every object that the transaction has recorded as created,
//! changed, deleted or restored are replaced.

mod declare;
mod excerpt;
mod index;
mod terms;
mod words;

pub use declare::Searchable;
pub(crate) use declare::{SEARCHED, searchable};
pub use excerpt::{Part, excerpt, marked};
pub(crate) use index::sweep;
pub(in crate::platform) use index::{follow, rebuild};
pub use terms::{MOST_TERMS, Term, Terms};
pub use words::begins;

use crate::platform::db::tables::tables;

tables! {
    "search_words": "select, insert, delete", locked 305;
}
