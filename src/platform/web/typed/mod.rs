//! Keeps what somebody typed when the answer is not the one they hoped for.
//!
//! When a form is posted, the browser leaves its page. If the answer is a refusal or a fault, its
//! page carries the fields: to be read, copied and, if that makes sense, sent again by a click,
//! never automatically. If the sign-in has ended, the sealed fields travel through the sign-in and
//! are there afterwards. Somebody who only had to authenticate again has pressed the button a moment
//! ago: their form is sent without a second press. Secrets, files and tokens are never carried.

mod posted;

use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::body::Bytes;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::csrf;
use super::page::{page, see_other};
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::ids::SignInId;
use crate::platform::session::CurrentUser;
use crate::platform::text::capitalized;

pub(super) use posted::Posted;

/// Fields whose values are never shown again; a test compares the list with the templates.
pub const SECRETS: &[&str] = &["password", "current_password", "credential"];
/// Fields that people do not fill in.
const MACHINERY: &[&str] = &["version", "view", "list", "next", "kept", "direction"];

/// Fields whose labels differ from their names.
const LABELS: &[(&str, &str)] = &[
    ("body", "Comment"),
    ("domains", "Email domains"),
    ("due_on", "Due"),
    ("lifetime", "Expires after"),
    ("max_uses", "Number of people"),
    ("slug", "Address"),
    ("starts_on", "Starts"),
];

/// How long the typed values may wait for a sign-in.
const LIFETIME: Duration = Duration::hours(24);
/// The longest text that a sign-in page carries, in characters of a form's
/// [`super::route::Route::taking_text`]. Sealed, no byte needs three.
pub const KEPT_LENGTH: usize = 8 * 1024;
/// The longest sealed form that an address carries, in bytes.
const IN_AN_ADDRESS: usize = 2048;
/// The context of the seal.
const CONTEXT: &str = "typed";

/// The body of a request as far as it was read, for the code that renders the answer outside the
/// layers that read it.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<OnceLock<Bytes>>);

impl Sent {
    /// Stores the body, or as much of it as was kept.
    pub(super) fn note(&self, bytes: &Bytes) {
        // The first value is kept.
        let _known = self.0.set(bytes.clone());
    }
}

/// A field of a form that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Field {
    /// Its label on a page, as in its form.
    pub fn label(&self) -> String {
        let name = self.name.as_str();
        if let Some((_, label)) = LABELS.iter().find(|(known, _)| *known == name) {
            return (*label).to_owned();
        }
        capitalized(&name.replace('_', " "))
    }

    /// Whether a person typed or chose it.
    fn is_typed(&self) -> bool {
        let is_empty = self.value.trim().is_empty();
        !is_empty && !MACHINERY.contains(&self.name.as_str()) && !self.is_reference()
    }

    fn is_reference(&self) -> bool {
        self.value.len() == 36 && uuid::Uuid::try_parse(&self.value).is_ok()
    }

    /// Whether it needs several lines.
    pub fn is_long(&self) -> bool {
        self.value.len() > 100 || self.value.contains('\n')
    }
}

/// A form that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Typed {
    /// The path it was posted to.
    pub action: String,
    /// The page that contained it.
    pub back: String,
    /// Its id ([`super::once`]), which stays the same when it is sent again.
    pub once: String,
    fields: Vec<Field>,
    /// Whether these are all of its fields: it had no secrets.
    is_whole: bool,
    /// The sign-in that sent it, if that is known.
    sender: Option<SignInId>,
    ends_at: i64,
}

impl Typed {
    /// The fields that a person filled in.
    pub fn typed(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.is_typed())
    }

    /// The other fields, which are sent along.
    pub fn machinery(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.is_typed())
    }

    /// Notes which sign-in sent the form.
    pub(super) fn sent_by(self, sender: SignInId) -> Self {
        Self { sender: Some(sender), ..self }
    }

    /// Whether a person filled in anything.
    pub fn is_worth_keeping(&self) -> bool {
        self.typed().next().is_some()
    }

    /// Seals it for a page that carries it on; [`resume`] opens it.
    pub fn seal(&self, app: &App) -> String {
        let ends_at = app.clock.now().plus(LIFETIME).as_micros();
        let json = serde_json::to_vec(&Self { ends_at, ..self.clone() }).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(app.keyring.seal(CONTEXT, &json))
    }

    /// Sealed for an address, if it is not too long for one.
    pub(super) fn seal_for_an_address(&self, app: &App) -> Option<String> {
        Some(self.seal(app)).filter(|sealed| sealed.len() <= IN_AN_ADDRESS)
    }

    /// Opens sealed values, unless they have expired.
    pub fn open(app: &App, kept: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(kept).ok()?;
        let json = app.keyring.open(CONTEXT, &sealed).ok()?;
        let typed: Self = serde_json::from_slice(&json).ok()?;
        (app.clock.now().as_micros() < typed.ends_at).then_some(typed)
    }
}

/// The page to sign in on, which carries what was typed.
#[derive(Template)]
#[template(path = "platform/errors/signed_out.html")]
struct SignedOutPage<'a> {
    typed: &'a Typed,
    kept: String,
    has_passkeys: bool,
}

/// Renders the page for somebody whose sign-in ended before the form was sent.
pub(super) fn signed_out(
    app: &App,
    typed: &Typed,
    token: String,
    has_passkeys: bool,
) -> Result<String> {
    let kept = typed.seal(app);
    csrf::draw_with(token, || SignedOutPage { typed, kept, has_passkeys }.render())
        .map_err(Into::into)
}

/// The page after the sign-in, with what was typed before.
#[derive(Template)]
#[template(path = "platform/errors/kept.html")]
struct KeptPage<'a> {
    typed: Typed,
    /// The person who is signed in now; not necessarily the one who typed it.
    name: &'a str,
}

/// The answer after the person called `name` has signed in: the page with what was typed before, or
/// else a redirect to `next`.
///
/// # Errors
/// When the page cannot be rendered.
pub fn resume(app: &App, kept: &str, next: &str, name: &str) -> Result<Response> {
    match Typed::open(app, kept).filter(Typed::is_worth_keeping) {
        None => Ok(see_other(next)),
        Some(typed) => page(&KeptPage { typed, name }),
    }
}

/// The page that sends the form which required an authentication.
#[derive(Template)]
#[template(path = "platform/errors/confirmed.html")]
struct ConfirmedPage {
    typed: Typed,
}

/// The answer after a signed-in person has authenticated again: a page that sends the form which
/// required this, if they sent it themselves in this sign-in; otherwise as after signing in.
///
/// # Errors
/// When the page cannot be rendered.
pub fn go_on(app: &App, kept: &str, next: &str, user: &CurrentUser) -> Result<Response> {
    let own = |typed: &Typed| typed.is_whole && typed.sender == Some(user.sign_in_id);
    match Typed::open(app, kept).filter(own) {
        Some(typed) => page(&ConfirmedPage { typed }),
        None => resume(app, kept, next, &user.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> Field {
        Field { name: name.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn what_no_person_types_is_not_shown() {
        assert!(field("body", "Words").is_typed());
        assert!(!field("body", " \r\n").is_typed());
        assert!(!field("version", "3").is_typed());
        assert!(!field("client", "01a223cb-8b2f-778c-bceb-c8ff4cec2928").is_typed());
        assert_eq!(field("starts_on", "").label(), "Starts");
        assert_eq!(field("first_words", "").label(), "First words");
    }
}
