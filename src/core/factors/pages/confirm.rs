//! `/account/confirm`: authenticating again, before anything that must not be done in a browser
//! that was left open. People with a second factor use it; all others enter their password.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use crate::core::accounts::Tab;
use crate::core::factors::challenge::{self, Purpose};
use crate::core::factors::passkeys::{self, Ceremony};
use crate::core::factors::prove::{prove, step_up};
use crate::core::factors::redeem::PasskeyAnswer;
use crate::platform::App;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::session::{self, CurrentUser};
use crate::platform::web::form::Fields;
use crate::platform::web::led::Drawing;
use crate::platform::web::page::local_path;
use crate::platform::web::typed::{self, Typed};
use crate::platform::web::{FieldErrors, Form, Params, Shell, csrf, page, page_again};

/// A challenge for a passkey of the signed-in person.
const AGAIN: Purpose = Purpose("passkey-again");

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConfirmParams {
    next: String,
    /// The sealed form that required this.
    kept: String,
}

/// The fields of the form; only `next` and `kept` are shown again.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfirmForm {
    password: String,
    code: String,
    credential: String,
    next: String,
    /// The sealed content of a form that required this.
    kept: String,
}

impl Fields for ConfirmForm {}

#[derive(Template)]
#[template(path = "core/factors/confirm.html")]
struct ConfirmPage {
    shell: Shell,
    tab: Tab,
    has_factor: bool,
    email: EmailAddress,
    onward: Onward,
    errors: FieldErrors,
    /// The options for a passkey of the account, if it has one.
    options: Option<String>,
}

/// Where to continue from here.
struct Onward {
    next: String,
    kept: String,
    typed: Option<Typed>,
}

impl Onward {
    fn to(app: &App, next: &str, kept: String) -> Self {
        let typed = Typed::open(app, &kept);
        Self { next: local_path(next, "/account/security"), kept, typed }
    }

    /// What a person filled in, to be read on the page.
    fn filled_in(&self) -> Option<&Typed> {
        self.typed.as_ref().filter(|typed| typed.is_worth_keeping())
    }

    /// The way back without authenticating.
    fn back(&self) -> &str {
        self.typed.as_ref().map_or("/account/security", |typed| &typed.back)
    }

    fn go(&self, app: &App, user: &CurrentUser) -> Result<Response> {
        typed::go_on(app, &self.kept, &self.next, user)
    }
}

impl ConfirmPage {
    /// Loads the page, and the ceremony to put into its cookie.
    async fn load(
        app: &App,
        user: &CurrentUser,
        onward: Onward,
        errors: FieldErrors,
    ) -> Result<(Self, Option<Ceremony>)> {
        let asked = passkeys::ask_of(app, user.id, Some(user.sign_in_id)).await?;
        let (options, ceremony) = asked.map(|a| (a.options, a.ceremony)).unzip();
        let view = Self {
            shell: Shell::signed_in(user),
            tab: Tab::Security,
            has_factor: user.has_factor,
            email: user.email.clone(),
            onward,
            errors,
            options,
        };
        Ok((view, ceremony))
    }

    async fn respond(
        app: &App,
        user: &CurrentUser,
        onward: Onward,
        errors: FieldErrors,
    ) -> Result<Response> {
        let (view, ceremony) = Self::load(app, user, onward, errors).await?;
        let response = if view.errors.is_empty() { page(&view) } else { page_again(&view) }?;
        Ok(asking(app, ceremony, response))
    }
}

/// `response`, with the ceremony in a cookie.
fn asking(app: &App, ceremony: Option<Ceremony>, response: Response) -> Response {
    match ceremony {
        Some(ceremony) => challenge::set(app, AGAIN, ceremony, response),
        None => response,
    }
}

/// `GET /account/confirm`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Params(params): Params<ConfirmParams>,
) -> Result<Response> {
    let onward = Onward::to(&app, &params.next, params.kept);
    if user.recently_proved(app.clock.now()) {
        return onward.go(&app, &user);
    }
    ConfirmPage::respond(&app, &user, onward, FieldErrors::default()).await
}

/// The page that replaces the answer to a form whose sender has to authenticate again. It carries
/// what was typed; `token` is the one for its forms.
pub(crate) fn carry_on<'a>(
    app: &'a App,
    user: &'a CurrentUser,
    typed: &'a Typed,
    token: String,
) -> Drawing<'a> {
    Box::pin(async move {
        let onward = Onward::to(app, &typed.back, typed.seal(app));
        let (view, ceremony) = ConfirmPage::load(app, user, onward, FieldErrors::default()).await?;
        Ok(asking(app, ceremony, csrf::draw_with(token, || page(&view))?))
    })
}

/// `POST /account/confirm`: the session gets a new id, and the old one stops working.
pub async fn update(
    user: CurrentUser,
    State(app): State<App>,
    headers: HeaderMap,
    session: Session,
    Form(form): Form<ConfirmForm>,
) -> Result<Response> {
    let onward = Onward::to(&app, &form.next, form.kept);
    let asked = challenge::read::<Ceremony>(&app, AGAIN, &headers);
    let passkey = (!form.credential.is_empty())
        .then(|| PasskeyAnswer { challenge: asked.as_ref(), credential: &form.credential });
    let typed = if user.has_factor { form.code } else { form.password };
    match prove(&app, &user, passkey, typed).await {
        Err(refusal) => ConfirmPage::respond(&app, &user, onward, refusal.fields()?).await,
        Ok(with) => {
            let key = session::renew(&session, user.is_kept()).await?;
            step_up(&app, &user, &key, with).await?;
            onward.go(&app, &user)
        }
    }
}
