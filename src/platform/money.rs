//! Amounts of money, in hundredths of a currency: formatting and parsing.

/// The largest amount that can be entered, in hundredths.
const MOST: i64 = 1_000_000_000_000;

/// Formats an amount in hundredths for people, with its thousands separated: `12 500.00`.
pub fn shown(cents: i64) -> String {
    let (sign, whole, rest) = parts(cents);
    let whole = whole.to_string();
    let mut text = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push('\u{202F}');
        }
        text.push(digit);
    }
    format!("{text}.{rest:02}")
}

/// Formats an amount in hundredths for a form field: `12500.00`.
pub fn plain(cents: i64) -> String {
    let (sign, whole, rest) = parts(cents);
    format!("{sign}{whole}.{rest:02}")
}

/// The sign, the whole units and the hundredths. The sign is separate because -0.50 has no negative
/// part without it.
fn parts(cents: i64) -> (&'static str, u64, u64) {
    let sign = if cents < 0 { "-" } else { "" };
    (sign, cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// Parses an optional amount into hundredths: digits, with spaces between thousands and at most two
/// decimals; `None` for empty text.
///
/// # Errors
/// A message for the person who typed it.
pub fn amount(typed: &str) -> Result<Option<i64>, String> {
    let wrong = || "Enter an amount, for example 12500 or 12500.50.".to_owned();
    let text: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((&text, ""));
    let are_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 12
        || decimals.len() > 2
        || !are_digits(whole)
        || !are_digits(decimals)
    {
        return Err(wrong());
    }
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    let cents: i64 = format!("{decimals:0<2}").parse().map_err(|_| wrong())?;
    let amount = whole * 100 + cents;
    if amount <= MOST { Ok(Some(amount)) } else { Err("This amount is too large.".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_their_thousands_apart() {
        for (cents, expected) in [
            (0, "0.00"),
            (5, "0.05"),
            (-5, "-0.05"),
            (-150, "-1.50"),
            (12_345_605, "123\u{202F}456.05"),
            (-12_345_605, "-123\u{202F}456.05"),
            (100_000_000, "1\u{202F}000\u{202F}000.00"),
            (i64::MIN, "-92\u{202F}233\u{202F}720\u{202F}368\u{202F}547\u{202F}758.08"),
        ] {
            assert_eq!(shown(cents), expected);
        }
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        assert_eq!(amount(" "), Ok(None));
        assert_eq!(amount("12 500"), Ok(Some(1_250_000)));
        assert_eq!(amount("12500,5"), Ok(Some(1_250_050)));
        assert_eq!(amount("0.05"), Ok(Some(5)));
        for wrong in ["-1", "1e9", "1.234", "a", ".5", "99999999999999", "20000000000"] {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
    }

    /// Amounts of every length and either sign, identical in every run.
    fn samples() -> impl Iterator<Item = i64> {
        let edges = [i64::MIN, i64::MAX, -100, -99, -1, 0, 1, 99, 100, MOST - 1, MOST];
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let random = (0..20_000).map(move |round: u32| {
            // Xorshift.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state as i64) >> (round % 64)
        });
        edges.into_iter().chain(random)
    }

    #[test]
    fn what_is_written_is_the_amount_and_is_read_as_it() {
        for cents in samples() {
            for text in [shown(cents), plain(cents)] {
                let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                let (whole, rest) = text.split_once('.').unwrap();
                assert_eq!(rest.len(), 2, "{text}");
                let number: i128 = format!("{whole}{rest}").parse().unwrap();
                assert_eq!(number, i128::from(cents), "{text}");
                let is_typed = (0..=MOST).contains(&cents);
                assert_eq!(amount(&text).ok().flatten(), is_typed.then_some(cents), "{text}");
            }
        }
    }
}
