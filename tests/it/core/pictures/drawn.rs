//! What is left of a picture: its pixels, drawn anew.

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::crafted::{SECRET, jpeg_with_metadata, png_with_metadata, webp_with_metadata};
use super::{contains, encoded, halves, redrawn};
use crate::support::TestApp;

#[tokio::test]
async fn asvs_5_2_2_each_kind_of_picture_is_redrawn_as_a_small_square() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let file = encoded(&halves(600, 300), format);
        let drawn = redrawn(&ada, &file).await;
        assert_eq!(image::guess_format(&drawn).unwrap(), ImageFormat::Jpeg, "{format:?}");
        let picture = image::load_from_memory(&drawn).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (256, 256), "{format:?}");
        let (left, right) = (picture.get_pixel(20, 128), picture.get_pixel(236, 128));
        assert!(left[0] > 180 && left[2] < 60, "{format:?}: {left:?}");
        assert!(right[2] > 180 && right[0] < 60, "{format:?}: {right:?}");
    }
    // Transparency is kept; a line of pixels becomes a square, too.
    let clear: DynamicImage = RgbaImage::from_pixel(40, 50, Rgba([0, 200, 0, 90])).into();
    let drawn = redrawn(&ada, &encoded(&clear, ImageFormat::Png)).await;
    assert_eq!(image::guess_format(&drawn).unwrap(), ImageFormat::Png);
    let picture = image::load_from_memory(&drawn).unwrap().to_rgba8();
    assert_eq!((picture.dimensions(), picture.get_pixel(9, 9)[3]), ((256, 256), 90));
    for line in [halves(8192, 1), halves(1, 8192), halves(1, 1)] {
        let drawn = redrawn(&ada, &encoded(&line, ImageFormat::Png)).await;
        assert_eq!(image::load_from_memory(&drawn).unwrap().width(), 256);
    }
    assert_eq!(app.database.number("select count(*) from pictures").await, 1);
}

#[tokio::test]
async fn asvs_14_2_8_nothing_that_a_file_tells_is_kept_but_the_way_up() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let picture = halves(120, 120);
    for (kind, file) in [
        ("jpeg", jpeg_with_metadata(&picture)),
        ("png", png_with_metadata(&picture)),
        ("webp", webp_with_metadata(&picture)),
    ] {
        assert!(contains(&file, SECRET), "{kind}");
        let drawn = redrawn(&ada, &file).await;
        for part in [SECRET, b"script", b"Exif", b"eXIf", b"tEXt", b"EXIF"] {
            assert!(!contains(&drawn, part), "{kind}: {}", String::from_utf8_lossy(part));
        }
        // Left becomes top after the rotation by a quarter.
        let turned = image::load_from_memory(&drawn).unwrap().to_rgb8();
        let (above, below) = (turned.get_pixel(128, 20), turned.get_pixel(128, 236));
        assert!(above[0] > 180 && below[2] > 180, "{kind}: {above:?} over {below:?}");
    }
    let database = app.dump().await;
    let secret: String = SECRET.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = String::from_utf8_lossy(SECRET);
    assert!(!database.to_lowercase().contains(&secret) && !database.contains(&*text));
    assert!(!database.contains("script"), "the file's name");
}
