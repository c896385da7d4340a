//! Marks of direction: kept where something is written from the right, and in pairs.

use super::tables::is_right_to_left;

/// The text with marks of direction that are of use and closed within their line: what is around
/// it must not be turned by it. None is of use in a text that is written from the left alone, as in
/// a telephone number that was copied from an address book.
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

/// Has a direction by itself and changes nothing around it.
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
            // Whatever was opened in between stays open, and goes.
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
