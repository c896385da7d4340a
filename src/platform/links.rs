//! Detects and defuses what mail programs and browsers turn into links: addresses of pages and
//! mailboxes, with or without a scheme. A name that becomes a link is bait in an email that looks
//! like ours.

/// Country-code top-level domains.
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi \
    bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk \
    dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt \
    gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw \
    ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw \
    mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re \
    ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj \
    tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

/// Other top-level domains that programs turn into links: the oldest, the largest and those most
/// common in spam. Emails also defuse domains that are missing here.
const OTHERS: &str = "academy agency app art bank beauty best bid bio biz blog business buzz cam \
    capital cards care cash center cfd chat click cloud club codes community company com consulting \
    cyou date delivery design dev digital directory domains download edu education email energy \
    events example exchange expert express finance financial foundation fun fund gift gov group guru \
    health help host icu info ink int invalid investments kim legal life link live loan love ltd \
    market marketing media men mil mobi mom money name net network news ninja one online org page \
    partners party pay pics press pro promo quest racing rest review rocks run sale sbs school \
    science security services shop site social software solutions space store stream studio support \
    systems team tech technology test tips today tools top trade travel vip watch web website win \
    wiki work works world wtf xxx xyz zip zone aero cat coop jobs mov museum phd tel \
    рф рус укр бел срб мкд мон сайт онлайн орг ком москва дети қаз \
    中国 中國 公司 网络 網絡 在线 网址 商城 网店 香港 台湾 台灣 みんな コム ネット 한국 닷컴 भारत \
    مصر السعودية شبكة موقع ישראל";

/// Top-level domains that never end a name, however short the part before them is.
const NEVER_A_NAME: [&str; 3] = ["com", "net", "org"];
/// Short domains that are known as link shorteners and the like.
const SHORTENERS: &str = "g.co j.mp m.me q.gs t.co t.ly t.me";

/// What links begin with, in lower case.
const STARTS: &[&str] =
    &["http:", "https:", "ftp:", "mailto:", "tel:", "javascript:", "data:", "www."];

/// Dots: the ASCII one, and those that a domain may contain instead.
const DOTS: [char; 4] = ['.', '。', '．', '｡'];

/// Whether a program would turn something in `text` into a link.
pub fn holds_link(text: &str) -> bool {
    text.split_whitespace().any(is_link)
}

/// Returns the name unless it contains a link: emails show names to people who know nobody here.
pub fn name_without_link(name: String) -> Result<String, String> {
    match holds_link(&name) {
        true => Err("A name can't contain a web or email address.".to_owned()),
        false => Ok(name),
    }
}

fn is_link(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    word.contains("://")
        || STARTS.iter().any(|start| word.strip_prefix(start).is_some_and(|rest| !rest.is_empty()))
        || is_mail_address(&word)
        || word.split(|c: char| !is_of_host(c)).any(is_domain)
}

/// Whether there is something before an `@` and, after it, something that contains a dot.
fn is_mail_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, host)| {
        let (before, last) = host.rsplit_once(DOTS).unwrap_or_default();
        !local.is_empty() && !before.is_empty() && last.chars().all(char::is_alphabetic)
    })
}

fn is_of_host(character: char) -> bool {
    character.is_alphanumeric() || character == '-' || DOTS.contains(&character)
}

/// Whether the character is a syllable or a word in Chinese, Japanese or Korean.
fn is_syllable(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}

/// Whether `host` looks like a domain name. At least one label before the last dot must have three
/// letters: `Co.KG`, `M.Sc` and `St.Gallen` are names.
fn is_domain(host: &str) -> bool {
    let host = host.trim_matches(DOTS);
    let Some((before, last)) = host.rsplit_once(DOTS) else { return false };
    if NEVER_A_NAME.contains(&last) || SHORTENERS.split(' ').any(|known| known == host) {
        return true;
    }
    // Where each character is a syllable or more, two of them make a word.
    let is_word = |label: &str| {
        let least = if label.chars().any(is_syllable) { 2 } else { 3 };
        label.chars().count() >= least
    };
    let is_long = before.split(DOTS).any(is_word);
    let is_listed = || COUNTRIES.split(' ').chain(OTHERS.split_whitespace()).any(|tld| tld == last);
    is_long && (last.starts_with("xn--") || is_listed())
}

/// `text` changed so that no program turns anything in it into a link, yet it stays readable: a
/// space follows each character that would join two parts of an address.
pub fn defused(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut defused = String::with_capacity(text.len());
    for (number, character) in characters.iter().enumerate() {
        defused.push(*character);
        let before = number.checked_sub(1).and_then(|before| characters.get(before));
        let after = characters.get(number + 1);
        if let (Some(before), Some(after)) = (before, after)
            && joins(*before, *character, *after)
        {
            defused.push(' ');
        }
    }
    defused
}

fn joins(before: char, character: char, after: char) -> bool {
    match character {
        // Numbers and times are not addresses; a decimal point stays as it is.
        _ if DOTS.contains(&character) => before.is_alphanumeric() && after.is_alphabetic(),
        ':' => before.is_alphabetic() && !after.is_whitespace(),
        _ => false,
    }
}

/// The first `longest` characters of `text`, the last of them an ellipsis if the text was longer.
pub fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(longest.saturating_sub(1)).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{defused, holds_link, shortened};

    #[test]
    fn what_programs_make_links_of_is_found_and_names_are_not() {
        for link in [
            "Win a prize at https://evil.example/win",
            "HTTPS://EVIL",
            "www.evil.example",
            "evil.com",
            "Go to (Evil.Com)!",
            "evil。com",
            "evil.xn--p1ai/x",
            "mailto:a@b",
            "ada@example.org",
            "bank.example.co.uk",
            "evil.com/win",
            "user:pass@evil.com:80",
            "a@b.com",
            "a@b.example-unknown.zz",
            "x.com",
            "t.me/win",
            "a.b.c.org",
            "evil.zip",
            "пример.рф",
            "例え.jp",
            "例え.コム",
        ] {
            assert!(holds_link(link), "{link}");
        }
        for name in [
            "Ada Lovelace",
            "ada.lovelace",
            "J.R.R. Tolkien",
            "Müller GmbH & Co.KG",
            "St.Gallen",
            "Grace Hopper, M.Sc",
            "Acme, Inc.",
            "Node.js friends",
            "No.5",
            "Version 2.0",
            "=?utf-8?q?x?= <b>Acme</b>, Inc.",
            "24/7 Support",
            "Re:Zero",
            "www",
        ] {
            assert!(!holds_link(name), "{name}");
        }
    }

    #[test]
    fn a_defused_text_holds_no_link_and_can_be_read() {
        assert_eq!(defused("https://evil.example/win"), "https: //evil. example/win");
        assert_eq!(defused("a@evil.com, 3.5 at 14:30."), "a@evil. com, 3.5 at 14:30.");
        assert_eq!(defused("Acme, Inc."), "Acme, Inc.");
        for text in ["www.evil.com", "mailto:a@b.com", "x://evil。com", "evil.com.evil.net"] {
            assert!(!holds_link(&defused(text)), "{}", defused(text));
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shortened("日本語", 3), "日本語");
        assert_eq!(shortened("日本語文", 3), "日本…");
        assert_eq!(shortened("one two", 5), "one…");
    }
}
