//! The form of a client, and the steps of its life. The projects of a deleted client stay, and
//! still show its name.

use askama::Template;

use super::model::{Client, ClientForm};
use super::noun::EditClients;
use crate::core::access::noun::ClientId;
use crate::platform::noun::edit::Edit;
use crate::platform::noun::life::steps;
use crate::platform::noun::pages::edit_pages;
use crate::platform::tenant::CurrentOrg;
use crate::platform::web::Shell;

/// The page with the form.
#[derive(Template)]
#[template(path = "work/clients/form.html", blocks = ["form"])]
pub struct FormPage {
    shell: Shell,
    edit: Edit<Self>,
}

edit_pages!(FormPage, Client, ClientForm);
steps!(Client, ClientId, CurrentOrg<EditClients>:
    archive = Archive, unarchive = Unarchive, delete = Delete, restore = Restore);
