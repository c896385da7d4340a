//! Discarding an account that somebody else created with the person's address: the person who
//! receives the address's mail can discard it, on the page where they could also claim it.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::act::{self, Discarded};
use crate::core::accounts::claim::{ClaimPage, proved};
use crate::core::accounts::tokens::{self, Purpose};
use crate::core::accounts::verify::VerifyLink;
use crate::platform::App;
use crate::platform::error::{AppError, Result};
use crate::platform::session::Device;
use crate::platform::web::flash::Tone;
use crate::platform::web::form::Fields;
use crate::platform::web::opened::Opened;
use crate::platform::web::{Flash, Form, Shell, page_again};

/// The checkbox of the form that discards the account.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiscardForm {
    sure: String,
}

impl Fields for DiscardForm {}

/// `POST /verify/link/{link}/discard`: deletes the account, and frees the address.
pub async fn discard(
    State(app): State<App>,
    device: Device,
    shell: Shell,
    Opened { token, path, .. }: Opened<VerifyLink>,
    Form(form): Form<DiscardForm>,
) -> Result<Response> {
    if form.sure.is_empty() {
        let good = tokens::look(&app, &token, Purpose::Verify).await?;
        let mut view = ClaimPage::load(&app, shell, &path, &good).await?;
        view.refuse("sure", "Tick the box to confirm. The account is permanently deleted.");
        return page_again(&view);
    }
    let words = match act::discard(&app, &device, &token).await? {
        Discarded::Done => "Account deleted.",
        Discarded::Proved => return Err(proved()),
        Discarded::Held => {
            return Err(AppError::Conflict(
                "This account is the only owner of an organization. Set a password instead, then \
                 make someone else an owner."
                    .into(),
            ));
        }
    };
    Ok(Flash::with_tone("/login", Tone::ToDo, words))
}
