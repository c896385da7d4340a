//! What a join link may allow, its states, and what somebody who opens it sees.

use time::Duration;

use super::sql::JoinLink;
use crate::core::members::Target;
use crate::platform::clock::Timestamp;
use crate::platform::domains::Domains;
use crate::platform::session::CurrentUser;
use crate::platform::tenant::{Role, RoleKey, built_in};
use crate::platform::words::words;

/// The most links that an organization can make in 24 hours.
pub(super) const LINKS_PER_DAY: i64 = 50;
/// The most uses that a link can be limited to.
pub(super) const MOST_USES: i64 = 10_000;
/// The most domains that a link can be limited to.
pub(super) const MOST_DOMAINS: usize = 20;
/// The longest text in which domains are typed, in characters.
const DOMAINS_LENGTH: usize = 2000;

words! {
    /// How long a link works.
    pub enum Lifetime without column, "Choose how long the link works." {
        /// A day.
        Day = "1", "1 day";
        /// A week.
        Week = "7", "7 days";
        /// A month.
        Month = "30", "30 days";
    }
}

impl Lifetime {
    /// How long that is.
    pub fn duration(self) -> Duration {
        Duration::days(match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        })
    }
}

words! {
    /// How a link was ended before its time.
    pub enum Ended, "Choose one of the states." {
        /// By a newer one.
        Replaced = "replaced";
        /// By someone who may invite.
        TurnedOff = "turned_off", "turned off";
        /// With the right of its maker to invite people.
        Withdrawn = "withdrawn";
    }
}

/// The state of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It works.
    Open,
    /// There is a newer one.
    Replaced,
    /// It was turned off.
    TurnedOff,
    /// It has expired.
    Expired,
    /// As many people as it was limited to have joined with it.
    UsedUp,
    /// Its maker may not invite people to this role any more.
    Withdrawn,
    /// The organization was deleted.
    OrganizationGone,
    /// The organization is suspended, and nobody can join it meanwhile.
    OrganizationSuspended,
}

/// What the page of a link shows: a sentence and the possible actions for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The signed-in person can join.
    Join,
    /// Nobody is signed in.
    SignedOut,
    /// The signed-in person has to confirm their address first.
    ProveFirst,
    /// The signed-in person's address is at another domain than the link is for.
    OtherDomain,
    /// The signed-in person is already a member.
    AlreadyMember,
    /// The signed-in person is a member, and suspended.
    Suspended,
    /// Nobody can join with it any more, or for now.
    Over(Standing),
}

/// Whether a link may give `role`: a built-in one that includes no more than "member".
pub(super) fn is_offered(role: &Role) -> bool {
    let member = built_in::permissions(&RoleKey::from("member".to_owned()));
    let own = built_in::permissions(&role.key);
    own.zip(member).is_some_and(|(own, member)| own.is_within(&member))
}

/// The state of `link` at `now`; `is_backed` says whether its maker may still give its role.
pub(super) fn standing(link: &JoinLink, is_backed: bool, now: Timestamp) -> Standing {
    if link.organization_deleted {
        return Standing::OrganizationGone;
    }
    match link.ended_as {
        Some(Ended::Replaced) => Standing::Replaced,
        Some(Ended::TurnedOff) => Standing::TurnedOff,
        Some(Ended::Withdrawn) => Standing::Withdrawn,
        None if link.expires_at <= now => Standing::Expired,
        None if link.left() == Some(0) => Standing::UsedUp,
        None if !is_backed => Standing::Withdrawn,
        None if link.organization_suspended => Standing::OrganizationSuspended,
        None => Standing::Open,
    }
}

/// What `user` sees of `link`, whose state is `standing`; `member` is their membership.
pub(super) fn view(
    link: &JoinLink,
    standing: Standing,
    user: Option<&CurrentUser>,
    member: Option<&Target>,
    is_mail_sent: bool,
) -> View {
    match (standing, member, user) {
        (Standing::OrganizationGone, ..) => View::Over(standing),
        (_, Some(member), _) if member.is_suspended => View::Suspended,
        (_, Some(_), _) => View::AlreadyMember,
        (Standing::Open, None, None) => View::SignedOut,
        (Standing::Open, None, Some(user)) => {
            // Typing an address does not show that it is one's own. Without mail nobody can confirm
            // one, and only a link for certain domains asks for it.
            let needs_proof = is_mail_sent || !link.domains.is_empty();
            match needs_proof && !user.is_verified() {
                _ if !link.domains.hold(&user.email) => View::OtherDomain,
                true => View::ProveFirst,
                false => View::Join,
            }
        }
        _ => View::Over(standing),
    }
}

/// The limit of uses that was typed; `None` if the field is empty.
pub(super) fn parse_uses(typed: &str) -> Result<Option<i64>, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let uses = typed.parse().ok().filter(|uses| (1..=MOST_USES).contains(uses));
    uses.map(Some).ok_or_else(|| format!("Enter a number from 1 to {MOST_USES}."))
}

/// The domains that were typed, in any way that people write lists.
pub(super) fn parse_domains(typed: &str) -> Result<Domains, String> {
    let words = || "Enter domains like example.org, separated by commas.".to_owned();
    if typed.chars().count() > DOMAINS_LENGTH {
        return Err(words());
    }
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '，' | '；' | '、');
    let names: Vec<&str> = typed
        .split(separates)
        .map(|name| name.trim_start_matches('@'))
        .filter(|name| !name.is_empty())
        .collect();
    let domains: Domains = match names.is_empty() {
        true if typed.trim().is_empty() => Domains::default(),
        true => return Err(words()),
        false => names.join(",").parse().map_err(|_| words())?,
    };
    match domains.count() > MOST_DOMAINS {
        true => Err(format!("Enter up to {MOST_DOMAINS} domains.")),
        false => Ok(domains),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_domains, parse_uses};

    #[test]
    fn domains_are_taken_however_they_are_listed() {
        for typed in [
            "example.org, example.com",
            "@Example.org;@example.com",
            " example.org\nexample.com ",
            "example.org，example.com、",
        ] {
            assert_eq!(parse_domains(typed).unwrap().to_string(), "example.org, example.com");
        }
        assert!(parse_domains(" ").unwrap().is_empty());
        // An empty list would allow everyone.
        for wrong in [",", "@", "org", "ada@example.org", "example.org \u{202e}x.y"] {
            assert!(parse_domains(wrong).is_err(), "{wrong:?}");
        }
        let many = (0..21).map(|n| format!("d{n}.test")).collect::<Vec<_>>().join(" ");
        assert!(parse_domains(&many).unwrap_err().contains("up to 20"));
    }

    #[test]
    fn a_limit_of_uses_is_a_number_that_lets_someone_in() {
        assert_eq!(parse_uses(" "), Ok(None));
        assert_eq!(parse_uses(" 12 "), Ok(Some(12)));
        for wrong in ["0", "-1", "10001", "1e3", "many", "99999999999999999999"] {
            assert!(parse_uses(wrong).is_err(), "{wrong}");
        }
    }
}
