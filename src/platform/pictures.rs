//! Redraws uploaded pictures: the file that is kept and served is never the one that was sent.
//!
//! The first bytes of a file decide what it is, not its name or what the browser calls it. The size
//! in its header is checked against the limits before anything is decoded. Decoding, cropping and
//! encoding keep nothing of the file but the pixels of its first frame.

use std::fmt;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::bounded::Bounded;
use crate::platform::db::row::FromRow;
use crate::platform::error::Result;
use crate::platform::words::words;

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 8192;

/// The largest number of pixels. Decoding takes up to about ten bytes for each.
pub const MAX_PIXELS: u64 = 25_000_000;

/// The side length of a stored picture, in pixels: twice the largest size on the pages.
pub const SIDE: u32 = 256;

/// The memory limit for a decoded picture, in bytes: four for each pixel.
const MAX_DECODED: u64 = 4 * MAX_PIXELS;

/// How many requests wait while one picture is drawn. Only one is drawn at a time, because a large
/// one takes much memory.
const QUEUE: usize = 8;

const QUALITY: u8 = 85;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is empty.
    Empty,
    /// It is not a picture of a supported kind.
    OtherKind,
    /// It has more pixels than the limit.
    TooManyPixels,
    /// It is damaged or truncated.
    Broken,
}

impl Unusable {
    /// The message for the sender.
    pub fn words(self) -> &'static str {
        match self {
            Self::Empty => "Choose a picture first.",
            Self::OtherKind => "This file isn't a PNG, JPEG or WebP picture.",
            Self::TooManyPixels => {
                "This picture is too large. It can have up to 8192 pixels a side and 25 million in \
                 all."
            }
            Self::Broken => "This picture is damaged or incomplete.",
        }
    }
}

words! {
    /// How a picture is encoded, as its media type.
    pub enum Encoding, "There is no such encoding." {
        /// Opaque pictures.
        Jpeg = "image/jpeg";
        /// Pictures with transparency.
        Png = "image/png";
    }
}

/// A square picture that we have drawn.
#[derive(Clone, FromRow)]
pub struct Picture {
    /// Its encoding.
    #[sqlx(rename = "media_type")]
    pub encoding: Encoding,
    /// The encoded bytes.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.encoding, self.bytes.len())
    }
}

/// Redraws pictures.
#[derive(Clone, Debug)]
pub struct Pictures(Bounded);

impl Default for Pictures {
    fn default() -> Self {
        Self(Bounded::new(1, QUEUE))
    }
}

impl Pictures {
    /// Redraws the picture in `file`, or says why the file is unusable.
    ///
    /// # Errors
    /// [`AppError::Busy`](super::error::AppError::Busy) when too many pictures are waiting already.
    pub async fn redraw<F>(&self, file: F) -> Result<Result<Picture, Unusable>>
    where
        F: AsRef<[u8]> + Send + 'static,
    {
        let drawn = self.0.run(move || redraw(file.as_ref())).await?;
        Ok(drawn.unwrap_or_else(|error| {
            tracing::warn!(%error, "a picture could not be decoded");
            Err(Unusable::Broken)
        }))
    }
}

fn redraw(file: &[u8]) -> Result<Picture, Unusable> {
    if file.is_empty() {
        return Err(Unusable::Empty);
    }
    let (decoded, orientation) = decode(file)?;
    let (width, height) = (decoded.width(), decoded.height());
    let side = width.min(height);
    // Crop before scaling: a picture one pixel high would be scaled to a million columns.
    let square = decoded.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    drop(decoded);
    let mut square = square.resize_exact(SIDE, SIDE, FilterType::CatmullRom);
    square.apply_orientation(orientation);
    encode(&square).map_err(|_| Unusable::Broken)
}

fn decode(file: &[u8]) -> Result<(DynamicImage, image::metadata::Orientation), Unusable> {
    let format = image::guess_format(file).map_err(|_| Unusable::OtherKind)?;
    match format {
        ImageFormat::Png | ImageFormat::WebP => {}
        ImageFormat::Jpeg if has_end(file) => {}
        ImageFormat::Jpeg => return Err(Unusable::Broken),
        _ => return Err(Unusable::OtherKind),
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unusable)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || decoder.total_bytes() > MAX_DECODED {
        return Err(Unusable::TooManyPixels);
    }
    // If the metadata cannot be read, the picture is not rotated.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder).map_err(unusable)?, orientation))
}

fn unusable(error: ImageError) -> Unusable {
    match error {
        ImageError::Limits(_) => Unusable::TooManyPixels,
        _ => Unusable::Broken,
    }
}

/// Whether a JPEG is complete. The decoder would fill the missing part with grey.
fn has_end(file: &[u8]) -> bool {
    const MARK: u8 = 0xff;
    const SCAN: u8 = 0xda;
    const END: [u8; 2] = [MARK, 0xd9];
    let mut at = 2;
    // Skips the segments, each with its length: a preview inside one has an end marker of its own.
    while let Some([MARK, kind, high, low]) = file.get(at..at + 4) {
        if *kind == SCAN {
            return file[at..].windows(2).any(|pair| pair == END);
        }
        at += match *kind {
            // Padding.
            MARK => 1,
            _ => 2 + usize::from(u16::from_be_bytes([*high, *low])),
        };
    }
    false
}

fn encode(square: &DynamicImage) -> Result<Picture, ImageError> {
    let mut bytes = Vec::new();
    let encoding = match square.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        true => {
            square
                .to_rgb8()
                .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
            Encoding::Jpeg
        }
        false => {
            square.to_rgba8().write_with_encoder(PngEncoder::new(&mut bytes))?;
            Encoding::Png
        }
    };
    Ok(Picture { encoding, bytes })
}
