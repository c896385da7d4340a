//! What the service answers, with helpers to read what a person sees.

use std::sync::OnceLock;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use scraper::{Html, Selector};

/// An answer, with helpers to read what a person sees.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// The requested path.
    pub path: String,
    /// The body, parsed when someone first looks at it.
    html: OnceLock<Html>,
}

impl Answer {
    /// What the service answered to a request of `path`.
    pub fn new(status: StatusCode, headers: HeaderMap, body: String, path: String) -> Self {
        Self { status, headers, body, path, html: OnceLock::new() }
    }

    /// The answer with another body.
    pub fn with_body(self, body: String) -> Self {
        Self::new(self.status, self.headers, body, self.path)
    }

    /// The target of the redirect.
    pub fn location(&self) -> Option<String> {
        let location = self.headers.get("location")?.to_str().unwrap();
        self.status.is_redirection().then(|| location.to_owned())
    }

    /// A header as text; empty if it is missing. Among several cookies, the session's comes first.
    pub fn header(&self, name: &str) -> &str {
        let values = || self.headers.get_all(name).iter().map(|value| value.to_str().unwrap());
        values().find(|value| is_of_the_session(value)).or(values().next()).unwrap_or_default()
    }

    /// The body without the nonce and the tokens, which differ each time.
    pub fn lasting(&self) -> String {
        let token = between(&self.body, TOKEN_FIELD);
        // A page without a form has it for htmx only.
        let header = between(&self.body, "\"x-csrf-token\":\"");
        let passing = [self.nonce(), token, header].into_iter().filter(|text| !text.is_empty());
        let body = passing.fold(self.body.clone(), |body, text| body.replace(text, ""));
        let mut parts = body.split("name=\"once\" value=\"");
        let first = parts.next().unwrap_or_default().to_owned();
        // Each form has an id of its own.
        parts.fold(first, |body, rest| body + rest.split_once('"').map_or("", |(_, rest)| rest))
    }

    /// The nonce of its scripts.
    pub fn nonce(&self) -> &str {
        between(&self.body, " nonce=\"")
    }

    /// The parsed page.
    pub fn html(&self) -> &Html {
        self.html.get_or_init(|| Html::parse_document(&self.body))
    }

    /// The texts of the elements that match `selector`, with white space collapsed.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        self.html()
            .select(&selector)
            .map(|element| {
                element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    /// The text of the first element that matches `selector`; empty if there is none.
    pub fn text(&self, selector: &str) -> String {
        self.texts(selector).into_iter().next().unwrap_or_default()
    }

    /// The values of an attribute of the elements that match `selector`.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        self.html()
            .select(&selector)
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// An attribute of the first element that matches `selector`.
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        self.attributes(selector, name).into_iter().next().unwrap_or_default()
    }

    /// The number of elements that match `selector`.
    pub fn count(&self, selector: &str) -> usize {
        self.html().select(&Selector::parse(selector).unwrap()).count()
    }

    /// Fails the test unless the status is `status`.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.path, self.body);
        self
    }

    /// Fails the test unless it redirects to `path`.
    #[track_caller]
    pub fn expect_redirect(self, path: &str) -> Self {
        assert_eq!(self.location().as_deref(), Some(path), "{}: {}", self.status, self.body);
        self
    }

    /// Fails the test unless the person has to authenticate again: on the answer's page, or on one
    /// that it redirects to.
    pub fn expect_step_up(self) -> Self {
        let to = self.location().unwrap_or_default();
        let is_page = self.status == 403 && self.text("main h2") == "Confirm it's you";
        assert!(
            is_page || to.starts_with("/account/confirm?next="),
            "{}: {}",
            self.status,
            self.body
        );
        self
    }
}

/// The text between `start` and the next quotation mark: thousands of answers are compared, and
/// parsing each as HTML would take longer than the answer.
fn between<'t>(text: &'t str, start: &str) -> &'t str {
    let rest = text.split_once(start).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default()
}

/// The text before the token in a form.
pub(super) const TOKEN_FIELD: &str = "name=\"csrf\" value=\"";

/// Whether the `Set-Cookie` value is for the session's cookie.
pub fn is_of_the_session(cookie: &str) -> bool {
    let name = cookie.split('=').next().unwrap_or_default();
    let name = name.strip_prefix("__Host-").unwrap_or(name);
    name == "tenantry" || name.starts_with("tenantry.") && !name.contains('-')
}
