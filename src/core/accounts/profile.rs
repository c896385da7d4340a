//! The profile: name, picture and address.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::model::person_name;
use super::{changes, commands};
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::session::CurrentUser;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_again, page_with_status};

/// The pages of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Profile,
    Password,
    Security,
    SignIns,
    Preferences,
}

impl Tab {
    /// All of them, in order.
    pub const ALL: [Self; 5] =
        [Self::Profile, Self::Password, Self::Security, Self::SignIns, Self::Preferences];

    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Profile => "/account",
            Self::Password => "/account/password",
            Self::Security => "/account/security",
            Self::SignIns => "/account/sessions",
            Self::Preferences => "/account/preferences",
        }
    }

    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Profile => "Profile",
            Self::Password => "Password",
            Self::Security => "Security",
            Self::SignIns => "Sessions",
            Self::Preferences => "Preferences",
        }
    }
}

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileForm {
    name: String,
}

impl Fields for ProfileForm {}

#[derive(Template)]
#[template(path = "core/accounts/profile.html")]
struct ProfilePage {
    shell: Shell,
    tab: Tab,
    form: ProfileForm,
    errors: FieldErrors,
    user: CurrentUser,
    /// A new address that has not been confirmed yet.
    pending: Option<changes::Pending>,
}

impl ProfilePage {
    async fn load(
        app: &App,
        user: CurrentUser,
        form: ProfileForm,
        errors: FieldErrors,
    ) -> Result<Self> {
        let mut tx = UnscopedTx::read(app).await?;
        let pending = changes::pending(&mut tx, user.id, app.clock.now()).await?;
        tx.commit().await?;
        let shell = Shell::signed_in(&user);
        Ok(Self { shell, tab: Tab::Profile, form, errors, user, pending })
    }
}

/// `GET /account`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    received: Received,
) -> Result<Response> {
    let form = ProfileForm { name: user.name.clone() };
    let mut view = ProfilePage::load(&app, user, form, FieldErrors::default()).await?;
    view.shell = view.shell.with(received);
    page(&view)
}

/// The page with the errors of one of its forms.
pub(crate) async fn profile_with(
    app: &App,
    user: CurrentUser,
    status: StatusCode,
    errors: FieldErrors,
) -> Result<Response> {
    let form = ProfileForm { name: user.name.clone() };
    page_with_status(status, &ProfilePage::load(app, user, form, errors).await?)
}

/// `POST /account`
pub async fn update(
    user: CurrentUser,
    State(app): State<App>,
    Form(form): Form<ProfileForm>,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let Some(name) = errors.take("name", person_name(&form.name)) else {
        let view = ProfilePage::load(&app, user, form, errors).await?;
        return page_again(&view);
    };
    commands::rename(&app, &user, &name).await?;
    Ok(Flash::redirect("/account", "Profile saved."))
}
