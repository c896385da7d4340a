//! What a line of text may hold.

/// One line of text of at most `longest` characters, without characters that are not seen or turn
/// the direction of writing: they make one name look like another, and a line break in a name
/// would break the header of a mail.
pub fn line_of_text(typed: &str, longest: usize, missing: &str) -> Result<String, String> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(missing.to_owned());
    }
    if text.chars().any(is_unseen) {
        return Err("This contains characters that cannot be seen. Type it again.".to_owned());
    }
    if text.chars().count() > longest {
        return Err(format!("Use at most {longest} characters."));
    }
    Ok(text.to_owned())
}

/// Several lines of text of at most `longest` characters, or none; the same characters are refused.
/// Browsers send lines apart by two characters; one is stored.
pub fn block_of_text(typed: &str, longest: usize) -> Result<String, String> {
    let text = typed.trim().replace("\r\n", "\n").replace('\r', "\n");
    if text.chars().any(|character| !matches!(character, '\n' | '\t') && is_unseen(character)) {
        return Err("This contains characters that cannot be seen. Type it again.".to_owned());
    }
    if text.chars().count() > longest {
        return Err(format!("Use at most {longest} characters."));
    }
    Ok(text)
}

/// One line of text that may be left out.
pub fn optional_line(typed: &str, longest: usize) -> Result<String, String> {
    if typed.trim().is_empty() { Ok(String::new()) } else { line_of_text(typed, longest, "") }
}

/// A few sentences of at most `longest` characters, as one line: line breaks become spaces.
pub fn sentences(typed: &str, longest: usize, missing: &str) -> Result<String, String> {
    let folded = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    line_of_text(&folded, longest, missing)
}

/// A name in the form in which it is searched and sorted: what `lower()` makes of it differs
/// between the engines.
pub fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// Control characters, line and paragraph separators, zero-width and direction marks.
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_holds_no_hidden_characters() {
        let line = |typed: &str| line_of_text(typed, 100, "Enter a name.");
        assert_eq!(line(" Zoë Ångström-O'Neil ").unwrap(), "Zoë Ångström-O'Neil");
        for wrong in ["", "   ", "a\nb", "Ada\u{202E}nimda", "zero\u{200B}width", "tab\tbed"] {
            assert!(line(wrong).is_err(), "{wrong:?}");
        }
        assert!(line(&"n".repeat(101)).is_err());
    }
}
