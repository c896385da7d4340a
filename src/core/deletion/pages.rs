//! The page that says what will happen, its form, and the page that says that it is done.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::act::{self, Outcome};
use super::preview::{End, Preview, Way};
use crate::core::accounts::profile::Tab;
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::OrganizationId;
use crate::platform::session::{CurrentUser, HashedStore, SessionKey};
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{
    FieldErrors, Form, Shell, page, page_again, page_with_status, see_other,
};

/// The page's path.
const PATH: &str = "/account/delete";
/// The path of the page that says that it is done.
const DONE: &str = "/account/deleted";

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeletionForm {
    email: String,
    /// The organizations that are deleted with the account, as the page named them.
    organizations: String,
}

impl Fields for DeletionForm {}

#[derive(Template)]
#[template(path = "core/deletion/confirm.html")]
struct DeletionPage {
    shell: Shell,
    tab: Tab,
    email: EmailAddress,
    preview: Preview,
    form: DeletionForm,
    errors: FieldErrors,
    /// Whether it was tried and refused for the reasons on the page.
    is_refused: bool,
}

impl DeletionPage {
    async fn load(app: &App, user: &CurrentUser) -> Result<Self> {
        Ok(Self {
            shell: Shell::signed_in(user),
            tab: Tab::Profile,
            email: user.email.clone(),
            preview: Preview::load(app, user).await?,
            form: DeletionForm::default(),
            errors: FieldErrors::default(),
            is_refused: false,
        })
    }
}

/// `GET /account/delete`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    received: Received,
) -> Result<Response> {
    user.require_proof(app.clock.now(), PATH)?;
    let mut view = DeletionPage::load(&app, &user).await?;
    view.shell = view.shell.with(received);
    page(&view)
}

/// `POST /account/delete`
pub async fn delete(
    user: CurrentUser,
    State(app): State<App>,
    session: Session,
    Form(form): Form<DeletionForm>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), PATH)?;
    if EmailAddress::of_account(&form.email).ok().as_ref() != Some(&user.email) {
        let mut view = DeletionPage::load(&app, &user).await?;
        view.errors.add("email", "Type the email address of your account.");
        view.form = form;
        return page_again(&view);
    }
    let ids = form.organizations.split_whitespace();
    let agreed: Vec<OrganizationId> = ids.filter_map(|id| id.parse().ok()).collect();
    match act::delete(&app, &user, &agreed).await? {
        Outcome::Stays => {
            let mut view = DeletionPage::load(&app, &user).await?;
            view.is_refused = true;
            page_with_status(StatusCode::CONFLICT, &view)
        }
        Outcome::Deleted(keys) => {
            forget_sessions(&app, &session, &keys).await;
            Ok(see_other(DONE))
        }
    }
}

/// Removes the data of the sessions. Their sign-ins have ended, so data that cannot be removed
/// opens nothing, and expires.
async fn forget_sessions(app: &App, session: &Session, keys: &[SessionKey]) {
    if let Err(error) = session.flush().await {
        tracing::warn!(%error, "could not remove a session");
    }
    let store = HashedStore::of(app);
    for key in keys {
        if let Err(error) = store.forget(key).await {
            tracing::warn!(%error, "could not remove a session");
        }
    }
}

#[derive(Template)]
#[template(path = "core/deletion/done.html")]
struct DonePage {
    shell: Shell,
}

/// `GET /account/deleted`
pub async fn done(shell: Shell) -> Result<Response> {
    page(&DonePage { shell })
}
