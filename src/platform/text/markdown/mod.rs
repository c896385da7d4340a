//! Text that people write in Markdown: paragraphs, lists, quotes, tables, code and links, as HTML
//! that is safe to show.
//!
//! The text is stored as it was typed. HTML in it is shown as text, addresses become links, and a
//! picture becomes a link to it, so that no page loads anything from elsewhere. What the renderer
//! writes passes a sanitizer with a short list of elements besides.

mod render;

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

use askama::filters::HtmlSafe;

use render::render;

/// HTML made from text in Markdown; templates include it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Its only constructor is the renderer, whose output is sanitized.
impl HtmlSafe for Markup {}

/// The `text` as HTML.
pub fn markup(text: &str) -> Markup {
    Markup(render(text, &|_| Vec::new()))
}

/// The `text` as HTML, with emphasis on the mentions that `find` finds. It is given one run of plain
/// text at a time, never an address or code, and returns places in ascending order.
pub fn markup_with_mentions(text: &str, find: impl Fn(&str) -> Vec<Range<usize>>) -> Markup {
    Markup(render(text, &find))
}

/// The words of `text` without its marks, addresses and code: a line for each run of plain text.
pub fn prose(text: &str) -> String {
    render::plain(text)
}
