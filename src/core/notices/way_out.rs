//! The link that stops an email: it is sealed, so that it needs no row, and it can do nothing else.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::model::{Delivery, Notice};
use crate::platform::App;
use crate::platform::ids::{MembershipId, OrganizationId};
use crate::platform::mail::List;
use crate::platform::tenant::OrgTx;

/// The context of the link's seal.
const PURPOSE: &str = "unsubscribe";

/// What emails a link stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Those about one notice.
    Notice(Notice),
    /// The daily summary.
    Digest,
}

impl Subject {
    /// Whether the emails are about a notice.
    pub fn includes(self, notice: Notice) -> bool {
        match self {
            Self::Notice(own) => own == notice,
            Self::Digest => true,
        }
    }

    /// How somebody is told who gets these emails.
    pub const fn delivery(self) -> Delivery {
        match self {
            Self::Notice(_) => Delivery::Email,
            Self::Digest => Delivery::Digest,
        }
    }

    /// When the emails are sent, in words that follow "mails".
    pub const fn occasion(self) -> &'static str {
        match self {
            Self::Notice(notice) => notice.occasion(),
            Self::Digest => "a daily summary of your inbox",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notice(notice) => notice.fmt(f),
            Self::Digest => f.write_str("digest"),
        }
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "digest" => Ok(Self::Digest),
            word => word.parse().map(Self::Notice),
        }
    }
}

/// The emails and the member that a link is for. It never expires: people stop emails that they got
/// long ago.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subscription {
    pub organization: OrganizationId,
    pub member: MembershipId,
    pub subject: Subject,
}

impl Subscription {
    /// Short, because it is part of the email's text.
    fn token(&self, app: &App) -> String {
        let (organization, member) = (self.organization.uuid(), self.member.uuid());
        let subject = self.subject.to_string();
        let parts = [&organization.as_bytes()[..], member.as_bytes(), subject.as_bytes()];
        URL_SAFE_NO_PAD.encode(app.keyring.seal(PURPOSE, &parts.concat()))
    }

    /// The content of `token`, if it is one of ours.
    pub fn open(app: &App, token: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let text = app.keyring.open(PURPOSE, &sealed).ok()?;
        let (organization, rest) = text.split_first_chunk::<16>()?;
        let (member, subject) = rest.split_first_chunk::<16>()?;
        Some(Self {
            organization: Uuid::from_bytes(*organization).to_string().parse().ok()?,
            member: Uuid::from_bytes(*member).to_string().parse().ok()?,
            subject: str::from_utf8(subject).ok()?.parse().ok()?,
        })
    }
}

/// How the recipient of an email can stop it.
#[derive(Clone, Debug)]
pub struct WayOut {
    /// The link for people.
    pub link: String,
    /// The headers for mail programs.
    pub list: List,
}

/// The way out to include in an email about `subject` to `member`.
pub(super) fn way_out(tx: &OrgTx, member: MembershipId, subject: Subject) -> WayOut {
    let organization = tx.organization();
    let app = tx.app();
    let token = Subscription { organization, member, subject }.token(app);
    let link = app.config.link(&format!("/unsubscribe/{token}"));
    let host = app.config.mail_from.email.domain();
    let list = List { id: format!("{subject}.{organization}.{host}"), unsubscribe: link.clone() };
    WayOut { link, list }
}
