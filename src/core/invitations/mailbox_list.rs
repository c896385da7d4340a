//! Parses a pasted list of people: where each one is, and which part is the address.

use super::mailbox_tokens::{Token, tokens};

/// Something in the place of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text with an `@`, which may still not be an address.
    Address(String),
    /// Text without one.
    Other(String),
}

/// The most parts of a name that commas separate, as in `Doe, Jane, MD <jane@example.org>`.
const NAME_PARTS: usize = 3;

/// The parts of `text`, in their order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut reader = Reader::default();
    for row in rows(tokens(text)) {
        row.into_iter().for_each(|token| reader.take(token));
        reader.end();
    }
    reader.pieces
}

#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    /// The tokens since the last comma.
    current: Vec<Token>,
    /// The parts before it, which may be the beginning of a name.
    held: Vec<Vec<Token>>,
}

impl Reader {
    fn take(&mut self, token: Token) {
        match token {
            Token::Comma if is_address(&self.current) => self.end(),
            Token::Comma => {
                let part = std::mem::take(&mut self.current);
                self.held.extend((!part.is_empty()).then_some(part));
            }
            Token::Semicolon | Token::Newline | Token::Tab => self.end(),
            // The text before it is the name of a group.
            Token::Colon => {
                self.current.clear();
                self.held.clear();
            }
            Token::Angle(address) => self.named(&address),
            Token::Word(_) | Token::Quoted(_) => self.current.push(token),
        }
    }

    /// An address in angle brackets: the text before it is a name.
    fn named(&mut self, address: &str) {
        let is_name = |part: &Vec<Token>| !is_address(part) && !part.iter().any(is_attempt);
        if self.held.len() >= NAME_PARTS || !self.held.iter().all(is_name) {
            self.end_held();
        }
        self.held.clear();
        let current = std::mem::take(&mut self.current);
        // Some programs use the address as the name, too.
        if current.len() > 1 {
            let address = bare(address);
            let is_other = |token: &&Token| matches!(token, Token::Word(word) if word.contains('@') && bare(word) != address);
            for token in current.iter().filter(is_other) {
                self.pieces.push(Piece::Address(bare(&token.text())));
            }
        }
        self.pieces.push(match bare(address) {
            address if address.contains('@') => Piece::Address(address),
            other => Piece::Other(other),
        });
    }

    fn end(&mut self) {
        let current = std::mem::take(&mut self.current);
        self.held.extend((!current.is_empty()).then_some(current));
        self.end_held();
    }

    /// Parts without an address stay together: they may be one name.
    fn end_held(&mut self) {
        let mut name: Vec<String> = Vec::new();
        for part in std::mem::take(&mut self.held) {
            if is_address(&part) || part.iter().any(is_attempt) {
                self.other(&std::mem::take(&mut name).join(", "));
                self.segment(part);
            } else {
                name.push(words(&part));
            }
        }
        self.other(&name.join(", "));
    }

    fn other(&mut self, text: &str) {
        if text.chars().any(char::is_alphanumeric) {
            self.pieces.push(Piece::Other(text.to_owned()));
        }
    }

    /// Words without brackets: addresses separated by spaces, with or without names before them.
    fn segment(&mut self, mut tokens: Vec<Token>) {
        // A spreadsheet cell may contain several addresses in quotes.
        if let [Token::Quoted(inside)] = tokens.as_slice()
            && inside.contains('@')
        {
            tokens = super::mailbox_tokens::words(inside);
        }
        let last = tokens.iter().rposition(|token| is_address(std::slice::from_ref(token)));
        let rest = tokens.split_off(last.map_or(0, |last| last + 1));
        for token in tokens {
            if is_address(std::slice::from_ref(&token)) {
                self.pieces.push(Piece::Address(bare(&token.text())));
            } else if is_attempt(&token) {
                self.pieces.push(Piece::Other(token.text()));
            }
        }
        self.other(&words(&rest));
    }
}

fn words(tokens: &[Token]) -> String {
    tokens.iter().map(Token::text).collect::<Vec<_>>().join(" ")
}

/// The lines. In tables, only the cells with an address: cells are separated by tabs in a
/// spreadsheet, and by commas or semicolons in a file.
fn rows(tokens: Vec<Token>) -> Vec<Vec<Token>> {
    let lines = tokens.split(|token| *token == Token::Newline);
    let lines: Vec<&[Token]> = lines.filter(|line| !line.is_empty()).collect();
    let column = |separator| column_of_addresses(&lines, separator).map(|at| (separator, at));
    if let Some((separator, column)) = column(&Token::Comma).or(column(&Token::Semicolon)) {
        let cells = lines.iter().filter_map(|line| line.split(|t| t == separator).nth(column));
        return cells.filter(|cell| has_address(cell)).map(<[Token]>::to_vec).collect();
    }
    let is_row = |line: &[Token]| line.contains(&Token::Tab);
    let has_rows = lines.iter().any(|line| is_row(line) && has_address(line));
    let cells = |line: &[Token]| {
        let cells: Vec<&[Token]> = line.split(|token| *token == Token::Tab).collect();
        match has_address(line) {
            true => cells.into_iter().filter(|cell| has_address(cell)).collect::<Vec<_>>(),
            false => cells,
        }
        .join(if has_address(line) { &[Token::Semicolon][..] } else { &[][..] })
    };
    // The first row may be a heading.
    let is_heading = |(number, line): &(usize, &&[Token])| {
        *number == 0 && has_rows && is_row(line) && !has_address(line)
    };
    let lines = lines.iter().enumerate().filter(|line| !is_heading(line));
    lines.map(|(_, line)| if is_row(line) { cells(line) } else { line.to_vec() }).collect()
}

/// The column with the addresses, if the lines form a table with exactly one.
fn column_of_addresses(lines: &[&[Token]], separator: &Token) -> Option<usize> {
    let cells = |line: &[Token]| {
        line.split(|token| token == separator).map(<[Token]>::to_vec).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<Vec<Token>>> = lines.iter().map(|line| cells(line)).collect();
    let (first, rest) = rows.split_first()?;
    let column = |row: &[Vec<Token>]| row.iter().position(|cell| has_address(cell));
    let wanted = column(rest.first()?)?;
    let is_alike = |row: &Vec<Vec<Token>>| {
        let is_right = |(at, cell): (usize, &Vec<Token>)| match at == wanted {
            true => {
                matches!(cell.as_slice(), [Token::Word(_) | Token::Quoted(_)]) && has_address(cell)
            }
            false => !has_address(cell) && !cell.iter().any(is_attempt),
        };
        row.len() == first.len() && row.iter().enumerate().all(is_right)
    };
    let begins_well = is_alike(first) || column(first).is_none();
    (first.len() > 1 && begins_well && rest.iter().all(is_alike)).then_some(wanted)
}

fn has_address(tokens: &[Token]) -> bool {
    is_address(tokens) || tokens.iter().any(|token| matches!(token, Token::Angle(_)))
}

fn is_address(tokens: &[Token]) -> bool {
    tokens
        .iter()
        .any(|token| matches!(token, Token::Word(text) | Token::Quoted(text) if text.contains('@')))
}

/// Whether an address was probably meant: `jane.example.org`.
fn is_attempt(token: &Token) -> bool {
    let Token::Word(word) = token else { return false };
    word.rsplit_once('.').is_some_and(|(before, after)| {
        !before.is_empty() && after.chars().count() > 1 && after.chars().all(char::is_alphabetic)
    })
}

/// The address in `text`, without the punctuation around it.
fn bare(text: &str) -> String {
    const AROUND: &[char] = &[
        '\'', '"', '‘', '’', '“', '”', '„', '«', '»', '<', '>', '[', ']', '(', ')', '{', '}', '*',
    ];
    let text = text.trim();
    // Such quotes are part of the address, which is of a kind that is refused.
    if text.starts_with('"') && text.contains("\"@") {
        return text.to_owned();
    }
    text.trim_matches(AROUND).trim_end_matches(['.', '!', '?', ':']).to_owned()
}
