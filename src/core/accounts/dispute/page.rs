//! `/not-me/{token}`: what was done, the account's current ways to sign in, and the form that takes
//! the account back.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::acts;
use super::sql::{self, Act};
use super::take_back::{self, TakenBackAccount};
use crate::core::accounts::reset;
use crate::core::factors::disputed::{self, WayIn};
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::secrets::Token;
use crate::platform::session::Device;
use crate::platform::tenant::UnscopedTx;
use crate::platform::throttle::{self, Kind};
use crate::platform::web::flash::Tone;
use crate::platform::web::form::Fields;
use crate::platform::web::opened::{self, Link, Opened};
use crate::platform::web::problem::Onward;
use crate::platform::web::{FieldErrors, Flash, Form, Shell, TokenPath, page, page_again};

/// The fields of the form; the password is never shown again.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TakeBackForm {
    /// The first act that somebody else did; empty for that of the link.
    moment: String,
    password: String,
    /// Whether the person does not know the previous password.
    forgotten: String,
}

impl Fields for TakeBackForm {}

/// What can be disputed with the link.
struct Dispute {
    act: Act,
    /// All acts that the same address was told about, in order.
    moments: Vec<Act>,
    ways_in: Vec<WayIn>,
    /// Whether factors have changed since the first of the acts.
    has_changed_factors: bool,
}

impl Dispute {
    async fn load(app: &App, token: &Token) -> Result<Self> {
        let mut tx = UnscopedTx::read(app).await?;
        let act = acts::open(&mut tx, token).await?;
        let moments = sql::open_for_same_address(&mut tx, &act, app.clock.now()).await?;
        let ways_in = disputed::ways_in(&mut tx, act.user_id).await?;
        let first = moments.first().map_or(act.since, |first| first.since);
        let has_changed_factors = disputed::changed_since(&mut tx, act.user_id, first).await?;
        tx.commit().await?;
        Ok(Self { act, moments, ways_in, has_changed_factors })
    }

    /// The selected act, or that of the link.
    fn chosen(&self, typed: &str) -> &Act {
        let chosen = self.moments.iter().find(|act| act.id.to_string() == typed);
        chosen.unwrap_or(&self.act)
    }
}

#[derive(Template)]
#[template(path = "core/accounts/not_me.html")]
struct NotMePage {
    shell: Shell,
    path: String,
    email: EmailAddress,
    dispute: Dispute,
    chosen: String,
    is_forgotten: bool,
    errors: FieldErrors,
}

impl NotMePage {
    fn new(shell: Shell, path: String, dispute: Dispute, form: &TakeBackForm) -> Self {
        Self {
            shell,
            path,
            email: dispute.act.email.clone(),
            chosen: dispute.chosen(&form.moment).id.to_string(),
            is_forgotten: !form.forgotten.is_empty(),
            dispute,
            errors: FieldErrors::default(),
        }
    }
}

/// The link that takes an account back.
pub struct NotMeLink;

impl Link for NotMeLink {
    const PURPOSE: &'static str = "not me";
    const PATH: &'static str = "/not-me/link";
    const ONWARD: Onward = acts::RESET;
}

/// `GET /not-me/{token}`: moves the token out of the URL and changes nothing, because programs open
/// links in emails.
pub async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    TokenPath(token): TokenPath,
) -> Result<Response> {
    let mut tx = UnscopedTx::read(&app).await?;
    acts::open(&mut tx, &token).await?;
    tx.commit().await?;
    opened::put_away::<NotMeLink>(&app, &headers, &token)
}

/// `GET /not-me/link/{link}`
pub async fn show(
    State(app): State<App>,
    shell: Shell,
    Opened { token, path, .. }: Opened<NotMeLink>,
) -> Result<Response> {
    let dispute = Dispute::load(&app, &token).await?;
    page(&NotMePage::new(shell, path, dispute, &TakeBackForm::default()))
}

/// `POST /not-me/link/{link}`
pub async fn take_back(
    State(app): State<App>,
    device: Device,
    shell: Shell,
    Opened { token, path, .. }: Opened<NotMeLink>,
    Form(form): Form<TakeBackForm>,
) -> Result<Response> {
    let dispute = Dispute::load(&app, &token).await?;
    let since = dispute.chosen(&form.moment).since;
    let user = dispute.act.user_id;
    let mut tx = UnscopedTx::read(&app).await?;
    let needs_password = disputed::changed_since(&mut tx, user, since).await?;
    let hash = sql::password_before(&mut tx, user, since).await?;
    tx.commit().await?;
    let mut knows_password = false;
    if needs_password && form.forgotten.is_empty() {
        // Counted for the address that was told: holders of other links must not keep the owner
        // from theirs.
        let told = &dispute.act.email;
        if form.password.is_empty() {
            let mut view = NotMePage::new(shell, path, dispute, &form);
            let words = "Enter your password, or tick that you don't know it anymore.";
            view.errors.add("password", words);
            return page_again(&view);
        }
        let counted = throttle::take(&app, Kind::TakeBack, told.as_str(), &device).await?;
        if !app.passwords.verify(form.password.clone(), Some(hash)).await? {
            let mut view = NotMePage::new(shell, path, dispute, &form);
            view.errors.add("password", "This isn't the password the account had then.");
            return page_again(&view);
        }
        counted.take_back(&app).await?;
        knows_password = true;
    }
    let taken = take_back::run(&app, &device, &token, since, knows_password).await?;
    onward(&app, &taken, knows_password).await
}

/// The next page: a person who has shown both the address and the password sets a new one at once.
/// Everybody else gets a link for that by email, so that a copied link opens nothing.
async fn onward(app: &App, taken: &TakenBackAccount, knows_password: bool) -> Result<Response> {
    let email = &taken.act.email;
    if knows_password && let Some(response) = reset::begin(app, taken.act.user_id, email).await? {
        return Ok(response);
    }
    let words = match taken.is_frozen {
        true => format!(
            "Everyone has been signed out, and anything added can't be used. We've sent a link to \
             set a new password to {email}. Until you enter the earlier password, the account will \
             still ask for two-factor authentication."
        ),
        false => format!(
            "Account recovered. Everyone has been signed out, and we've sent a link to set a new \
             password to {email}."
        ),
    };
    Ok(Flash::with_tone("/login", Tone::ToDo, words))
}
