//! Files for spreadsheets: CSV that they read as Unicode, and in which nothing is taken for a formula.

use crate::platform::error::{AppError, Result};

/// The media type.
pub const CONTENT_TYPE: &str = "text/csv; header=present; charset=utf-8";

/// The beginning of a file: a mark by which spreadsheets read it as Unicode, and the headings.
pub fn beginning(headings: &[&str]) -> Result<Vec<u8>> {
    let mut beginning = "\u{FEFF}".as_bytes().to_vec();
    beginning.extend(line(headings.iter().map(|heading| (*heading).to_owned()))?);
    Ok(beginning)
}

/// A line of a file.
pub fn line(cells: impl IntoIterator<Item = String>) -> Result<Vec<u8>> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let cells = cells.into_iter().map(|cell| safe(&cell));
    writer.write_record(cells).map_err(|error| AppError::Internal(Box::new(error)))?;
    writer.into_inner().map_err(|error| AppError::internal(error.to_string()))
}

/// Changes a text so that no spreadsheet takes it for a formula.
fn safe(text: &str) -> String {
    let text = text.replace('\0', "");
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{beginning, line, safe};

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\0=1"] {
            assert!(safe(formula).starts_with('\''), "{formula:?}");
        }
        assert_eq!(safe("Ada\0 = Lovelace"), "Ada = Lovelace");
    }

    #[test]
    fn cells_with_commas_and_quotes_are_quoted() {
        let cells = ["Ada, \"the first\"", "x"].map(str::to_owned);
        assert_eq!(line(cells).unwrap(), b"\"Ada, \"\"the first\"\"\",x\r\n");
        assert_eq!(beginning(&["name"]).unwrap(), "\u{FEFF}name\r\n".as_bytes());
    }
}
