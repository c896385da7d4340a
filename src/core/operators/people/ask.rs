//! The page that asks for confirmation before an act on an account, and for the reason, which the
//! account's holder reads.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::commands::{self, Act};
use super::sql::{self, Person};
use crate::core::operators::reason::reason_to_suspend;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::session::CurrentOperator;
use crate::platform::tenant::UnscopedTx;
use crate::platform::web::form::Fields;
use crate::platform::web::{FieldErrors, Shell, page, page_again};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReasonForm {
    reason: String,
}

impl Fields for ReasonForm {}

impl ReasonForm {
    /// The reason for `act`, or what is wrong with it.
    pub(super) fn check(&self, act: Act) -> Result<String, FieldErrors> {
        let words = match act {
            Act::Suspend => "Enter a reason. The person will see it.",
            Act::RemoveFactors => "Enter how you verified their identity. The person will see it.",
        };
        let mut errors = FieldErrors::default();
        let reason = errors.take("reason", reason_to_suspend(&self.reason, words));
        reason.ok_or(errors)
    }
}

impl Act {
    /// Its path below the account's.
    fn path(self) -> &'static str {
        match self {
            Self::Suspend => "/suspend",
            Self::RemoveFactors => "/help",
        }
    }

    /// Its title, followed by a name.
    fn title(self) -> &'static str {
        match self {
            Self::Suspend => "Suspend",
            Self::RemoveFactors => "Reset two-factor authentication for",
        }
    }
}

#[derive(Template)]
#[template(path = "core/operators/people/ask.html")]
struct AskPage {
    shell: Shell,
    act: Act,
    person: Person,
    form: ReasonForm,
    errors: FieldErrors,
}

impl AskPage {
    async fn load(
        app: &App,
        operator: &CurrentOperator,
        id: UserId,
        act: Act,
        form: ReasonForm,
    ) -> Result<Self> {
        act.expect_other(operator, id)?;
        let mut tx = UnscopedTx::read(app).await?;
        let person = commands::living(sql::find(&mut tx, id, operator.now).await?)?;
        tx.commit().await?;
        let shell = Shell::signed_in(operator);
        Ok(Self { shell, act, person, form, errors: FieldErrors::default() })
    }
}

/// The page as it is first opened.
pub(super) async fn open(
    app: &App,
    operator: &CurrentOperator,
    id: UserId,
    act: Act,
) -> Result<Response> {
    page(&AskPage::load(app, operator, id, act, ReasonForm::default()).await?)
}

/// The page with an error about the reason.
pub(super) async fn again(
    app: &App,
    operator: &CurrentOperator,
    id: UserId,
    act: Act,
    form: ReasonForm,
    errors: FieldErrors,
) -> Result<Response> {
    let view = AskPage { errors, ..AskPage::load(app, operator, id, act, form).await? };
    page_again(&view)
}
