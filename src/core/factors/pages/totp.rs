//! Authenticator apps: setting one up.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::next::Next;
use super::recovery_codes;
use super::security::PATH;
use crate::core::accounts::Tab;
use crate::core::factors::commands;
use crate::core::factors::noun::TotpFactorId;
use crate::core::factors::totp::Seed;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::qr;
use crate::platform::session::CurrentUser;
use crate::platform::web::form::Fields;
use crate::platform::web::{
    FieldErrors, Flash, Form, Id, Params, Shell, page_again, page_with_secret, see_other,
};

/// `POST /account/security/totp`: creates a seed, which takes effect once a code has shown that an
/// app has it.
pub async fn begin(
    user: CurrentUser,
    State(app): State<App>,
    Form(next): Form<Next>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), &next.after(PATH))?;
    let id = TotpFactorId::new();
    let path = next.after(&format!("{PATH}/totp/{id}"));
    commands::begin_app(&app, &user, id, &path).await?;
    Ok(see_other(&path))
}

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetUpForm {
    name: String,
    code: String,
    next: String,
}

impl Fields for SetUpForm {}

#[derive(Template)]
#[template(path = "core/factors/set_up.html")]
struct SetUpPage {
    shell: Shell,
    tab: Tab,
    id: TotpFactorId,
    letters: String,
    /// The form, which also contains where the person wanted to go.
    form: SetUpForm,
    errors: FieldErrors,
}

/// `GET /account/security/totp/{id}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<TotpFactorId>,
    Params(next): Params<Next>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), &next.after(&format!("{PATH}/totp/{id}")))?;
    let seed = commands::unconfirmed(&app, &user, id).await?;
    let form = SetUpForm { next: next.path(), ..SetUpForm::default() };
    page_with_secret(&SetUpPage::new(&user, id, &seed, form, FieldErrors::default()))
}

impl SetUpPage {
    /// The target of "Cancel".
    fn back(&self) -> String {
        Next::new(self.form.next.clone()).after(PATH)
    }

    fn new(
        user: &CurrentUser,
        id: TotpFactorId,
        seed: &Seed,
        form: SetUpForm,
        errors: FieldErrors,
    ) -> Self {
        let shell = Shell::signed_in(user);
        Self { shell, tab: Tab::Security, id, letters: seed.letters(), form, errors }
    }
}

/// `GET /account/security/totp/{id}/qr`
pub async fn picture(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<TotpFactorId>,
) -> Result<Response> {
    user.require_proof(app.clock.now(), PATH)?;
    qr::picture(&commands::unconfirmed(&app, &user, id).await?.url(&user.email)?)
}

/// `POST /account/security/totp/{id}/confirm`: shows recovery codes with the first factor.
pub async fn confirm(
    user: CurrentUser,
    State(app): State<App>,
    Id(id): Id<TotpFactorId>,
    Form(form): Form<SetUpForm>,
) -> Result<Response> {
    let next = Next::new(form.next.clone());
    user.require_proof(app.clock.now(), &next.after(&format!("{PATH}/totp/{id}")))?;
    let seed = commands::unconfirmed(&app, &user, id).await?;
    let confirmed = commands::confirm_app(&app, &user, id, &seed, &form.name, &form.code).await;
    let (name, codes) = match confirmed {
        Ok(confirmed) => confirmed,
        Err(refusal) => {
            let errors = refusal.fields()?;
            let view = SetUpPage::new(&user, id, &seed, form, errors);
            return page_again(&view);
        }
    };
    match codes {
        Some(codes) => recovery_codes::show(&user, codes, &next, app.clock.now()),
        None => Ok(Flash::redirect(&next.after(PATH), format!("“{name}” added."))),
    }
}
