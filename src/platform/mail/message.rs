//! What a mail says.

use serde::{Deserialize, Serialize};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// What opens an account or guards it. It goes before all others, and nobody can stop it.
    Account,
    /// What somebody sends to an address that they typed.
    Letter,
    /// What members can do without: it carries the way to stop it.
    Notice,
}

/// A mail that can be put into words.
pub trait Mail {
    /// Its name in the outbox.
    const KIND: &'static str;

    /// What it is about.
    const CLASS: Class;

    /// Subject, text and HTML.
    fn render(&self) -> askama::Result<Rendered>;
}

/// A mail in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// For programs that show text.
    pub text: String,
    /// For programs that show HTML.
    pub html: String,
    /// What the mail belongs to, if it can be stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<List>,
}

/// Mails of one kind to one member, as mail programs sort them and stop them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// The list's id, which never changes (RFC 2919).
    pub id: String,
    /// Where a program posts to stop them (RFC 8058).
    pub unsubscribe: String,
}

impl Rendered {
    /// Puts the three parts together; the subject becomes one line whatever is in it, because a
    /// line break there would begin a header.
    pub fn new(subject: &str, text: String, html: String) -> Self {
        let subject = subject
            .split(|character: char| character.is_control() || character.is_whitespace())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        Self { subject, text, html, list: None }
    }
}

/// Makes a type a [`Mail`]: its kind, its class unless that is [`Class::Account`], and its templates
/// for subject, text and HTML, in which it is called `mail`.
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
