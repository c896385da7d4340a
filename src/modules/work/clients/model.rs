//! The data of a client, and the rules of its form.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::SECTION;
use super::noun::{self, CLIENT_NAME, EditClients};
use crate::core::access::noun::ClientId;
use crate::platform::email::EmailAddress;
use crate::platform::noun::edit::TypedForm;
use crate::platform::noun::record::record;
use crate::platform::text::{block_of_text, line_of_text, name_key, optional_line, search_key};
use crate::platform::web::FieldErrors;
use crate::platform::web::form::Fields;

/// The longest name, contact or telephone number, in characters.
const LINE_LENGTH: usize = 120;
/// The longest notes, in characters.
const NOTES_LENGTH: usize = 4000;
/// The most characters in all fields.
pub const TEXT_LENGTH: usize = NOTES_LENGTH + 4 * LINE_LENGTH;

record! {
    /// A client.
    pub Client: ClientId, "clients" as "c", of kind noun::KIND, told by noun::CLIENT_LIFE;
    edited by EditClients, in SECTION;
    unique CLIENT_NAME;
    /// The details that people enter about a client.
    details Details, called name {
        name: String,
        /// The contact person.
        contact: String,
        email: String,
        phone: String,
        notes: String,
    }
    made |details, before, _| {
        name_key: match before {
            Some(row) if row.details.name == details.name => row.name_key.clone(),
            _ => name_key(&details.name),
        },
        search_key: details.search_key(),
    }
    read {
        /// The sort key of the name. If an earlier client already has this key, a number is
        /// appended.
        name_key: String = "c.name_key",
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

/// The fields of the form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientForm {
    pub name: String,
    pub contact: String,
    pub email: String,
    pub phone: String,
    pub notes: String,
    /// The version that the form was filled from; empty for a new client.
    pub version: String,
}

impl Fields for ClientForm {}

impl TypedForm<Client> for ClientForm {
    fn of(client: &Client) -> Self {
        let Details { name, contact, email, phone, notes } = client.details.clone();
        Self { name, contact, email, phone, notes, version: client.version.to_string() }
    }

    fn version(&mut self) -> &mut String {
        &mut self.version
    }

    fn check(&self, errors: &mut FieldErrors) -> Option<Details> {
        let name = line_of_text(&self.name, LINE_LENGTH, "Enter the client's name.");
        let name = errors.take("name", name);
        let contact = errors.take("contact", optional_line(&self.contact, LINE_LENGTH));
        let phone = errors.take("phone", optional_line(&self.phone, LINE_LENGTH));
        let notes = errors.take("notes", block_of_text(&self.notes, NOTES_LENGTH));
        let email = match self.email.trim() {
            "" => Some(String::new()),
            typed => errors.take("email", typed.parse::<EmailAddress>()).map(|e| e.to_string()),
        };
        Some(Details {
            name: name?,
            contact: contact?,
            email: email?,
            phone: phone?,
            notes: notes?,
        })
    }
}
