//! Which encoding of a body a client takes: `Accept-Encoding`, as RFC 9110 describes it.

use axum::http::header::ACCEPT_ENCODING;
use axum::http::{HeaderMap, HeaderValue};

/// An encoding that makes a body shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Only for what is compressed beforehand: at its best it takes its time.
    Brotli,
    /// What every client knows.
    Gzip,
}

impl Encoding {
    /// Its name in headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// Its name as a header.
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }
}

/// Which of the encodings that are offered, the best first, a client prefers; `None` if it takes
/// none of them, or would rather have the body as it is.
pub(super) fn preferred(headers: &HeaderMap, offered: &[Encoding]) -> Option<Encoding> {
    let mut best = None;
    // A client that does not mention the body as it is takes it if there is nothing better.
    let mut most = weight(headers, "identity", false).unwrap_or_default();
    for encoding in offered {
        let weight = weight(headers, encoding.name(), true).unwrap_or_default();
        if weight > 0 && (weight > most || best.is_none() && weight == most) {
            (best, most) = (Some(*encoding), weight);
        }
    }
    best
}

/// How much the client wants an encoding, in thousandths; `None` if it does not mention it. `*`
/// stands for whatever is not mentioned.
fn weight(headers: &HeaderMap, name: &str, with_others: bool) -> Option<u16> {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let items: Vec<(&str, u16)> = values.flat_map(|value| value.split(',')).map(item).collect();
    let find = |name: &str| {
        let found = items.iter().find(|(item, _)| item.eq_ignore_ascii_case(name));
        found.map(|(_, weight)| *weight)
    };
    find(name).or_else(|| if with_others { find("*") } else { None })
}

/// An encoding and its weight: all of it if none is given, nothing if that cannot be read.
fn item(text: &str) -> (&str, u16) {
    let (name, rest) = text.split_once(';').unwrap_or((text, "q=1"));
    let weight = rest.trim().strip_prefix("q=").or(rest.trim().strip_prefix("Q="));
    (name.trim(), weight.and_then(thousandths).unwrap_or_default())
}

/// A number from 0 to 1 with at most three digits behind the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = format!("{fraction:0<3}").parse().ok().filter(|_| is_number)?;
    match (whole, fraction) {
        ("0", fraction) => Some(fraction),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_decides_and_between_equals_the_order_does() {
        use Encoding::{Brotli, Gzip};
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", Some(Brotli)),
            ("gzip", Some(Gzip)),
            ("GZIP", Some(Gzip)),
            ("br;q=0.5, gzip;q=0.8", Some(Gzip)),
            ("br;q=0, gzip;q=0", None),
            ("br; q=0.001", Some(Brotli)),
            ("*", Some(Brotli)),
            ("*;q=0.3, br;q=0", Some(Gzip)),
            ("identity, gzip;q=0.5", None),
            ("identity;q=0.5, gzip;q=0.5", Some(Gzip)),
            ("identity;q=0", None),
            ("gzip;q=NaN", None),
            ("gzip;q=-1", None),
            ("gzip;q=7", None),
            ("gzip;q=1.000", Some(Gzip)),
            ("gzip;level=9", None),
            ("deflate", None),
            ("", None),
        ] {
            let value = HeaderValue::from_static(accepted);
            let headers = [(ACCEPT_ENCODING, value)].into_iter().collect();
            assert_eq!(preferred(&headers, &[Brotli, Gzip]), expected, "{accepted}");
        }
        assert_eq!(preferred(&HeaderMap::new(), &[Brotli, Gzip]), None);
    }
}
