//! Builds a file in the MaxMind DB format with one network, byte by byte.

use std::net::Ipv4Addr;

/// A file that only knows the city and country of `network`/24.
pub fn places_file(network: Ipv4Addr, city: &str, country: &str) -> Vec<u8> {
    const BITS: u32 = 24;
    // A node for each bit: one branch continues and finally leads to the data; the other has the
    // number of nodes, which means that nothing is known.
    let mut file = Vec::new();
    for bit in 0..BITS {
        let onward = if bit + 1 == BITS { BITS + 16 } else { bit + 1 };
        let is_right = u32::from(network) >> (31 - bit) & 1 == 1;
        let (left, right) = if is_right { (BITS, onward) } else { (onward, BITS) };
        file.extend_from_slice(&left.to_be_bytes()[1..]);
        file.extend_from_slice(&right.to_be_bytes()[1..]);
    }
    file.extend_from_slice(&[0; 16]);
    let named = |name: &str| map(&[("names", map(&[("en", text(name))]))]);
    file.extend(map(&[("city", named(city)), ("country", named(country))]));
    file.extend_from_slice(b"\xAB\xCD\xEFMaxMind.com");
    file.extend(map(&[
        ("binary_format_major_version", number(5, 2)),
        ("binary_format_minor_version", number(5, 0)),
        ("build_epoch", number(9, 1_790_000_000)),
        ("database_type", text("Test-City")),
        ("description", map(&[("en", text("For tests"))])),
        ("ip_version", number(5, 4)),
        ("languages", vec![0, 4]),
        ("node_count", number(6, BITS)),
        ("record_size", number(5, 24)),
    ]));
    file
}

/// A map: its type and number of pairs, followed by the pairs.
fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![7 << 5 | pairs.len() as u8];
    for (name, value) in pairs {
        bytes.extend(text(name));
        bytes.extend(value);
    }
    bytes
}

/// A text of less than 29 bytes.
fn text(text: &str) -> Vec<u8> {
    assert!(text.len() < 29, "{text}");
    [&[2 << 5 | text.len() as u8], text.as_bytes()].concat()
}

/// A number of this type: 5 and 6 have two and four bytes, 9 has eight.
fn number(kind: u8, number: u32) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    match kind {
        5 => [&[5 << 5 | 2], &bytes[2..]].concat(),
        6 => [&[6 << 5 | 4], &bytes[..]].concat(),
        // Types above 7 take a byte of their own.
        kind => [&[4, kind - 7][..], &bytes].concat(),
    }
}
