//! Parses forms and query strings strictly: one spelling for each field, no duplicates, valid
//! UTF-8, no NUL. Malformed input is a 400; well-formed input with a wrong value is an error at its
//! field.

use std::cell::Cell;
use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use percent_encoding::percent_decode;
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};

use super::{csrf, once};
use crate::platform::error::{AppError, Result};

/// The most fields a form may have; ours have fewer.
const MAX_FIELDS: usize = 200;

/// The fields of a posted form.
///
/// `T` handles a missing field with `#[serde(default)]`, and refuses an unknown one with
/// `#[serde(deny_unknown_fields)]`.
#[derive(Debug)]
pub struct Form<T>(pub T);

/// The query parameters of a URL. Unknown ones are ignored: other programs add their own to links.
#[derive(Debug)]
pub struct Params<T>(pub T);

/// The type of a form. It says which fields may be repeated; their values are joined by newlines.
pub trait Fields: DeserializeOwned {
    /// The names of fields that may be repeated.
    const REPEATABLE: &[&str] = &[];
}

impl<T: Fields, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let is_form = match request.headers().get(CONTENT_TYPE) {
            Some(kind) => kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"),
            // A button without fields sends no body and no type.
            None => true,
        };
        if !is_form {
            return Err(AppError::BadRequest("This address expects a form.".into()));
        }
        let body =
            Bytes::from_request(request, state).await.map_err(|rejection| {
                match rejection.into_response_status() {
                    413 => AppError::TooLarge,
                    _ => AppError::BadRequest("The request ended too early.".into()),
                }
            })?;
        // The middleware has already checked the token and the id.
        let fields = pairs(&body)
            .filter(|(name, _)| ![csrf::FIELD, once::FIELD].map(str::as_bytes).contains(name));
        parse(fields, T::REPEATABLE).map(Self)
    }
}

/// The value of the field `name`, if the form contains it exactly once.
pub fn field(form: &[u8], name: &str) -> Option<String> {
    let mut values = pairs(form).filter(|(known, _)| *known == name.as_bytes());
    let (_, value) = values.next()?;
    values.next().is_none().then(|| decode(value).ok())?
}

/// The fields of a form in their order, for display only: undecodable bytes are replaced.
pub(super) fn decoded(form: &[u8]) -> impl Iterator<Item = (String, String)> {
    let text = |bytes: &[u8]| {
        let spaced: Vec<u8> =
            bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        percent_decode(&spaced).decode_utf8_lossy().replace('\0', "\u{FFFD}")
    };
    pairs(form).take(MAX_FIELDS).map(move |(name, value)| (text(name), text(value)))
}

/// The fields in the text, still encoded.
fn pairs(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        (&pair[..equals], pair.get(equals + 1..).unwrap_or_default())
    })
}

/// The status of axum's own rejections, whatever their type.
trait RejectionStatus {
    fn into_response_status(self) -> u16;
}

impl<R: axum::response::IntoResponse> RejectionStatus for R {
    fn into_response_status(self) -> u16 {
        self.into_response().status().as_u16()
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let all = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        // Ignores what others add to our links, even if it is repeated or badly encoded.
        let known = names::<T>();
        let is_ours = |name: &[u8]| decode(name).is_ok_and(|name| known.contains(&name.as_str()));
        parse(all.filter(|(name, _)| is_ours(name)), &[]).map(Self)
    }
}

/// The names of the fields of `T`.
fn names<T: DeserializeOwned>() -> &'static [&'static str] {
    let names = Cell::new(&[][..]);
    // Only the names matter.
    let _nothing = T::deserialize(Names(&names));
    names.get()
}

/// A deserializer that notes the field names of a struct and then fails.
struct Names<'n>(&'n Cell<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::custom("there is nothing here"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.0.set(fields);
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

fn parse<'t, T: DeserializeOwned>(
    pairs: impl Iterator<Item = (&'t [u8], &'t [u8])>,
    repeatable: &[&str],
) -> Result<T> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in pairs {
        let name = decode(name)?;
        let value = decode(value)?;
        let is_full = fields.len() == MAX_FIELDS;
        match fields.get_mut(&name) {
            None if is_full => return Err(AppError::TooLarge),
            None => _ = fields.insert(name, value),
            Some(earlier) if repeatable.contains(&name.as_str()) => {
                earlier.push('\n');
                earlier.push_str(&value);
            }
            Some(_) => {
                return Err(AppError::BadRequest("A field of the form was sent twice.".into()));
            }
        }
    }
    T::deserialize(MapDeserializer::<_, ValueError>::new(fields.into_iter()))
        .map_err(|_| AppError::BadRequest("The form has an unknown field.".into()))
}

fn decode(bytes: &[u8]) -> Result<String> {
    let spaced: Vec<u8> =
        bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let text = percent_decode(&spaced)
        .decode_utf8()
        .map_err(|_| AppError::BadRequest("The text isn't valid UTF-8.".into()))?;
    if text.contains('\0') {
        return Err(AppError::BadRequest("The text contains a NUL character.".into()));
    }
    Ok(text.into_owned())
}

/// What is wrong with a form, by field; `""` stands for the whole form.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors(BTreeMap<&'static str, String>);

impl FieldErrors {
    /// Adds an error for `field`; the first error of a field is kept.
    pub fn add(&mut self, field: &'static str, words: impl Into<String>) {
        self.0.entry(field).or_insert_with(|| words.into());
    }

    /// Returns the value, or adds its error for `field`.
    pub fn take<T>(&mut self, field: &'static str, value: Result<T, String>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(words) => {
                self.add(field, words);
                None
            }
        }
    }

    /// The error of `field`, if any.
    pub fn on(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// All errors, as consecutive sentences.
    pub fn words(&self) -> String {
        self.0.values().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// Whether there are no errors.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        name: String,
        email: String,
    }

    fn read(text: &str) -> Result<Sample> {
        parse(pairs(text.as_bytes()), &["email"])
    }

    #[test]
    fn fields_are_decoded_and_missing_ones_are_empty() {
        let sample = read("name=Ada+Lovelace%21").unwrap();
        assert_eq!((sample.name.as_str(), sample.email.as_str()), ("Ada Lovelace!", ""));
    }

    #[test]
    fn the_names_of_fields_are_known() {
        assert_eq!(names::<Sample>(), ["name", "email"]);
    }

    #[test]
    fn only_repeatable_fields_may_come_twice() {
        assert_eq!(read("email=a&email=b").unwrap().email, "a\nb");
        assert!(read("name=a&name=b").is_err());
    }

    #[test]
    fn unknown_fields_bad_utf8_and_nul_are_refused() {
        assert!(read("role=owner").is_err());
        assert!(read("name=%FF").is_err());
        assert!(read("name=a%00b").is_err());
    }
}
