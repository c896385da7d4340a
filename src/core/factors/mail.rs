//! The emails about second factors.

use super::model::Holder;
use crate::core::accounts;
use crate::platform::error::Result;
use crate::platform::mail::Mail;
use crate::platform::mail::message::mail;
use crate::platform::mail::outbox;
use crate::platform::tenant::UnscopedTx;

/// After a factor was added or removed, or recovery codes were created or used.
pub(super) struct FactorChanged {
    pub name: String,
    pub what: String,
    pub when: String,
    /// The browser and network address it was done from.
    pub origin: String,
    /// A link to say "this was not me"; `None` for an address that was never confirmed.
    pub not_me_link: Option<String>,
    pub security_link: String,
}

mail!(
    FactorChanged,
    "factor_changed",
    "platform/mail/factor_changed.subject.txt",
    "platform/mail/factor_changed.txt",
    "platform/mail/factor_changed.html"
);

/// After as many wrong guesses as an account allows: the person who made them has the password.
pub(super) struct Guessing {
    pub name: String,
    pub when: String,
    pub forgot_link: String,
}

mail!(
    Guessing,
    "guessing",
    "platform/mail/guessing.subject.txt",
    "platform/mail/guessing.txt",
    "platform/mail/guessing.html"
);

/// Tells the holder of an account about a change of its factors, in the caller's transaction;
/// `what` is a complete sentence. The account's recent addresses are told, too.
pub(super) async fn tell(tx: &mut UnscopedTx, holder: &Holder, what: &str) -> Result<()> {
    let app = tx.app().clone();
    for told in accounts::announce(tx, holder.id, what).await? {
        let mail = FactorChanged {
            name: holder.name.clone(),
            what: what.to_owned(),
            when: tx.now().minute(),
            origin: told.origin,
            not_me_link: told.not_me_link,
            security_link: app.config.link("/account/security"),
        };
        outbox::enqueue(tx, &told.email, &mail).await?;
    }
    Ok(())
}

/// Queues `mail` in the caller's transaction.
pub(super) async fn send(tx: &mut UnscopedTx, holder: &Holder, mail: &impl Mail) -> Result<()> {
    outbox::enqueue(tx, &holder.email, mail).await?;
    Ok(())
}
