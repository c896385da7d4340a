//! The form that a picture comes in: its token, and many at once.

use image::ImageFormat;

use super::{UPLOAD, encoded, halves, own_path};
use crate::support::{TestApp, file_form};

#[tokio::test]
async fn asvs_3_5_8_an_upload_carries_its_token_first_or_is_refused() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let stolen = app.founder("Otto Other", "Other").await.token().await;
    let page = ada.get("/account").await.expect(200);
    let form = format!("form[action='{UPLOAD}']");
    assert_eq!(page.attribute(&form, "enctype"), "multipart/form-data");
    let token = page.attribute(&format!("{form} > input:first-child[name=csrf]"), "value");
    let other = page.attribute("form[action='/account'] > input[name=csrf]", "value");
    assert_eq!(token, other, "the page's form needs no script");
    let picture = encoded(&halves(300, 300), ImageFormat::Png);
    let (token, file) = (("csrf", token.as_bytes()), ("file", &picture[..]));
    let filled = vec![b'a'; 100_000];
    let refused: [&[(&str, &[u8])]; 6] = [
        &[file],
        &[("csrf", b""), file],
        &[("csrf", stolen.as_bytes()), file],
        &[file, token],
        &[("other", &filled), token, file],
        &[],
    ];
    for fields in refused {
        let request = ada.request_with_file(UPLOAD, file_form(fields));
        let page = ada.send_as_it_is(request).await.expect(403);
        assert_eq!(page.text("h1"), "Your session has changed");
    }
    for (header, value) in [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")] {
        let request = ada.request_with_file(UPLOAD, file_form(&[token, file]));
        let page = ada.send_as_it_is(request.header(header, value)).await.expect(403);
        assert!(page.text("h1").contains("another site"));
    }
    let strange: [&[(&str, &[u8])]; 3] =
        [&[token, file, file], &[token, token, file, token], &[token, ("name", b"x"), file]];
    for fields in strange {
        ada.send_as_it_is(ada.request_with_file(UPLOAD, file_form(fields))).await.expect(400);
    }
    let cut = file_form(&[token, file]);
    let request = ada.request_with_file(UPLOAD, cut[..cut.len() - 40].to_vec());
    ada.send_as_it_is(request).await.expect(400);
    ada.post(UPLOAD, &[("file", "x")]).await.expect(400);
    assert_eq!(app.database.number("select count(*) from pictures").await, 0);
    // People who are signed out are redirected to sign in, however much they have sent.
    let nobody = app.browser();
    let large = vec![0; 4_000_000];
    let answer = nobody.upload(UPLOAD, &large).await.expect(303);
    assert!(answer.location().unwrap().starts_with("/login?next="));
    let by_header = ada.request_with_file(UPLOAD, file_form(&[file]));
    let by_header = by_header.header("x-csrf-token", ada.token().await);
    ada.send_as_it_is(by_header).await.expect_redirect("/account");
}

#[tokio::test]
async fn asvs_5_2_1_many_pictures_at_once_are_drawn_one_after_the_other_or_told_to_wait() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let file = encoded(&halves(1200, 900), ImageFormat::Jpeg);
    ada.token().await;
    for (number, may_wait) in [(8, false), (40, true)] {
        let uploads = (0..number).map(|_| ada.upload(UPLOAD, &file));
        let answers = futures_util::future::join_all(uploads).await;
        let taken = answers.iter().filter(|answer| answer.status == 303).count();
        assert!(taken >= 8, "{taken} of {number}");
        for answer in answers.iter().filter(|answer| answer.status != 303) {
            assert!(may_wait && answer.status == 503, "{} of {number}", answer.status);
            assert!(!answer.header("retry-after").is_empty());
        }
    }
    assert_eq!(app.database.number("select count(*) from pictures").await, 1);
    ada.get(&own_path(&ada).await).await.expect(200);
}
