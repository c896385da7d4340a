//! The mails about second factors.

use super::model::Holder;
use crate::error::Result;
use crate::platform::App;
use crate::platform::mail::Mail;
use crate::platform::mail::message::mail;
use crate::platform::mail::outbox;
use crate::platform::tenant::UnscopedTx;

/// After a factor was added or removed, or recovery codes were made or used.
pub(super) struct FactorChanged {
    pub name: String,
    pub what: String,
    pub when: String,
    pub security_link: String,
    pub forgot_link: String,
}

impl FactorChanged {
    /// To `holder`: `what` is a whole sentence.
    pub fn new(app: &App, holder: &Holder, what: String) -> Self {
        Self {
            name: holder.name.clone(),
            what,
            when: app.clock.now().minute(),
            security_link: app.config.link("/account/security"),
            forgot_link: app.config.link("/password/forgot"),
        }
    }
}

mail!(
    FactorChanged,
    "factor_changed",
    "mail/factor_changed.subject.txt",
    "mail/factor_changed.txt",
    "mail/factor_changed.html"
);

/// After as many wrong guesses as an account takes: whoever made them has the password.
pub(super) struct Guessing {
    pub name: String,
    pub when: String,
    pub forgot_link: String,
}

mail!(Guessing, "guessing", "mail/guessing.subject.txt", "mail/guessing.txt", "mail/guessing.html");

/// Sends `mail` in the caller's transaction.
pub(super) async fn send(tx: &mut UnscopedTx, holder: &Holder, mail: &impl Mail) -> Result<()> {
    outbox::enqueue(tx, &holder.email, mail).await?;
    Ok(())
}
