//! Path parameters: identifiers and tokens. An invalid one is a 404.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::platform::error::{AppError, Result};
use crate::platform::secrets::Token;

/// The `{id}` in the path.
#[derive(Clone, Copy, Debug)]
pub struct Id<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        param(parts, state, "id").await?.parse().map(Self).map_err(|_| AppError::NotFound)
    }
}

/// The `{token}` in the path.
#[derive(Clone, Debug)]
pub struct TokenPath(pub Token);

impl<S: Send + Sync> FromRequestParts<S> for TokenPath {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = param(parts, state, "token").await?;
        Token::parse(&text).map(Self).ok_or(AppError::NotFound)
    }
}

/// The `{text}` in the path, without any check.
#[derive(Clone, Debug)]
pub struct Text(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Text {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        param(parts, state, "text").await.map(Self)
    }
}

/// The parameter `name` of the path; 404 if it is not valid UTF-8.
pub(crate) async fn param<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    name: &str,
) -> Result<String> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    let params = params.map_err(|_| AppError::NotFound)?;
    let value = params.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
    value.filter(|value| !value.contains('\0')).ok_or(AppError::NotFound)
}
