//! The layout of the templates: one element per line, and at most 120 columns.

use crate::support::files;

/// The maximum number of characters in a line.
const COLUMNS: usize = 120;

/// The elements that begin on a line of their own. Inline elements are not among them.
const BLOCKS: &str = "article aside blockquote body button caption datalist dd details dialog div dl dt \
    fieldset footer form h1 h2 h3 h4 h5 h6 head header hr html hx-partial iframe input label legend li link \
    main meta meter nav ol optgroup option p pre script section select style summary table tbody td textarea \
    tfoot th thead title tr ul";

/// Returns the names of the block elements that begin in `line`.
fn blocks(line: &str) -> Vec<&str> {
    let names = line.split('<').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        &rest[..end.unwrap_or(rest.len())]
    });
    names.filter(|name| BLOCKS.split(' ').any(|block| block == *name)).collect()
}

/// Returns the lines of the HTML pages and emails, each with its place. Emails in plain text are
/// left out: their lines are the ones that people read.
fn lines() -> Vec<(String, String)> {
    let templates = files("templates", ".html");
    assert!(templates.len() > 100, "{} templates", templates.len());
    let mut lines = Vec::new();
    for (path, text) in templates {
        for (number, line) in text.lines().enumerate() {
            lines.push((format!("{path}:{}", number + 1), line.to_owned()));
        }
    }
    lines
}

#[test]
fn no_line_of_a_template_has_more_than_120_columns() {
    let too_long: Vec<String> = lines()
        .into_iter()
        .filter(|(_, line)| line.chars().count() > COLUMNS)
        .map(|(place, line)| format!("{place} has {} columns", line.chars().count()))
        .collect();
    assert!(too_long.is_empty(), "{}", too_long.join("\n"));
}

#[test]
fn every_element_of_a_template_begins_on_a_line_of_its_own() {
    let crowded: Vec<String> = lines()
        .iter()
        .filter(|(_, line)| blocks(line).len() > 1)
        .map(|(place, line)| format!("{place} has {}", blocks(line).join(", ")))
        .collect();
    assert!(crowded.is_empty(), "{}", crowded.join("\n"));
}

#[test]
fn what_is_within_a_sentence_needs_no_line_of_its_own() {
    assert_eq!(blocks("<td class=\"num\"><div><p>One</p></div></td>"), ["td", "div", "p"]);
    assert_eq!(blocks("<p>See <a href=\"/\"><strong>all</strong></a> of <i>them</i>.</p>"), ["p"]);
    assert_eq!(blocks("  <input{% if first < last %} checked{% endif %}"), ["input"]);
    assert!(blocks("</div></td>").is_empty());
}
