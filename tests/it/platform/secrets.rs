//! Secrets that give access: random enough, and kept by nobody but their holder.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use tenantry::platform::secrets::Token;
use totp_rs::{Builder, Secret as Seed};
use tower_sessions::session::Id;

use crate::support::{Answer, PASSWORD, Secrets, TestApp, email_of};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_secret_in_clear_is_found_wherever_it_lies() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let planted = Secrets::default();
    let text = Token::random().expose().to_owned();
    let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
    planted.note("a token", &text, Some(bytes.clone()));
    planted.note("a password", "correct horse & battery", None);
    assert_eq!(app.leaks(&planted).await, [""; 0]);

    let forms = [
        text.clone(),
        format!("before{text}after"),
        hex(&bytes),
        hex(text.as_bytes()).to_uppercase(),
        STANDARD.encode(&bytes),
        STANDARD.encode(format!("x{text}")),
        STANDARD.encode([b"xy", &bytes[..], b"z"].concat()),
        "correct horse & battery".to_owned(),
        "password=correct+horse+%26+battery".to_owned(),
    ];
    for form in forms {
        app.database.execute(&format!("update users set name = '{form}'")).await.unwrap();
        let found = app.leaks(&planted).await;
        assert!(found.iter().any(|words| words.contains("users.name")), "{form}: {found:?}");
    }
    app.database.execute("update users set name = 'Ada'").await.unwrap();
    let found = app.leaks(&planted).await;
    if app.database.is_postgres() {
        assert_eq!(found, [""; 0]);
    } else {
        assert!(found.iter().all(|words| words.contains("the file ")), "{found:?}");
        assert!(!found.is_empty(), "what was there can still be read from the file");
    }

    let backwards: Vec<u8> = bytes.iter().rev().copied().collect();
    for blob in [bytes, backwards, text.clone().into_bytes()] {
        let blob = hex(&[b"\0", &blob[..], b"\xff"].concat());
        let postgres = app.database.is_postgres();
        let blob = if postgres { format!("'\\x{blob}'") } else { format!("x'{blob}'") };
        for (table, column) in [("sessions", "data"), ("outbox", "sealed")] {
            app.database.execute(&format!("update {table} set {column} = {blob}")).await.unwrap();
            let place = format!("{table}.{column}");
            let found = app.leaks(&planted).await;
            assert!(found.iter().any(|words| words.contains(&place)), "{place}: {found:?}");
        }
        app.database.execute("update outbox set sealed = null").await.unwrap();
    }

    assert!(!app.leaks(&planted).await.iter().any(|words| words.contains("the log")));
    tracing::info!(link = format!("/verify/{text}"), "a line of the log");
    assert!(app.leaks(&planted).await.iter().any(|words| words.contains("the log")));
}

#[tokio::test]
async fn whatever_people_see_and_type_that_opens_a_door_is_looked_for_after_each_test() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    app.invite(&ada, "acme", "guest@example.test", "viewer").await;
    let path = ada.post("/account/security/totp", &[]).await.expect(303).location().unwrap();
    let page = ada.get(&path).await.expect(200);
    let seed = Seed::try_from_base32(page.text("#secret").replace(' ', "")).unwrap();
    let seconds = u64::try_from(app.app.clock.now().as_micros() / 1_000_000).unwrap();
    let totp = Builder::new().with_secret(seed).with_account_name("x").build().unwrap();
    let fields = [("name", "Phone"), ("code", &totp.generate(seconds).to_string())];
    ada.post(&format!("{path}/confirm"), &fields).await.expect(200);
    let kinds: Vec<&str> = app.secrets.kinds().into_iter().collect();
    let expected =
        ["a cookie", "a password", "a recovery code", "a seed", "a token", "the token of a form"];
    assert_eq!(kinds, expected);
    app.work().await;
}

/// Fails unless `samples`, all of the same length, look random and are all different. The limits
/// are so wide that truly random samples fail once in a thousand million runs.
fn expect_random(samples: &[Vec<u8>], bits: usize) {
    let (count, length) = (samples.len(), samples[0].len());
    assert!(samples.iter().all(|sample| sample.len() * 8 >= bits), "{bits} bits each");
    assert_eq!(samples.iter().collect::<HashSet<_>>().len(), count, "one came twice");
    // Each bit is set in half of the samples, and half of all bits are set.
    let is_set = |sample: &[u8], bit: usize| sample[bit / 8] >> (bit % 8) & 1 == 1;
    let mut all = 0;
    for bit in 0..length * 8 {
        let set = samples.iter().filter(|sample| is_set(sample, bit)).count();
        expect_half(set, count, &format!("bit {bit}"));
        all += set;
    }
    expect_half(all, count * length * 8, "all bits");
    // All byte values are equally frequent: chi-square with 255 degrees of freedom.
    let mut seen = [0_u32; 256];
    samples.iter().flatten().for_each(|byte| seen[usize::from(*byte)] += 1);
    let expected = (count * length) as f64 / 256.0;
    let chi: f64 = seen.iter().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum();
    assert!((120.0..440.0).contains(&chi), "chi-square of the bytes: {chi}");
}

fn expect_half(set: usize, of: usize, what: &str) {
    let sigma = (of as f64).sqrt() / 2.0;
    let off = (set as f64 - of as f64 / 2.0).abs() / sigma;
    assert!(off < 7.0, "{what}: set {set} times of {of}");
}

/// Returns the value of the cookie that an answer sets.
fn cookie(answer: &Answer, name: &str) -> Vec<u8> {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let mut values = cookies.filter_map(|cookie| {
        cookie.to_str().unwrap().split(';').next().unwrap().strip_prefix(name).map(str::to_owned)
    });
    let value = values.next().unwrap_or_else(|| panic!("no {name} in {:?}", answer.headers));
    URL_SAFE_NO_PAD.decode(value).unwrap()
}

#[tokio::test]
async fn asvs_7_2_3_a_session_id_is_128_random_bits() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let fields = [("email", email_of("Ada Lovelace")), ("password", PASSWORD.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut ids = Vec::new();
    for _ in 0..20 {
        let answer = app.browser().post("/login", &fields).await.expect(303);
        ids.push(cookie(&answer, &app.cookie("")));
    }
    assert!(ids.iter().all(|id| id.len() == 16), "{ids:?}");
    // Hashing the password takes most of the time, so more ids are taken directly from their
    // source.
    ids.extend((0..1000).map(|_| Id::default().0.to_le_bytes().to_vec()));
    expect_random(&ids, 128);
    app.work().await;
}

#[tokio::test]
async fn asvs_11_5_1_and_6_4_1_a_token_is_256_random_bits() {
    let app = TestApp::spawn().await;
    app.founder("Ada Lovelace", "Acme").await;
    let mut tokens = Vec::new();
    for _ in 0..100 {
        let page = app.browser().get("/login").await.expect(200);
        tokens.push(cookie(&page, &app.cookie("csrf")));
    }
    for _ in 0..5 {
        let fields = [("email", email_of("Ada Lovelace"))];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        app.browser().post("/password/forgot", &fields).await.expect(303);
        let link = app.last_mail(&email_of("Ada Lovelace")).await.link("/password/reset/");
        tokens.push(URL_SAFE_NO_PAD.decode(link.rsplit('/').next().unwrap()).unwrap());
    }
    assert!(tokens.iter().all(|token| token.len() == 32));
    let more = (0..1000).map(|_| URL_SAFE_NO_PAD.decode(Token::random().expose()).unwrap());
    tokens.extend(more);
    expect_random(&tokens, 256);
}

#[tokio::test]
async fn asvs_6_5_3_a_seed_is_160_random_bits() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let mut seeds = Vec::new();
    for _ in 0..100 {
        let path = ada.post("/account/security/totp", &[]).await.expect(303).location().unwrap();
        let letters = ada.get(&path).await.expect(200).text("#secret").replace(' ', "");
        seeds.push(Seed::try_from_base32(&letters).unwrap().as_bytes().to_vec());
    }
    expect_random(&seeds, 160);
}
