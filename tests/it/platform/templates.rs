//! The layout of the templates: one element per line, and at most 120 columns. And their words.

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

/// The words that docs/words.md says not to write.
fn unwanted() -> Vec<&'static str> {
    let (_, table) =
        include_str!("../../../docs/words.md").split_once("## Words not to write").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")).skip(1);
    rows.flat_map(|row| row.split('|').next().unwrap().split(',')).map(str::trim).collect()
}

/// Returns what people read of a template, in lower case: its text, and what is quoted in its tags
/// and expressions and begins like a sentence.
fn visible(template: &str) -> String {
    const PARTS: [(&str, &str); 4] = [("{#", "#}"), ("{{", "}}"), ("{%", "%}"), ("<", ">")];
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '<']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let part = PARTS.into_iter().find(|(begin, _)| rest.starts_with(begin));
        let Some((begin, end)) = part else {
            rest = &rest[1..];
            continue;
        };
        let (inside, after) = rest[begin.len()..].split_once(end).expect(rest);
        if begin != "{#" {
            let quoted = inside.split('"').skip(1).step_by(2);
            for words in quoted.filter(|words| words.starts_with(char::is_uppercase)) {
                text.push_str(&format!(" {words} "));
            }
        }
        text.push(' ');
        rest = after;
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Templates whose sentences have not been gone through yet.
const UNREVISED: &str = "/templates/core/audit/";

/// Whether `text` contains `words`, and not as a part of longer ones.
fn says(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let around = [text[..at].chars().next_back(), text[at + words.len()..].chars().next()];
        !around.into_iter().flatten().any(char::is_alphanumeric)
    })
}

#[test]
fn no_template_says_what_the_glossary_says_otherwise() {
    let unwanted = unwanted();
    assert!(unwanted.len() > 30, "{unwanted:?}");
    let templates = files("templates", ".html").into_iter().chain(files("templates", ".txt"));
    let found: Vec<String> = templates
        .filter(|(path, _)| !path.contains(UNREVISED))
        .flat_map(|(path, text)| {
            let text = visible(&text);
            let said = unwanted.iter().filter(move |words| says(&text, words));
            said.map(|words| format!("{path} says “{words}”")).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_people_read_of_a_template_is_told_from_the_rest() {
    let template =
        "{# nobody #}<p title=\"Do not\" class=\"at once\">It {{ ui::x(\"A\", \"b\") }} is</p>";
    assert_eq!(visible(template), "do not it a is");
    assert!(says("you cannot.", "cannot") && !says("a mailbox", "a mail"));
}
