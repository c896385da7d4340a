use super::tables::to_digit;
use super::*;

fn line(typed: &str) -> Result<String, String> {
    line_of_text(typed, 100, "Enter a name.")
}

/// Names and words whose spelling contains invisible characters.
const SPELLED: &[&str] = &[
    "👩‍💻",
    "👩🏽‍🚀 👨‍👩‍👧‍👦",
    "🏳️‍🌈 ❤️‍🔥 🐦‍⬛",
    "1️⃣ ☎︎",
    "🇩🇪",
    "🏴\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}",
    "می‌خواهم",
    "ه\u{200D}",
    "ක්‍රියා ශ්‍රී ලංකා",
    "ന്‍ അവന്‍ വരും",
    "क्‍ष क्‌ष",
    "র‌্য র‍্যাব",
    "ರ‍್ಕ",
    "ᠠ\u{180B}",
    "ភាសា\u{200B}ខ្មែរ",
    "葛\u{E0100}城",
    "C++\u{200E} דוגמה",
    "⠁⠀⠃",
];

#[test]
fn a_line_is_trimmed_and_says_where_something_is_wrong() {
    assert_eq!(line(" Zoë Ångström-O'Neil ").unwrap(), "Zoë Ångström-O'Neil");
    assert_eq!(line("\u{A0}Ada\tLovelace").unwrap(), "Ada Lovelace");
    let wrong = |typed: &str| line(typed).unwrap_err();
    assert_eq!(
        wrong("Ada\u{202E}nimda"),
        "Character 4, after “Ada”, is invisible and reverses the direction of the text (U+202E). \
         Remove it."
    );
    assert_eq!(
        wrong("The whole sentence\0"),
        "Character 19, after “…ole sentence”, is a control character (U+0000). Remove it."
    );
    assert_eq!(wrong("a\nb"), "Character 2, after “a”, is a line break. Use one line.");
    assert_eq!(
        block_of_text("one\r\ntwo\u{7}", 100).unwrap_err(),
        "Line 2, character 4, after “two”, is a control character (U+0007). Remove it."
    );
    assert_eq!(wrong(&"n".repeat(101)), "Use up to 100 characters.");
}

#[test]
fn what_a_script_or_an_emoji_needs_is_kept() {
    for text in SPELLED {
        assert_eq!(line(text).as_deref(), Ok(*text), "{}", text.escape_unicode());
        assert_eq!(block_of_text(text, 100).as_deref(), Ok(*text), "{}", text.escape_unicode());
    }
}

#[test]
fn what_is_invisible_and_does_nothing_is_dropped() {
    for (typed, kept) in [
        ("\u{FEFF}Ada", "Ada"),
        ("Ver\u{AD}trag", "Vertrag"),
        ("zero\u{200B}width", "zerowidth"),
        ("A\u{200D}da\u{200C}", "Ada"),
        ("Ada\u{3164}", "Ada"),
        ("Ada\u{FE0F}\u{180B}\u{E0041}", "Ada"),
        ("می\u{200C}\u{200C}خواهم", "می\u{200C}خواهم"),
        ("\u{202A}+1 555 0100\u{202C}", "+1 555 0100"),
        ("\u{2067}שלום", "שלום"),
        ("שלום\u{2069} \u{2067}שלום\u{2069}", "שלום \u{2067}שלום\u{2069}"),
        ("Ada\u{200F}", "Ada"),
        ("e\u{301}", "é"),
    ] {
        assert_eq!(line(typed).as_deref(), Ok(kept), "{}", typed.escape_unicode());
    }
    assert_eq!(block_of_text("a\u{2028}b\r\rc\u{FFFC}", 9).unwrap(), "a\nb\n\nc");
}

#[test]
fn a_name_shows_something() {
    for blank in [
        "",
        " ",
        "\u{3164}",
        "\u{2800}",
        "\u{180B}",
        "\u{200B}",
        "\u{115F}\u{1160}",
        "\u{AD}",
        "\u{301}",
        "\u{A0}\u{3000}",
        "\u{E0041}",
        "\u{200F}",
        "\u{FE0F}\u{200D}",
        "\u{34F}",
        "\u{1D159}",
        "\u{13430}",
        "\u{FFFE}",
        "\u{378}",
    ] {
        let refused = line(blank);
        assert_eq!(refused, Err("Enter a name.".to_owned()), "{}", blank.escape_unicode());
    }
    assert_eq!(optional_line("\u{3164}", 9).unwrap(), "");
}

#[test]
fn what_is_stored_is_stored_as_it_is_when_it_is_typed_again() {
    let pieces = [
        "a",
        "e\u{301}",
        "\u{200D}",
        "\u{200C}",
        "👩",
        "💻",
        "\u{FE0F}",
        "\u{1F3FD}",
        "م",
        "ی",
        "क",
        "\u{94D}",
        "\u{2067}",
        "\u{2069}",
        "\u{202A}",
        "\u{202C}",
        "\u{200F}",
        "\n",
        " ",
        "\u{2800}",
        "\u{2801}",
        "\u{3164}",
        "\u{1160}",
        "\u{1100}",
        "\u{1161}",
        "ភ",
        "\u{200B}",
        "\u{AD}",
        "ᠠ",
        "\u{180B}",
        "\u{34F}",
        "\u{301}",
        "\u{E0067}",
        "\u{E007F}",
        "\u{1F3F4}",
        "1",
        "\u{20E3}",
        "İ",
        "ﬁ",
        "ß",
        "ı",
        "\u{307}",
        "’",
        "\u{1E9E}",
        "\u{345}",
        "\u{212A}",
    ];
    // A fixed seed, so that every run uses the same numbers.
    let mut state = 1_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..6 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        let stored = block_of_text(&text, 100).unwrap();
        let shown = text.escape_unicode();
        assert_eq!(block_of_text(&stored, 100).as_ref(), Ok(&stored), "{shown}");
        assert_eq!(key(&key(&text)), key(&text), "{shown}");
    }
}

#[test]
fn ways_to_write_one_text_have_one_key() {
    for (one, other) in [
        ("Straße", "STRASSE"),
        ("ﬁrma", "Firma"),
        ("İstanbul", "istanbul"),
        ("ISPARTA", "ısparta"),
        ("O’Neil", "o'neil"),
        ("OʼNeil", "O'NEIL"),
        ("Acme\u{A0}Ltd", "acme  ltd"),
        ("Zoe\u{308}", "zoë"),
        ("ＡＣＭＥ　１２", "acme 12"),
        ("ΟΔΟΣ", "οδος"),
        ("می\u{200C}خواهم", "میخواهم"),
        ("Jean‑Luc – x", "jean-luc - X"),
        ("ｶﾞ", "ガ"),
        ("\u{1E9E}", "ss"),
        ("Ver\u{AD}trag", "vertrag"),
    ] {
        assert_eq!(key(one), key(other), "{one} {other}");
        let apart = |text: &str| text.chars().flat_map(folded).collect::<String>();
        if !one.contains('\u{A0}') {
            assert_eq!(apart(one), apart(other), "{one} {other}");
        }
    }
    assert_ne!(key("Zoë"), key("Zoe"));
    assert!(name_key(&"\u{FDFA}".repeat(200)).len() < 2_600);
}

#[test]
fn digits_of_every_script_have_a_value() {
    for zero in ['0', '０', '٠', '۰', '०', '๐', '𝟎', '𝟘', '𝟶'] {
        let digits = (0..10).filter_map(|n| char::from_u32(u32::from(zero) + n));
        assert_eq!(digits.filter_map(to_digit).collect::<Vec<_>>(), (0..10).collect::<Vec<u8>>());
    }
    for typed in
        ["123-456", " 123 456", "１２３　４５６", "١٢٣٤٥٦", "१२३–४५६", "123.456", "\u{200E}123456"]
    {
        assert_eq!(code(typed), "123456", "{typed}");
    }
    assert_eq!("a²Ⅳ-".chars().find_map(to_digit), None);
}
