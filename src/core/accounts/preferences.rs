//! Preferences: how pages look to a person, in every browser.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::profile::Tab;
use super::sql;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::session::CurrentUser;
use crate::platform::web::flash::Received;
use crate::platform::web::form::Fields;
use crate::platform::web::look::{Density, Look, Shortcuts, Theme};
use crate::platform::web::page::{local_path, referring_page};
use crate::platform::web::{FieldErrors, Flash, Form, Shell, page, page_again, see_other};

/// Where the page is.
const PATH: &str = "/account/preferences";

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreferencesForm {
    theme: String,
    density: String,
    /// `on`, or nothing.
    shortcuts: String,
}

impl Fields for PreferencesForm {}

#[derive(Template)]
#[template(path = "core/accounts/preferences.html")]
struct PreferencesPage {
    shell: Shell,
    tab: Tab,
    look: Look,
    errors: FieldErrors,
}

impl PreferencesPage {
    fn new(user: &CurrentUser, errors: FieldErrors) -> Self {
        let shell = Shell::signed_in(user);
        Self { shell, tab: Tab::Preferences, look: user.look, errors }
    }
}

/// `GET /account/preferences`
pub async fn show(user: CurrentUser, received: Received) -> Result<Response> {
    let mut view = PreferencesPage::new(&user, FieldErrors::default());
    view.shell = view.shell.with(received);
    page(&view)
}

/// `POST /account/preferences`
pub async fn update(
    user: CurrentUser,
    State(app): State<App>,
    Form(form): Form<PreferencesForm>,
) -> Result<Response> {
    let mut errors = FieldErrors::default();
    let theme = errors.take("theme", form.theme.parse());
    let density = errors.take("density", form.density.parse());
    let (Some(theme), Some(density)) = (theme, density) else {
        return page_again(&PreferencesPage::new(&user, errors));
    };
    let shortcuts = form.shortcuts.parse().unwrap_or(Shortcuts::Off);
    save(&app, &user, Look { theme, density, shortcuts }).await?;
    Ok(Flash::redirect(PATH, "Preferences saved."))
}

/// The field of the form in the account menu.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThemeForm {
    theme: String,
}

impl Fields for ThemeForm {}

/// `POST /account/preferences/theme`: from the menu of any page, to which it leads back.
pub async fn update_theme(
    user: CurrentUser,
    State(app): State<App>,
    headers: HeaderMap,
    Form(form): Form<ThemeForm>,
) -> Result<Response> {
    let theme: Theme = match form.theme.parse() {
        Ok(theme) => theme,
        Err(words) => {
            let mut errors = FieldErrors::default();
            errors.add("theme", words);
            return page_again(&PreferencesPage::new(&user, errors));
        }
    };
    save(&app, &user, Look { theme, ..user.look }).await?;
    let back = referring_page(&headers).unwrap_or_default();
    Ok(see_other(&local_path(&back, PATH)))
}

/// Saves the look with the account. It is nobody else's business, so the log is silent about it.
async fn save(app: &App, user: &CurrentUser, look: Look) -> Result<()> {
    let mut tx = user.write(app).await?;
    sql::set_look(&mut tx, user.id, look).await?;
    tx.commit_unrecorded().await?;
    look.set();
    Ok(())
}
