//! The content of an email.

use serde::{Deserialize, Serialize};

/// The class of an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It opens or protects an account. It is sent before all others, and nobody can unsubscribe.
    Account,
    /// Somebody sends it to an address that they typed.
    Letter,
    /// Members can do without it: it contains a link to unsubscribe.
    Notice,
}

/// An email that can be rendered.
pub trait Mail {
    /// Its name in the outbox.
    const KIND: &'static str;

    /// Its class.
    const CLASS: Class;

    /// Renders subject, text and HTML.
    fn render(&self) -> askama::Result<Rendered>;
}

/// A rendered email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// The subject, on one line.
    pub subject: String,
    /// The body for programs that show text.
    pub text: String,
    /// The body for programs that show HTML.
    pub html: String,
    /// The list that it belongs to, if people can unsubscribe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<List>,
}

/// A list: the emails of one kind to one member, which mail programs can group and unsubscribe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// The list's id, which never changes (RFC 2919).
    pub id: String,
    /// Where a mail program posts to unsubscribe (RFC 8058).
    pub unsubscribe: String,
}

impl Rendered {
    /// Puts the three parts together. The subject becomes one line whatever it contains, because a
    /// line break would start another header.
    pub fn new(subject: &str, text: String, html: String) -> Self {
        let subject = subject
            .split(|character: char| character.is_control() || character.is_whitespace())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        Self { subject, text, html, list: None }
    }
}

/// Makes a type a [`Mail`]: its kind, its class (unless that is [`Class::Account`]), and its
/// templates for subject, text and HTML, which refer to it as `mail`.
macro_rules! mail {
    ($name:ty, $kind:literal, $subject:tt, $text:tt, $html:tt) => {
        $crate::platform::mail::message::mail!($name, $kind as Account, $subject, $text, $html);
    };
    ($name:ty, $kind:literal as $class:ident, $subject:tt, $text:tt, $html:tt) => {
        impl $crate::platform::mail::Mail for $name {
            const KIND: &'static str = $kind;
            const CLASS: $crate::platform::mail::message::Class =
                $crate::platform::mail::message::Class::$class;

            fn render(&self) -> askama::Result<$crate::platform::mail::Rendered> {
                use askama::Template;

                #[derive(Template)]
                #[template(path = $subject)]
                struct Subject<'a> {
                    mail: &'a $name,
                }
                #[derive(Template)]
                #[template(path = $text)]
                struct Text<'a> {
                    mail: &'a $name,
                }
                #[derive(Template)]
                #[template(path = $html)]
                struct Html<'a> {
                    mail: &'a $name,
                }
                let subject = Subject { mail: self };
                let line = subject.render()?;
                let Subject { mail } = subject;
                let text = Text { mail }.render()?;
                let html = Html { mail }.render()?;
                Ok($crate::platform::mail::Rendered::new(&line, text, html))
            }
        }
    };
}
pub(crate) use mail;

#[cfg(test)]
mod tests {
    use super::Rendered;

    #[test]
    fn a_subject_is_one_line() {
        let mail = Rendered::new("Hello\r\nBcc: x@example.test \n", String::new(), String::new());
        assert_eq!(mail.subject, "Hello Bcc: x@example.test");
    }
}
