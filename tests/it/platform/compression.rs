//! What is compressed, for whom, and that no length tells a secret. Names contain the requirement of
//! ASVS 5.0 that they cover.

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::read::GzDecoder;
use reqwest::Response;

use crate::core::factors::set_up;
use crate::support::{Browser, TestApp};

/// Asks for a page as a browser does, which a link on a page of the `site` has brought there.
async fn open(browser: &Browser, path: &str, site: &str, accepted: &str) -> Response {
    let request = browser.request("GET", path).header("accept-encoding", accepted);
    let request = if site.is_empty() { request } else { request.header("sec-fetch-site", site) };
    request.send().await.unwrap()
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn unzipped(content: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(content).read_to_string(&mut text).unwrap();
    text
}

/// The length of the page that a link on one of our own pages leads to, and its text.
async fn compressed(browser: &Browser, path: &str) -> (usize, String) {
    let answer = open(browser, path, "same-origin", "gzip, br").await;
    assert_eq!(header(&answer, "content-encoding"), "gzip", "{path}");
    let content = answer.bytes().await.unwrap();
    (content.len(), unzipped(&content))
}

#[tokio::test]
async fn files_come_in_the_encoding_that_the_client_prefers() {
    let app = TestApp::spawn().await;
    let browser = app.browser();
    let page = browser.get("/login").await.expect(200);
    for path in [
        page.attribute("link[rel=stylesheet]", "href"),
        page.attributes("script", "src")[0].clone(),
        page.attribute("link[rel=icon][type='image/svg+xml']", "href"),
    ] {
        let plain = browser.get(&path).await.expect(200);
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        assert_eq!(plain.header("vary").split(", ").next(), Some("accept-encoding"), "{path}");
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("br;q=0.1, gzip;q=0.2", "gzip"),
            ("br;q=0, gzip;q=0", ""),
            ("identity", ""),
        ] {
            let told = format!("{path}: {accepted}");
            let head = browser.request("HEAD", &path).header("accept-encoding", accepted);
            let head = head.send().await.unwrap();
            let answer = open(&browser, &path, "", accepted).await;
            for name in ["content-encoding", "content-length", "content-type", "cache-control"] {
                assert_eq!(header(&answer, name), header(&head, name), "{told}: {name}");
            }
            assert_eq!(header(&answer, "content-encoding"), encoding, "{told}");
            assert_eq!(header(&answer, "content-type"), plain.header("content-type"), "{told}");
            assert!(header(&answer, "cache-control").contains("immutable"), "{told}");
            let content = answer.bytes().await.unwrap();
            match encoding {
                "" => assert_eq!(content, plain.body.as_bytes(), "{told}"),
                "gzip" => assert_eq!(unzipped(&content), plain.body, "{told}"),
                _ => assert!(content.len() * 10 < plain.body.len() * 9, "{told}"),
            }
        }
    }
    let picture = open(&browser, "/static/icon-512.png", "", "gzip, br").await;
    assert_eq!(header(&picture, "content-encoding"), "", "it is compressed already");
}

#[tokio::test]
async fn a_page_is_compressed_for_our_own_pages_and_for_what_the_person_types() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let path = "/orgs/acme/members";
    for (site, accepted, encoding) in [
        ("same-origin", "gzip, deflate, br", "gzip"),
        ("none", "gzip", "gzip"),
        ("same-origin", "gzip;q=0", ""),
        ("same-origin", "br", ""),
        ("same-origin", "", ""),
        // Another site opens our page with words of its own in the address.
        ("cross-site", "gzip, br", ""),
        ("same-site", "gzip, br", ""),
        ("", "gzip, br", ""),
    ] {
        let answer = open(&ada, path, site, accepted).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "content-encoding"), encoding, "{site}, {accepted}");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        let length = header(&answer, "content-length").parse::<usize>().unwrap();
        assert_eq!(answer.bytes().await.unwrap().len(), length);
    }
    let (length, page) = compressed(&ada, path).await;
    assert!(page.trim().starts_with("<!doctype html>") && page.trim().ends_with("</html>"));
    assert!(length * 3 < page.len(), "{length} of {}", page.len());
}

#[tokio::test]
async fn asvs_3_5_1_what_holds_a_secret_is_never_compressed() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let invitation = app.invite(&ada, "acme", "bo@example.test", "viewer").await;
    let id = app.row_id(&ada, "acme", "bo@example.test").await;
    let setting_up = ada.post("/account/security/totp", &[]).await.location().unwrap();
    let guest = app.browser();
    let landing = guest.get(&invitation).await.expect(200).path;
    let link = format!("/orgs/acme/invitations/{id}/link");
    for (browser, path) in
        [(&ada, setting_up.as_str()), (&ada, &link), (&guest, &landing), (&guest, "/login")]
    {
        let answer = open(browser, path, "same-origin", "gzip, br").await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "content-encoding"), "", "{path}");
    }
    let part = ada.request("GET", &link).header("accept-encoding", "gzip");
    let part = part.header("sec-fetch-site", "same-origin").header("hx-request", "true");
    assert_eq!(header(&part.send().await.unwrap(), "content-encoding"), "");
    // Whatever a form is answered with, recovery codes above all.
    set_up(&app, &ada, "Phone").await;
    let codes = ada.request("POST", "/account/security/recovery-codes").form(&[("next", "")]);
    let codes = codes.header("accept-encoding", "gzip").header("sec-fetch-site", "same-origin");
    let codes = ada.send(codes).await.expect(200);
    assert_eq!(codes.header("content-encoding"), "");
    assert!(codes.count(".codes li") > 0, "{}", codes.body);
    app.work().await;
}

#[tokio::test]
async fn asvs_3_5_1_the_token_of_a_form_is_never_written_twice_alike() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let mut tokens = BTreeSet::new();
    for _ in 0..20 {
        let page = ada.get("/account").await.expect(200);
        let on_page: BTreeSet<_> =
            page.attributes("input[name=csrf]", "value").into_iter().collect();
        assert_eq!(on_page.len(), 1, "one mask for each answer: {on_page:?}");
        tokens.extend(on_page);
    }
    assert_eq!(tokens.len(), 20);
    // No part of one is in another: neither as it is written, nor at the same place.
    for token in &tokens {
        for other in tokens.iter().filter(|other| *other != token) {
            let alike = token.bytes().zip(other.bytes()).filter(|(one, two)| one == two).count();
            assert!(alike < 20, "{token} {other}");
        }
    }
    // Each of them is good.
    for (number, token) in tokens.iter().enumerate() {
        let name = format!("Ada {number}");
        let fields = [("name", name.as_str()), ("csrf", token)];
        let form = ada.request("POST", "/account").form(&fields);
        ada.send_as_it_is(form).await.expect(303);
    }
    // A mask without a token, or another token behind it, is not.
    let token = tokens.first().unwrap();
    let other = tokens.last().unwrap();
    for forged in [&token[..43], &format!("{}{}", &token[..43], &other[43..]), "", "A"] {
        let form = ada.request("POST", "/account").form(&[("name", "Eve"), ("csrf", forged)]);
        ada.send_as_it_is(form).await.expect(403);
    }
}

#[tokio::test]
async fn asvs_3_5_1_the_length_of_the_same_page_differs_from_answer_to_answer() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let mut lengths = BTreeSet::new();
    for _ in 0..30 {
        lengths.insert(compressed(&ada, "/orgs/acme/members?q=ada").await.0);
    }
    assert!(lengths.len() > 15, "{lengths:?}");
    let spread = lengths.last().unwrap() - lengths.first().unwrap();
    assert!(spread > 64, "{lengths:?}");
}
