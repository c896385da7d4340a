//! Pictures of people: what is accepted, what remains of it, who sees it, and that it is harmless.

mod crafted;
mod drawn;
mod refused;
mod seen;
mod uploads;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

use crate::support::{Answer, Browser};

const UPLOAD: &str = "/account/picture";

/// A picture with a red left half and a blue right half.
fn halves(width: u32, height: u32) -> DynamicImage {
    let colour = |x: u32, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) };
    RgbImage::from_fn(width, height, colour).into()
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// The path of one's own picture.
async fn own_path(browser: &Browser) -> String {
    browser.get("/account").await.expect(200).attribute("img.picture", "src")
}

/// The bytes that are served.
async fn served(browser: &Browser, path: &str) -> Vec<u8> {
    let response = browser.request("GET", path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.bytes().await.unwrap().to_vec()
}

/// Sends a file, which must be accepted, and returns what is served instead.
async fn redrawn(browser: &Browser, file: &[u8]) -> Vec<u8> {
    browser.upload(UPLOAD, file).await.expect_redirect("/account");
    served(browser, &own_path(browser).await).await
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Fails unless the page is rendered again with these words at the file.
#[track_caller]
fn expect_words(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert!(answer.text("#file-error").contains(words), "{}", answer.body);
    assert_eq!(answer.attribute("#file", "aria-invalid"), "true");
}
