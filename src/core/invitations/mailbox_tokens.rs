//! Splits a list of addresses into words, quoted texts and separators.

use percent_encoding::percent_decode_str;

use crate::platform::text::is_invisible;

/// A part of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Text between spaces.
    Word(String),
    /// Quoted text, without the quotes.
    Quoted(String),
    /// The text in angle brackets.
    Angle(String),
    /// Separates addresses, or the parts of a name.
    Comma,
    /// Separates addresses, or ends a group.
    Semicolon,
    Newline,
    /// Separates the cells of a spreadsheet.
    Tab,
    /// Follows the name of a group.
    Colon,
}

impl Token {
    /// Its text.
    pub fn text(&self) -> String {
        match self {
            Self::Word(text) | Self::Quoted(text) | Self::Angle(text) => text.clone(),
            Self::Comma | Self::Semicolon | Self::Newline | Self::Tab | Self::Colon => {
                String::new()
            }
        }
    }
}

/// Splits `text` into tokens.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let text: Vec<char> = text.replace("\r\n", "\n").chars().filter_map(plain).collect();
    let mut scanner = Scanner { text, at: 0, tokens: Vec::new(), word: String::new() };
    scanner.scan();
    join(scanner.tokens)
}

/// The words of a cell, which may contain several addresses.
pub(super) fn words(text: &str) -> Vec<Token> {
    let is_apart = |c: char| c.is_whitespace() || ",;".contains(c);
    let words = text.split(is_apart).filter(|word| !word.is_empty());
    words.map(|word| Token::Word(word.to_owned())).collect()
}

/// The plain form of characters that keyboards and programs vary; `None` for invisible ones without
/// meaning. Direction overrides are kept, and refused later.
fn plain(c: char) -> Option<char> {
    Some(match c {
        '＠' | '﹫' => '@',
        '＜' | '〈' | '﹤' => '<',
        '＞' | '〉' | '﹥' => '>',
        '：' | '﹕' => ':',
        '，' | '、' | '､' | '﹐' | '﹑' | '،' => ',',
        '；' | '﹔' | '؛' => ';',
        '＂' => '"',
        '（' => '(',
        '）' => ')',
        '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\n' | '\t' | '\u{202D}' | '\u{202E}' => c,
        c if c.is_whitespace() => ' ',
        c if is_invisible(c) && !c.is_control() => return None,
        c => c,
    })
}

struct Scanner {
    text: Vec<char>,
    at: usize,
    tokens: Vec<Token>,
    word: String,
}

impl Scanner {
    fn scan(&mut self) {
        while let Some(&c) = self.text.get(self.at) {
            let is_start = self.word.is_empty();
            match c {
                '"' | '“' | '„' | '«' if is_start && self.quoted(c) => {}
                '(' if is_start && self.closing(')', self.at + 1).is_some() => self.comment(),
                '<' => self.angle(),
                ':' if self.ends_group_name() => self.separate(Token::Colon),
                ',' => self.separate(Token::Comma),
                ';' => self.separate(Token::Semicolon),
                '\n' => self.separate(Token::Newline),
                '\t' => self.separate(Token::Tab),
                ' ' => {
                    self.end_word();
                    self.at += 1;
                }
                c => {
                    self.word.push(c);
                    self.at += 1;
                }
            }
        }
        self.end_word();
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.tokens.push(Token::Word(followed(std::mem::take(&mut self.word))));
        }
    }

    fn separate(&mut self, separator: Token) {
        self.end_word();
        self.tokens.push(separator);
        self.at += 1;
    }

    /// The position of `wanted` in this line, from `from` on.
    fn closing(&self, wanted: char, from: usize) -> Option<usize> {
        let line = self.text[from..].iter().take_while(|c| **c != '\n');
        line.take(LONGEST).position(|c| *c == wanted).map(|at| from + at)
    }

    /// Takes the text in quotes if they are closed in this line; returns whether they are.
    fn quoted(&mut self, opening: char) -> bool {
        let is_closing = |c: char| match opening {
            '"' => c == '"',
            '«' => c == '»',
            _ => matches!(c, '”' | '“' | '"'),
        };
        let mut inside = String::new();
        let mut at = self.at + 1;
        while let Some(&c) = self.text.get(at).filter(|c| **c != '\n' && inside.len() < LONGEST) {
            at += 1;
            match (c, self.text.get(at)) {
                ('\\', Some(&escaped)) if escaped != '\n' => {
                    inside.push(escaped);
                    at += 1;
                }
                // The local part of an address may be in quotes.
                (c, Some('@')) if is_closing(c) => {
                    self.word = self.text[self.at..at].iter().collect();
                    self.at = at;
                    return true;
                }
                (c, _) if is_closing(c) => {
                    self.tokens.push(Token::Quoted(inside));
                    self.at = at;
                    return true;
                }
                (c, _) => inside.push(c),
            }
        }
        false
    }

    /// Skips a comment in parentheses, which may contain others.
    fn comment(&mut self) {
        let mut depth = 0;
        let line = self.text[self.at..].iter().take_while(|c| **c != '\n').take(LONGEST);
        let end = line.enumerate().find_map(|(at, c)| {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(at)
        });
        self.at += end.unwrap_or(0) + 1;
    }

    /// Takes the text in angle brackets, up to a separator if they are not closed.
    fn angle(&mut self) {
        self.end_word();
        let from = self.at + 1;
        let is_end = |c: &char| matches!(c, '>' | ',' | ';' | '\n' | '\t' | '<');
        let length = self.text[from..].iter().position(is_end).unwrap_or(self.text.len() - from);
        let inside: String = self.text[from..from + length].iter().collect();
        self.tokens.push(Token::Angle(followed(inside)));
        self.at = from + length + usize::from(self.text.get(from + length) == Some(&'>'));
    }

    /// Whether the colon here follows the name of a group, and is not part of a link.
    fn ends_group_name(&self) -> bool {
        let rest = &self.text[self.at + 1..];
        let is_link = rest.starts_with(&['/', '/']) || self.word.to_lowercase().ends_with("mailto");
        let goes_on = rest.iter().take_while(|c| **c != '\n').take(LONGEST);
        !is_link && !self.word.contains('@') && goes_on.into_iter().any(|c| matches!(c, '@' | ';'))
    }
}

/// The address in a `mailto:` link, without its parameters; any other word unchanged.
fn followed(word: String) -> String {
    const SCHEME: &str = "mailto:";
    let Some(at) = word.to_ascii_lowercase().find(SCHEME) else { return word };
    let address = word[at + SCHEME.len()..].split('?').next().unwrap_or_default();
    percent_decode_str(address).decode_utf8_lossy().into_owned()
}

/// The longest name, comment or address that is recognized, in characters.
const LONGEST: usize = 500;

/// Joins addresses that were typed with spaces around the `@`.
fn join(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match (joined.as_mut_slice(), &token) {
            ([.., Token::Word(before), Token::Word(at)], Token::Word(after)) if at == "@" => {
                before.push('@');
                before.push_str(after);
                joined.pop();
            }
            _ => joined.push(token),
        }
    }
    joined
}
