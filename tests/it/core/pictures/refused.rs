//! Files that are not taken: too large, too many bytes, no picture.

use image::ImageFormat;

use super::crafted::{jpeg_that_declares, png_chunk, png_that_declares, png_with};
use super::{UPLOAD, contains, encoded, expect_words, halves, own_path, redrawn};
use crate::support::{TestApp, file_form};

#[tokio::test]
async fn asvs_5_2_6_a_picture_with_too_many_pixels_is_refused_by_its_head() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    for file in [
        png_that_declares(60_000, 60_000),
        png_that_declares(u32::MAX >> 1, 1),
        png_that_declares(8193, 1),
        png_that_declares(8192, 8192),
        png_that_declares(5001, 5000),
        jpeg_that_declares(60_000, 60_000),
        jpeg_that_declares(8192, 8192),
    ] {
        assert!(file.len() < 2000, "{} bytes", file.len());
        expect_words(&ada.upload(UPLOAD, &file).await, 422, "too large");
    }
    // Within the limit it is decoded, and is not what it declares.
    expect_words(&ada.upload(UPLOAD, &png_that_declares(5000, 5000)).await, 422, "damaged");
    assert_eq!(app.database.number("select count(*) from pictures").await, 0);
}

#[tokio::test]
async fn asvs_5_2_1_a_file_that_is_too_large_is_refused_with_words_whatever_is_in_it() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let picture = encoded(&halves(64, 64), ImageFormat::Jpeg);
    let fill = |bytes: usize| [&picture[..], &vec![0; bytes - picture.len()]].concat();
    let most = 8 * 1024 * 1024;
    ada.upload(UPLOAD, &fill(most)).await.expect_redirect("/account");
    let before = own_path(&ada).await;
    for bytes in [most + 1, most + 100_000, 3 * most] {
        expect_words(&ada.upload(UPLOAD, &fill(bytes)).await, 413, "larger than 8 MB");
    }
    assert_eq!(own_path(&ada).await, before, "the one before stays");
    // Only this page accepts so much.
    let token = ada.token().await;
    let form = file_form(&[("csrf", token.as_bytes()), ("file", &fill(200_000))]);
    for path in ["/account", "/account/picture/remove"] {
        ada.send_as_it_is(ada.request_with_file(path, form.clone())).await.expect(413);
    }
}

#[tokio::test]
async fn asvs_5_2_2_what_is_no_picture_is_refused_by_what_is_in_it() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\
        \x01\0\0\x02\x02D\x01\0;";
    let others: [&[u8]; 7] = [
        b"<!doctype html><script>alert(1)</script>",
        svg,
        gif,
        b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0\0\0\0\x04\0\0\0",
        b"%PDF-1.7",
        b"a",
        &[0; 1000],
    ];
    for other in others {
        expect_words(&ada.upload(UPLOAD, other).await, 422, "PNG, JPEG or WebP");
    }
    expect_words(&ada.upload(UPLOAD, b"").await, 422, "Choose a picture");
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = encoded(&halves(300, 300), format);
        for bytes in [whole.len() / 2, whole.len() - 20, 16, 3] {
            let cut = ada.upload(UPLOAD, &whole[..bytes]).await.expect(422);
            assert!(!cut.text("#file-error").is_empty(), "{format:?} of {bytes} bytes");
        }
    }
    // The preview in a JPEG's metadata has an end marker of its own, which is not the picture's.
    let whole = encoded(&halves(300, 300), ImageFormat::Jpeg);
    let preview = [&[0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9][..], &whole[2..whole.len() / 2]];
    let cut = [&whole[..2], &preview.concat()].concat();
    expect_words(&ada.upload(UPLOAD, &cut).await, 422, "damaged");
    assert_eq!(app.database.number("select count(*) from pictures").await, 0);
    // A picture that is also a page becomes a mere picture.
    let page = png_chunk(b"tEXt", b"a\0<html><body><script>alert(1)</script>");
    let drawn = redrawn(&ada, &png_with(&halves(9, 9), &page)).await;
    assert!(!contains(&drawn, b"script"));
}
