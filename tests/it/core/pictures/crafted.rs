//! Files that hold more than a picture, or say something else than they are.

use image::{DynamicImage, ImageFormat};

use super::{encoded, halves};

/// Content of a file besides its pixels, which must be removed.
pub(super) const SECRET: &[u8] = b"51.5007N-0.1246W";

/// EXIF that rotates the picture clockwise by a quarter, and contains a location.
fn exif() -> Vec<u8> {
    // One entry: orientation (0x0112), one short (3), 6; and no other directory.
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(SECRET);
    exif
}

/// A JPEG with EXIF, a comment, and data after its end.
pub(super) fn jpeg_with_metadata(picture: &DynamicImage) -> Vec<u8> {
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

pub(super) fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc(&body)].concat()
}

/// A PNG with these chunks after its header.
pub(super) fn png_with(picture: &DynamicImage, chunks: &[u8]) -> Vec<u8> {
    let plain = encoded(picture, ImageFormat::Png);
    [&plain[..33], chunks, &plain[33..], b"<script>", SECRET].concat()
}

pub(super) fn png_with_metadata(picture: &DynamicImage) -> Vec<u8> {
    let text = png_chunk(b"tEXt", &[b"Comment\0<script>alert(1)</script>", SECRET].concat());
    png_with(picture, &[text, png_chunk(b"eXIf", &exif())].concat())
}

/// A WebP with EXIF.
pub(super) fn webp_with_metadata(picture: &DynamicImage) -> Vec<u8> {
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
pub(super) fn png_that_declares(width: u32, height: u32) -> Vec<u8> {
    let plain = encoded(&halves(16, 16), ImageFormat::Png);
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = png_chunk(b"IHDR", &[&size[..], &plain[24..29]].concat());
    [&plain[..8], &head, &plain[33..]].concat()
}

pub(super) fn jpeg_that_declares(width: u16, height: u16) -> Vec<u8> {
    let mut file = encoded(&halves(16, 16), ImageFormat::Jpeg);
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    file[frame + 5..frame + 9].copy_from_slice(&size);
    file
}
