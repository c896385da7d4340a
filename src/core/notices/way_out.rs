//! The link that stops a notice: it is sealed, so that it needs no row, and it can do nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::model::Notice;
use super::sql;
use crate::platform::App;
use crate::platform::error::Result;
use crate::platform::ids::{MembershipId, OrganizationId};
use crate::platform::mail::List;
use crate::platform::tenant::OrgTx;

/// The context of the link's seal.
const PURPOSE: &str = "unsubscribe";

/// The notice and the member that a link is for. It never expires: people stop emails that they got
/// long ago.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subscription {
    pub organization: OrganizationId,
    pub member: MembershipId,
    pub notice: Notice,
}

impl Subscription {
    /// Short, because it is part of the email's text.
    fn token(&self, app: &App) -> String {
        let (organization, member) = (self.organization.uuid(), self.member.uuid());
        let notice = self.notice.to_string();
        let parts = [&organization.as_bytes()[..], member.as_bytes(), notice.as_bytes()];
        URL_SAFE_NO_PAD.encode(app.keyring.seal(PURPOSE, &parts.concat()))
    }

    /// The content of `token`, if it is one of ours.
    pub fn open(app: &App, token: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let text = app.keyring.open(PURPOSE, &sealed).ok()?;
        let (organization, rest) = text.split_first_chunk::<16>()?;
        let (member, notice) = rest.split_first_chunk::<16>()?;
        Some(Self {
            organization: Uuid::from_bytes(*organization).to_string().parse().ok()?,
            member: Uuid::from_bytes(*member).to_string().parse().ok()?,
            notice: str::from_utf8(notice).ok()?.parse().ok()?,
        })
    }
}

/// How the recipient of a notice can stop it.
#[derive(Clone, Debug)]
pub struct WayOut {
    /// The link for people.
    pub link: String,
    /// The headers for mail programs.
    pub list: List,
}

/// The way out to include in a notice to `member`; `None` if they have stopped this notice.
pub async fn wanted(
    tx: &mut OrgTx,
    member: MembershipId,
    notice: Notice,
) -> Result<Option<WayOut>> {
    if sql::stopped(tx, member).await?.contains(&notice) {
        return Ok(None);
    }
    let organization = tx.organization();
    let app = tx.app();
    let token = Subscription { organization, member, notice }.token(app);
    let link = app.config.link(&format!("/unsubscribe/{token}"));
    let host = app.config.mail_from.email.domain();
    let list = List { id: format!("{notice}.{organization}.{host}"), unsubscribe: link.clone() };
    Ok(Some(WayOut { link, list }))
}
