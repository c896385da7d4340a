//! Many addresses in one field, as people paste them: from the address line of a mail program, with
//! quoted names and groups (RFC 5322, 3.4), as links, one per line, or as cells of a spreadsheet.

use std::collections::HashSet;

use super::mailbox_list::{Piece, pieces};
use crate::platform::email::EmailAddress;

/// The most addresses at once.
pub const MOST: usize = 100;

/// One typed address, and the result of parsing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The address as typed, without a name; or the whole text if it is not an address.
    pub text: String,
    /// The address, or what is wrong with it.
    pub address: Result<EmailAddress, String>,
}

/// The addresses in `text`, in their order, without duplicates.
pub fn parse(text: &str) -> Vec<Typed> {
    let mut found = Vec::new();
    let mut known = HashSet::new();
    for piece in pieces(text) {
        let typed = match piece {
            Piece::Address(text) => Typed { address: text.parse(), text },
            Piece::Other(text) => {
                let address = Err(text.parse::<EmailAddress>().err().unwrap_or_default());
                Typed { text, address }
            }
        };
        let canonical = match &typed.address {
            Ok(address) => address.to_string(),
            Err(_) => typed.text.clone(),
        };
        if known.insert(canonical) {
            found.push(typed);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn good(text: &str) -> Vec<String> {
        parse(text).into_iter().map(|t| t.address.expect(&t.text).to_string()).collect()
    }

    fn wrong(text: &str) -> Vec<String> {
        parse(text).into_iter().filter(|t| t.address.is_err()).map(|t| t.text).collect()
    }

    #[test]
    fn addresses_are_found_however_they_are_pasted() {
        let text = "ada@example.test, Grace Hopper <grace@example.test>;\nADA@example.test b@c.test d@e.test";
        assert_eq!(good(text), ["ada@example.test", "grace@example.test", "b@c.test", "d@e.test"]);
    }

    #[test]
    fn names_next_to_addresses_are_no_addresses() {
        for text in [
            "\"Doe, Jane\" <jane@x.test>; bo@x.test",
            "Doe, Jane <jane@x.test>; Smith, Bo B. <bo@x.test>",
            "Doe, Jane <jane@x.test>, Smith, Bo <bo@x.test>,",
            "“Doe, Jane” <jane@x.test>，'bo@x.test'",
            "\"Doe \\\"JD\\\", Jane\" <jane@x.test>, \"bo@x.test\" <bo@x.test>",
            "jane@x.test <jane@x.test>; 'bo@x.test' <bo@x.test>",
            "jane@x.test<mailto:jane@x.test>; <mailto:bo@x.test>",
            "mailto:jane@x.test?subject=Hi%20you; MAILTO:bo%40x.test",
            "mailto:jane@x.test,bo@x.test",
            "[jane@x.test](mailto:jane@x.test) [Bo](mailto:bo@x.test)",
            "Team: Jane <jane@x.test>, bo@x.test; Nobody:;",
            "To: jane@x.test; Cc: bo@x.test",
            "Jane Doe (work, mostly) <jane@x.test>, bo@x.test (Bo)",
            "- jane@x.test\r\n- bo@x.test\r\n",
            "1. Jane Doe jane@x.test\n2. Bo bo@x.test.",
            "\u{FEFF}\u{202A}jane@x.test\u{202C}；\u{200B}bo@x.test",
            "jane＠x.test、bo＠x.test",
            "jane@x.test;bo@x.test;jane@X.TEST",
            "\"jane@x.test\nbo@x.test\"",
            "Jane <jane@x.test\nBo <bo@x.test",
            "First\tLast\tMail\tPhone\nJane\tDoe\tjane@x.test\t555.0100\nBo\t\tbo@x.test\t\n",
            "Name,Mail\n\"Doe, Jane\",jane@x.test\nBo,bo@x.test",
            "Doe;Jane;jane@x.test\nSmith;Bo;bo@x.test\n",
            "\"jane@x.test\",\"bo@x.test\"",
        ] {
            assert_eq!(good(text), ["jane@x.test", "bo@x.test"], "{text}");
        }
    }

    #[test]
    fn every_way_to_write_a_person_goes_with_every_separator() {
        let ways = [
            "ADDRESS",
            "<ADDRESS>",
            "Jane <ADDRESS>",
            "Jane Doe<ADDRESS>",
            "Doe, Jane <ADDRESS>",
            "Doe, Jane, MD <ADDRESS>",
            "\"Doe, Jane; MD\" <ADDRESS>",
            "“Doe, Jane” <ADDRESS>",
            "'ADDRESS' <ADDRESS>",
            "\"ADDRESS\" <ADDRESS>",
            "ADDRESS <mailto:ADDRESS>",
            "mailto:ADDRESS?subject=a%20b",
            "ADDRESS (Doe, Jane)",
            "'ADDRESS'",
            "Doe Jane [Sales, West] <ADDRESS>",
            "山田、太郎 <ADDRESS>",
            "O'Neil, Bo <ADDRESS>",
            "\u{200B}ADDRESS\u{FEFF}",
        ];
        let separators = [
            ",", ", ", ";", "; ", ";\r\n", "\n", "\r\n\r\n", "，", "；", "、", " ;\t", "\t", ",\n ",
        ];
        for first in ways {
            for second in ways {
                for separator in separators {
                    let (first, second) = (
                        first.replace("ADDRESS", "a@x.test"),
                        second.replace("ADDRESS", "b@x.test"),
                    );
                    let text = format!("{first}{separator}{second}{separator}");
                    assert_eq!(good(&text), ["a@x.test", "b@x.test"], "{text:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_address_is_kept_whole_with_its_reason() {
        let found = parse("ada@example.test nonsense");
        assert_eq!(found[1].text, "nonsense");
        assert!(found[1].address.is_err());
        assert!(parse(" \n ,; ").is_empty());
        for (text, expected) in [
            ("Jane Doe; bo@x.test", vec!["Jane Doe"]),
            ("Doe, Jane; Smith, Al; bo@x.test", vec!["Doe, Jane", "Smith, Al"]),
            ("\"Doe, Jane\", bo@x.test", vec!["Doe, Jane"]),
            ("jane.x.test, bo@x.test", vec!["jane.x.test"]),
            ("jane.x.test bo@x.test", vec!["jane.x.test"]),
            ("\"a b\"@x.test, bo@x.test", vec!["\"a b\"@x.test"]),
            ("\"Doe, Jane\" <jane@x>, bo@x.test", vec!["jane@x"]),
            ("Jane\tDoe\nBo\tSmith\tbo@x.test\nA\tB", vec!["A B"]),
            ("@jane bo@x.test", vec!["@jane"]),
            ("https://x.test/a@b bo@x.test", vec!["https://x.test/a@b"]),
            ("a@127.0.0.1 bo@x.test", vec!["a@127.0.0.1"]),
        ] {
            assert_eq!(wrong(text), expected, "{text}");
            let found = parse(text).into_iter().filter_map(|typed| typed.address.ok());
            assert!(
                found.map(|found| found.to_string()).any(|found| found == "bo@x.test"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_hundred_people_are_a_hundred_addresses() {
        let rows = |row: fn(usize) -> String| (0..100).map(row).collect::<Vec<_>>();
        for text in [
            rows(|n| format!("Doe {n}, Jane <jane{n}@x.test>")).join("; "),
            rows(|n| format!("\"Doe {n}, Jane\" <jane{n}@x.test>")).join(", "),
            rows(|n| format!("Jane {n} Doe\tjane{n}@x.test\tSales, West")).join("\r\n"),
        ] {
            assert_eq!(good(&text).len(), 100);
        }
    }

    #[test]
    fn nothing_that_is_pasted_takes_long() {
        for piece in ["<", "\"", "(", "a@b,", "a:", "\\\"", "'a@", "(\"<", "@ ", "a\t", "x \n"] {
            parse(&piece.repeat(30_000 / piece.len()));
        }
    }
}
