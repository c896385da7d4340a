//! Pictures of people: what is accepted, what remains of it, who sees it, and that it is harmless.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;

use crate::support::{Answer, Browser, Snapshot, TestApp, email_of, file_form};

const UPLOAD: &str = "/account/picture";

/// Content of a file besides its pixels, which must be removed.
const SECRET: &[u8] = b"51.5007N-0.1246W";

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

/// EXIF that rotates the picture clockwise by a quarter, and contains a location.
fn exif() -> Vec<u8> {
    // One entry: orientation (0x0112), one short (3), 6; and no other directory.
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(SECRET);
    exif
}

/// A JPEG with EXIF, a comment, and data after its end.
fn jpeg_with_metadata(picture: &DynamicImage) -> Vec<u8> {
    let plain = encoded(picture, ImageFormat::Jpeg);
    let segment = |kind: u8, data: &[u8]| {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xff, kind], &length[..], data].concat()
    };
    let exif = segment(0xe1, &[b"Exif\0\0", &exif()[..]].concat());
    let comment = segment(0xfe, SECRET);
    [&plain[..2], &exif, &comment, &plain[2..], b"<script>", SECRET].concat()
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    let step = |crc: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    (!bytes.iter().fold(u32::MAX, byte)).to_be_bytes()
}

fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc(&body)].concat()
}

/// A PNG with these chunks after its header.
fn png_with(picture: &DynamicImage, chunks: &[u8]) -> Vec<u8> {
    let plain = encoded(picture, ImageFormat::Png);
    [&plain[..33], chunks, &plain[33..], b"<script>", SECRET].concat()
}

fn png_with_metadata(picture: &DynamicImage) -> Vec<u8> {
    let text = png_chunk(b"tEXt", &[b"Comment\0<script>alert(1)</script>", SECRET].concat());
    png_with(picture, &[text, png_chunk(b"eXIf", &exif())].concat())
}

/// A WebP with EXIF.
fn webp_with_metadata(picture: &DynamicImage) -> Vec<u8> {
    let plain = encoded(picture, ImageFormat::WebP);
    let pixels = &plain[12..];
    let side = |pixels: u32| (pixels - 1).to_le_bytes()[..3].to_vec();
    let head = [&[0x08, 0, 0, 0], &side(picture.width())[..], &side(picture.height())].concat();
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let padding = &[0][..data.len() % 2];
        [kind, &u32::try_from(data.len()).unwrap().to_le_bytes()[..], data, padding].concat()
    };
    let body = [b"WEBP", &chunk(b"VP8X", &head)[..], pixels, &chunk(b"EXIF", &exif())].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

/// A PNG whose header declares another size than its pixels have.
fn png_that_declares(width: u32, height: u32) -> Vec<u8> {
    let plain = encoded(&halves(16, 16), ImageFormat::Png);
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = png_chunk(b"IHDR", &[&size[..], &plain[24..29]].concat());
    [&plain[..8], &head, &plain[33..]].concat()
}

fn jpeg_that_declares(width: u16, height: u16) -> Vec<u8> {
    let mut file = encoded(&halves(16, 16), ImageFormat::Jpeg);
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    file[frame + 5..frame + 9].copy_from_slice(&size);
    file
}

#[tokio::test]
async fn asvs_5_2_2_each_kind_of_picture_is_drawn_anew_as_a_small_square() {
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
        expect_words(&ada.upload(UPLOAD, &file).await, 422, "too many pixels");
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

#[tokio::test]
async fn asvs_3_2_1_a_picture_is_served_so_that_it_can_only_be_looked_at() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let clear: DynamicImage = RgbaImage::from_pixel(9, 9, Rgba([0, 0, 0, 9])).into();
    for (file, kind, name) in [
        (encoded(&halves(9, 9), ImageFormat::WebP), "image/jpeg", "picture.jpg"),
        (encoded(&clear, ImageFormat::Png), "image/png", "picture.png"),
    ] {
        ada.upload(UPLOAD, &file).await.expect_redirect("/account");
        let own = own_path(&ada).await;
        for path in [own.clone(), own.replace("/account", "/orgs/acme")] {
            let answer = ada.get(&path).await.expect(200);
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none';") && policy.ends_with("; sandbox"));
            for (header, value) in [
                ("content-type", kind),
                ("x-content-type-options", "nosniff"),
                ("content-disposition", &format!("inline; filename=\"{name}\"")),
                ("cross-origin-resource-policy", "same-origin"),
                ("cache-control", "private, max-age=86400, immutable"),
            ] {
                assert_eq!(answer.header(header), value, "{path}: {header}");
            }
        }
    }
    let answer = ada.post("/logout", &[]).await;
    assert!(answer.header("clear-site-data").contains("\"cache\""));
}

#[tokio::test]
async fn asvs_5_3_2_each_picture_has_a_name_of_its_own_that_nobody_guesses() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let file = encoded(&halves(9, 9), ImageFormat::Png);
    ada.upload(UPLOAD, &file).await.expect_redirect("/account");
    let first = own_path(&ada).await;
    ada.upload(UPLOAD, &file).await.expect_redirect("/account");
    let second = own_path(&ada).await;
    let name = second.strip_prefix("/account/pictures/").unwrap();
    assert!(first != second && name.len() == 43, "{first} {second}");
    ada.get(&first).await.expect(404);
    ada.get(&second).await.expect(200);
    for other in ["..%2f..%2fetc%2fpasswd", "x", &name[1..], &format!("{name}.html")] {
        let page = ada.get(&format!("/account/pictures/{other}")).await.expect(404);
        assert_eq!(page.header("cache-control"), "no-store");
    }
    let answer = ada.post("/account/picture/remove", &[]).await;
    answer.expect_redirect("/account");
    ada.get(&second).await.expect(404);
    ada.post("/account/picture/remove", &[]).await.expect_redirect("/account");
    let page = ada.get("/account").await.expect(200);
    assert_eq!((page.count("img"), page.text(".user-button .avatar").as_str()), (0, "AL"));
    let recorded = Snapshot::recorded(&app, "").await;
    assert!(recorded.contains(&"account.picture_set 2".to_owned()), "{recorded:?}");
    assert!(recorded.contains(&"account.picture_removed 1".to_owned()), "{recorded:?}");
    // The picture is deleted with the account.
    ada.upload(UPLOAD, &file).await.expect_redirect("/account");
    assert_eq!(app.database.number("select count(*) from pictures").await, 1);
    for statement in [
        "insert into users (id, name, name_key, email, password_hash, created_at)
         select cast('00000000-0000-0000-0000-000000000001' as uuid), name, name_key, 'twin',
            password_hash, created_at from users",
        "update pictures set user_id = (select id from users where email = 'twin')",
        "delete from users where email = 'twin'",
    ] {
        assert_eq!(app.database.execute(statement).await.unwrap(), 1, "{statement}");
    }
    assert_eq!(app.database.number("select count(*) from pictures").await, 0);
}

#[tokio::test]
async fn a_picture_is_seen_by_the_people_of_ones_organizations_and_by_nobody_else() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let mia = app.member(&ada, "acme", "Mia Member", "member").await;
    let bo = app.founder("Bo Other", "Other").await;
    mia.upload(UPLOAD, &encoded(&halves(9, 9), ImageFormat::Png)).await.expect_redirect("/account");
    let own = own_path(&mia).await;
    let inside = own.replace("/account", "/orgs/acme");
    let elsewhere = own.replace("/account", "/orgs/other");
    mia.get(&own).await.expect(200);
    for who in [&ada, &mia] {
        who.get(&inside).await.expect(200);
    }
    ada.get(&own).await.expect(404);
    for path in [&own, &inside, &elsewhere] {
        bo.get(path).await.expect(404);
        let answer = app.browser().get(path).await.expect(303);
        assert!(answer.location().unwrap().starts_with("/login?next="));
    }
    let id = app.membership_id(&ada, "acme", "Mia Member").await;
    ada.post(&format!("/orgs/acme/members/{id}/remove"), &[]).await.expect(303);
    ada.get(&inside).await.expect(404);
    mia.get(&inside).await.expect(404);
    mia.get(&own).await.expect(200);
}

#[tokio::test]
async fn a_picture_stands_wherever_its_person_does_and_costs_no_statement() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let mia = app.member(&ada, "acme", "Mia Member", "member").await;
    let project = ada.post("/orgs/acme/projects", &[("name", "Engine")]).await.location().unwrap();
    let (email, task) = (email_of("Mia Member"), [("title", "Write notes")]);
    let fields = [("email", email.as_str()), ("role", "contributor")];
    ada.post(&format!("{project}/members"), &fields).await.expect(303);
    let anchor = ada.post(&format!("{project}/tasks"), &task).await.location().unwrap();
    let task = format!("{project}/tasks/{}", anchor.split_once("#task-").unwrap().1);
    let member = app.membership_id(&ada, "acme", "Mia Member").await;
    let fields = [("title", "Write notes"), ("assignee", member.as_str()), ("version", "1")];
    ada.post(&format!("{task}/edit"), &fields).await.expect(303);
    mia.post(&format!("{project}/comments"), &[("body", "Done soon")]).await.expect(303);
    let pages = [
        ("/orgs/acme/members".to_owned(), ".person > img.avatar"),
        (project.clone(), ".comment > img.avatar"),
        (project.clone(), ".people img.avatar"),
        (project.clone(), ".task img.avatar-small"),
        (project.clone(), ".event > img.avatar"),
        (format!("{project}/members"), ".person > img.avatar"),
        (task.clone(), ".facts img.avatar-small"),
        ("/orgs/acme/tasks".to_owned(), "td img.avatar-small"),
        ("/orgs/acme/activity".to_owned(), ".event > img.avatar"),
    ];
    let mut before = Vec::new();
    for (path, selector) in &pages {
        app.work().await;
        let (statements, page) = app.statements(ada.get(path)).await;
        assert_eq!(page.expect(200).count(selector), 0, "{path}");
        before.push(statements);
    }
    mia.upload(UPLOAD, &encoded(&halves(9, 9), ImageFormat::Png)).await.expect_redirect("/account");
    let path = own_path(&mia).await.replace("/account", "/orgs/acme");
    app.work().await;
    for ((page, selector), before) in pages.iter().zip(before) {
        let (statements, answer) = app.statements(ada.get(page)).await;
        let answer = answer.expect(200);
        let sources = answer.attributes(selector, "src");
        assert!(!sources.is_empty() && sources.iter().all(|one| *one == path), "{page} {selector}");
        let texts = answer.attributes(selector, "alt");
        assert!(texts.iter().all(String::is_empty), "the name stands beside it: {texts:?}");
        assert_eq!(statements, before, "{page}");
        assert_eq!(answer.text(".user-button .avatar"), "AL", "Ada has none");
    }
    let page = mia.get("/orgs/acme").await.expect(200);
    assert_eq!(page.attribute(".user-button img.avatar", "src"), own_path(&mia).await);
    // A former member is shown by their initials.
    ada.post(&format!("/orgs/acme/members/{member}/remove"), &[]).await.expect(303);
    let page = ada.get(&project).await.expect(200);
    assert_eq!(page.count(".comment > img, .event > img"), 0);
    assert_eq!(page.text(".comment > .avatar"), "MM");
    app.work().await;
}

#[tokio::test]
async fn asvs_3_5_8_an_upload_carries_its_token_first_or_is_refused() {
    let app = TestApp::spawn().await;
    let ada = app.founder("Ada Lovelace", "Acme").await;
    let stolen = app.founder("Otto Other", "Other").await.token().await;
    let page = ada.get("/account").await.expect(200);
    let form = format!("form[action='{UPLOAD}']");
    assert_eq!(page.attribute(&form, "enctype"), "multipart/form-data");
    let token = page.attribute(&format!("{form} > input:first-child[name=csrf]"), "value");
    assert_eq!(token, ada.token().await, "the page's form needs no script");
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
        assert_eq!(page.text("h1"), "This page is out of date");
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
