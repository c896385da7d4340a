//! The data of a client, and the rules of its form.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::SECTION;
use super::noun::{self, EditClients};
use crate::core::access::noun::ClientId;
use crate::platform::email::EmailAddress;
use crate::platform::noun::prelude::*;

/// The longest name, contact or telephone number, in characters.
const LINE_LENGTH: usize = 120;
/// The longest notes, in characters.
const NOTES_LENGTH: usize = 4000;
/// The most characters in all fields.
pub const TEXT_LENGTH: usize = NOTES_LENGTH + 4 * LINE_LENGTH;

record! {
    /// A client.
    pub Client: ClientId, "clients" as "c", of kind noun::KIND, told by noun::LIFE;
    edited by EditClients, in SECTION;
    unique noun::NAME;
    /// The details that people enter about a client.
    details Details, called name, sorted by name_key {
        name: String,
        /// The contact person.
        contact: String,
        email: String,
        phone: String,
        notes: String,
    }
    made |details, _, _| {
        search_key: details.search_key(),
    }
}

/// Characters allowed literally before the `@` of a link; RFC 6068 requires all others to be
/// encoded.
const LOCAL_PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'*')
    .remove(b'+');

impl Details {
    /// The link that opens an email to the client's address.
    pub fn mailto(&self) -> String {
        let (local, domain) = self.email.rsplit_once('@').unwrap_or_default();
        format!("mailto:{}@{domain}", utf8_percent_encode(local, LOCAL_PART))
    }

    /// The text that searches look at.
    pub fn search_key(&self) -> String {
        search_key(&[self.name.as_str(), &self.contact, &self.email].join("\n"))
    }
}

form! {
    /// The fields of the form.
    pub ClientForm of Client {
        name: |typed| line_of_text(typed, LINE_LENGTH, "Enter the client's name."),
        contact: |typed| optional_line(typed, LINE_LENGTH),
        email: optional_email,
        phone: |typed| optional_line(typed, LINE_LENGTH),
        notes: |typed| block_of_text(typed, NOTES_LENGTH),
    }
}

fn optional_email(typed: &str) -> Result<String, String> {
    match typed.trim() {
        "" => Ok(String::new()),
        typed => typed.parse::<EmailAddress>().map(|email| email.to_string()),
    }
}
