//! Parses a file of settings as systemd parses an `EnvironmentFile`, except that lines which
//! systemd silently skips are errors.

use std::iter::Peekable;
use std::str::Chars;

/// Parses `text` into names and values, in their order.
///
/// A line is `NAME=VALUE`; blank lines and those that begin with `#` or `;` are skipped. White
/// space around the name and the value is removed. `'…'` is taken literally; in `"…"` a backslash
/// escapes `"`, `\`, `` ` `` and `$`; elsewhere it escapes any character. A backslash at the end of
/// a line continues the line.
///
/// # Errors
/// A message that names the line and says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut reading = Reading { rest: text.chars().peekable(), line: 1 };
    let mut entries = Vec::new();
    while let Some(entry) = reading.entry()? {
        entries.push(entry);
    }
    Ok(entries)
}

struct Reading<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
}

impl Reading<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        if next == Some('\n') {
            self.line += 1;
        }
        next
    }

    /// The next line that is an entry.
    fn entry(&mut self) -> Result<Option<(String, String)>, String> {
        loop {
            match self.rest.peek() {
                None => return Ok(None),
                Some('#' | ';') => self.skip_comment(),
                Some(space) if space.is_whitespace() => {
                    self.next();
                }
                Some(_) => return self.name_and_value().map(Some),
            }
        }
    }

    /// Skips a comment, which continues on the next line after a final backslash.
    fn skip_comment(&mut self) {
        while let Some(character) = self.next() {
            match character {
                '\\' => drop(self.next()),
                '\n' => return,
                _ => {}
            }
        }
    }

    fn name_and_value(&mut self) -> Result<(String, String), String> {
        let line = self.line;
        let mut name = String::new();
        loop {
            match self.next() {
                Some('=') => break,
                Some('\n') | None => return Err(format!("line {line} is not NAME=VALUE")),
                Some(character) => name.push(character),
            }
        }
        let name = name.trim_end().to_owned();
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.starts_with(|first: char| !first.is_ascii_digit());
        if !is_name {
            return Err(format!(
                "line {line}: what comes before = is not a name (letters, digits and _, without \
                 `export`)"
            ));
        }
        Ok((name, self.value(line)?))
    }

    fn value(&mut self, line: usize) -> Result<String, String> {
        let mut value = String::new();
        let unclosed = |quote| format!("line {line}: the value has no closing {quote}");
        loop {
            // A quote is special at the start of a value, and again after a closing quote.
            while self.rest.next_if(|c| *c != '\n' && c.is_whitespace()).is_some() {}
            match self.rest.peek() {
                Some('\'') => {
                    self.next();
                    self.single_quoted(&mut value).ok_or_else(|| unclosed('\''))?;
                }
                Some('"') => {
                    self.next();
                    self.double_quoted(&mut value).ok_or_else(|| unclosed('"'))?;
                }
                None => return Ok(value),
                Some('\n') => {
                    self.next();
                    return Ok(value);
                }
                Some(_) => {
                    self.unquoted(&mut value);
                    return Ok(value);
                }
            }
        }
    }

    fn single_quoted(&mut self, value: &mut String) -> Option<()> {
        loop {
            match self.next()? {
                '\'' => return Some(()),
                character => value.push(character),
            }
        }
    }

    fn double_quoted(&mut self, value: &mut String) -> Option<()> {
        loop {
            match self.next()? {
                '"' => return Some(()),
                '\\' => match self.next()? {
                    '\n' => {}
                    escaped @ ('"' | '\\' | '`' | '$') => value.push(escaped),
                    other => value.extend(['\\', other]),
                },
                character => value.push(character),
            }
        }
    }

    /// Reads to the end of the line, and drops trailing white space.
    fn unquoted(&mut self, value: &mut String) {
        let mut kept = value.len();
        while let Some(character) = self.next() {
            match character {
                '\n' => break,
                '\\' => {
                    if let Some(escaped) = self.next().filter(|escaped| *escaped != '\n') {
                        value.push(escaped);
                        kept = value.len();
                    }
                }
                character => {
                    value.push(character);
                    if !character.is_whitespace() {
                        kept = value.len();
                    }
                }
            }
        }
        value.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lines_are_read_as_systemd_reads_them() {
        for (text, value) in [
            ("A=b", "b"),
            ("A=b c # d", "b c # d"),
            ("  A = b c  \n", "b c"),
            ("A=", ""),
            ("A='b \"c\" \\d'", "b \"c\" \\d"),
            (r#"A="b \"c\" \$ \d""#, r#"b "c" $ \d"#),
            ("A='b' \"c\" d", "bcd"),
            ("A=b\\ c\\\\d\\ ", "b c\\d "),
            ("A=b\\\nc", "bc"),
            ("A=b\"c\"", "b\"c\""),
            ("A=\"b\nc\"", "b\nc"),
            ("\u{feff}# x\r\n; y\r\n\r\nA=b\r\n", "b"),
            ("# x\\\nA=not\nA=b", "b"),
            ("A=postgres://u:p%23@h/d?x=y", "postgres://u:p%23@h/d?x=y"),
        ] {
            let entries = parse(text).unwrap();
            assert_eq!(entries, [("A".to_owned(), value.to_owned())], "{text}");
        }
        let two = parse("A=1\n\nB=2\n").unwrap();
        assert_eq!(two.len(), 2);
        assert_eq!(parse("# nothing\n\n").unwrap(), []);
    }

    #[test]
    fn a_wrong_line_is_named_by_its_number_and_its_value_is_not_repeated() {
        for (text, words) in [
            ("A=b\nsecret\n", "line 2 is not NAME=VALUE"),
            ("\n\nexport A=secret", "line 3: what comes before ="),
            ("1A=secret", "line 1: "),
            ("=secret", "line 1: "),
            ("A=b\nB='secret\n\n", "line 2: the value has no closing '"),
            ("A=b\\\nc\nB=\"secret", "line 3: the value has no closing \""),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(words), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
