//! Bidirectional formatting characters: kept in pairs, and only in text that contains right-to-left
//! writing.

use super::tables::is_right_to_left;

/// Keeps the direction marks that have an effect and are closed within their line, so that the text
/// cannot reorder what is around it. A text without right-to-left letters needs none, for example a
/// telephone number copied from an address book.
pub(super) fn balance(text: Vec<char>) -> Vec<char> {
    if !text.iter().copied().any(is_right_to_left) {
        return text.into_iter().filter(|c| !is_mark_of_direction(*c)).collect();
    }
    let mut kept = Vec::with_capacity(text.len());
    for (number, line) in text.split(|c| *c == '\n').enumerate() {
        if number > 0 {
            kept.push('\n');
        }
        balance_line(line, &mut kept);
    }
    kept
}

fn is_mark_of_direction(c: char) -> bool {
    is_single(c) || is_opener(c) || is_closer(c)
}

/// A mark with a direction of its own, which does not change the text around it.
fn is_single(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{61C}')
}

fn is_opener(c: char) -> bool {
    matches!(c, '\u{202A}' | '\u{202B}' | '\u{2066}' | '\u{2067}' | '\u{2068}')
}

fn is_closer(c: char) -> bool {
    matches!(c, '\u{202C}' | '\u{2069}')
}

fn closes(opener: char) -> char {
    if matches!(opener, '\u{202A}' | '\u{202B}') { '\u{202C}' } else { '\u{2069}' }
}

fn balance_line(line: &[char], kept: &mut Vec<char>) {
    let mut has_partner = vec![false; line.len()];
    let mut open: Vec<usize> = Vec::new();
    for (at, &c) in line.iter().enumerate() {
        if is_opener(c) {
            open.push(at);
        } else if is_closer(c) {
            // What was opened in between stays unclosed and is dropped.
            let partner = open.iter().rposition(|opener| closes(line[*opener]) == c);
            if let Some(partner) = partner {
                has_partner[open[partner]] = true;
                has_partner[at] = true;
                open.truncate(partner);
            }
        }
    }
    for (at, &c) in line.iter().enumerate() {
        let is_alone = (is_opener(c) || is_closer(c)) && !has_partner[at];
        let is_repeated = is_single(c) && kept.last() == Some(&c);
        if !is_alone && !is_repeated {
            kept.push(c);
        }
    }
}
