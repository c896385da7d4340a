//! QR codes, for what goes from a screen to a phone.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use qrcode::QrCode;
use qrcode::render::svg;

use super::error::{AppError, Result};

/// Answers with a picture of `text`.
///
/// # Errors
/// [`AppError::Internal`] when the text is too long for a QR code.
pub fn picture(text: &str) -> Result<Response> {
    let code = QrCode::new(text).map_err(|error| AppError::internal(error.to_string()))?;
    // Dark on light in any colour scheme, because cameras need that.
    let picture = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
    Ok(([(CONTENT_TYPE, "image/svg+xml; charset=utf-8")], picture).into_response())
}
