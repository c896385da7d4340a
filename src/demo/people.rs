//! The organizations of the demonstration and their people.

use time::Duration;

use crate::core::accounts::{NewAccount, create_account};
use crate::core::invitations;
use crate::core::members;
use crate::core::organizations;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, OrganizationId, UserId};
use crate::platform::session::presence;
use crate::platform::tenant::{OrgTx, RoleKey, UnscopedTx, role};

/// An organization of the demonstration.
pub(super) struct Sample {
    pub name: &'static str,
    pub slug: &'static str,
    /// The number of people besides the visitor.
    pub people: usize,
    /// The visitor's role.
    pub role: &'static str,
    /// The number of invitations, the first of which could not be delivered.
    pub invited: usize,
    /// The numbers of the members who were suspended, and how many days ago.
    pub suspended: &'static [(usize, i64)],
    /// The numbers of the members who have joined lately, and how many days ago.
    pub joined: &'static [(usize, i64)],
}

/// The organizations that the visitor belongs to.
pub(super) const SAMPLES: [Sample; 4] = [
    Sample {
        name: "Harbour Works",
        slug: "harbour-works",
        people: 249,
        role: "owner",
        invited: 6,
        suspended: &[(17, 41), (64, 12)],
        joined: &[(23, 9), (31, 4), (44, 1)],
    },
    Sample {
        name: "Quay Street Bakery",
        slug: "quay-street-bakery",
        people: 11,
        role: "admin",
        invited: 2,
        suspended: &[],
        joined: &[(9, 12)],
    },
    Sample {
        name: "Northern Choir",
        slug: "northern-choir",
        people: 34,
        role: "member",
        invited: 0,
        suspended: &[(30, 25)],
        joined: &[(20, 6), (21, 6)],
    },
    Sample {
        name: "Museum of Tides",
        slug: "museum-of-tides",
        people: 7,
        role: "viewer",
        invited: 1,
        suspended: &[],
        joined: &[],
    },
];

/// An organization that has invited the visitor.
pub(super) const INVITING: Sample = Sample {
    name: "Lighthouse",
    slug: "lighthouse",
    people: 3,
    role: "member",
    invited: 0,
    suspended: &[],
    joined: &[],
};

const FIRST_NAMES: [&str; 20] = [
    "Amara", "Bela", "Chiara", "Dmitri", "Elif", "Farah", "Goran", "Hana", "Ines", "Jonas",
    "Keiko", "Lior", "Mila", "Nuno", "Oona", "Priya", "Rafael", "Saskia", "Tomasz", "Yara",
];
const LAST_NAMES: [&str; 20] = [
    "Adeyemi",
    "Brandt",
    "Castillo",
    "Dahl",
    "Eriksen",
    "Fontaine",
    "Girard",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quintero",
    "Rossi",
    "Sato",
    "Tanaka",
];

/// A member of an organization of the demonstration.
pub(super) struct Person {
    pub user: UserId,
    pub member: MembershipId,
    pub name: String,
    pub email: EmailAddress,
}

/// Creates an account.
pub(super) async fn account(
    tx: &mut UnscopedTx,
    name: &str,
    email: &EmailAddress,
    hash: &str,
) -> Result<UserId> {
    let account = NewAccount {
        name: name.to_owned(),
        email: email.clone(),
        hash: hash.to_owned(),
        verified: true,
    };
    let now = tx.app().clock.now();
    create_account(tx, &account, now).await
}

/// Creates an organization with its people, the first of whom owns it, and the visitor, if they belong
/// to it; `today` is the end of the story. Returns it with its people, the visitor first.
pub(super) async fn organization(
    past: &App,
    sample: &Sample,
    visitor: Option<(UserId, &EmailAddress)>,
    hash: &str,
    today: Timestamp,
    number: &mut usize,
) -> Result<(OrganizationId, Vec<Person>)> {
    let mut tx = UnscopedTx::write(past).await?;
    let mut accounts = Vec::new();
    for _ in 0..sample.people {
        let first = FIRST_NAMES[*number * 7 % 20];
        let last = LAST_NAMES[(*number * 11 + *number / 20 * 3) % 20];
        *number += 1;
        let name = format!("{first} {last}");
        let email = format!("{first}.{last}{number}@tenantry.example").to_lowercase();
        let email: EmailAddress = email.parse().map_err(AppError::internal)?;
        accounts.push((account(&mut tx, &name, &email, hash).await?, name, email));
    }
    let mut tx = organizations::create(tx, accounts[0].0, sample.name, sample.slug).await?;
    let grants = Grants::load(&mut tx).await?;
    let mut people = Vec::new();
    if let Some((user, email)) = visitor {
        let at = today.plus(Duration::days(-400));
        let member = grants.join(&mut tx, user, sample.role, at).await?;
        presence::was_active(&mut tx, member, today).await?;
        people.push(Person { user, member, name: super::NAME.to_owned(), email: email.clone() });
    }
    for (index, (user, name, email)) in accounts.into_iter().enumerate() {
        let member = match index {
            0 => members::find_by_user(&mut tx, user).await?.map(|owner| owner.membership_id),
            index => {
                let role = match index % 12 {
                    1 => "admin",
                    5 | 9 => "viewer",
                    _ => "member",
                };
                let lately = sample.joined.iter().find(|(who, _)| *who == index + 1);
                let days = lately.map_or(joined_days(index), |(_, days)| *days);
                let at = today.plus(Duration::days(-days));
                Some(grants.join(&mut tx, user, role, at).await?)
            }
        };
        let member = member.ok_or_else(|| AppError::internal("an organization has its owner"))?;
        let hours = 1 + index * index % 1900;
        let seen = today.plus(Duration::hours(-(hours as i64)));
        presence::was_active(&mut tx, member, seen).await?;
        people.push(Person { user, member, name, email });
    }
    let organization = tx.organization();
    tx.commit().await?;
    Ok((organization, people))
}

/// How many days ago a member joined: those who act in the stories before these begin.
fn joined_days(index: usize) -> i64 {
    match index {
        0..12 => 120 + 20 * index as i64,
        index => 30 + (index * 7 % 370) as i64,
    }
}

/// The roles that the people of an organization can get.
struct Grants(Vec<(&'static str, role::Grant)>);

impl Grants {
    async fn load(tx: &mut OrgTx) -> Result<Self> {
        let top = role::list(tx).await?.into_iter().next();
        let top = top.ok_or_else(|| AppError::internal("an organization has roles"))?;
        let mut grants = Vec::new();
        for key in ["owner", "admin", "member", "viewer"] {
            let grant = role::grant(tx, &top, &RoleKey::from(key.to_owned())).await?;
            grants.extend(grant.map(|grant| (key, grant)));
        }
        Ok(Self(grants))
    }

    async fn join(
        &self,
        tx: &mut OrgTx,
        user: UserId,
        role: &str,
        at: Timestamp,
    ) -> Result<MembershipId> {
        let grant = self.0.iter().find(|(key, _)| *key == role);
        let (_, grant) =
            grant.ok_or_else(|| AppError::internal("an organization has the built-in roles"))?;
        Ok(members::add(tx, user, grant, at).await?)
    }
}

/// Begins a transaction in the name of a person.
pub(super) async fn begin(
    past: &App,
    organization: OrganizationId,
    person: &Person,
) -> Result<OrgTx> {
    let mut tx = UnscopedTx::write(past).await?;
    tx.acting(person.user, &person.name, &person.email);
    Ok(tx.enter(organization).await?)
}

/// The member who invites others: the visitor, or the owner if the visitor may not.
fn host<'a>(sample: &Sample, people: &'a [Person]) -> &'a Person {
    &people[usize::from(!matches!(sample.role, "owner" | "admin"))]
}

/// Suspends a member.
pub(super) async fn suspend(tx: &mut OrgTx, person: &Person) -> Result<()> {
    let now = tx.app().clock.now();
    members::seed_suspended(tx, person.user, now).await
}

/// Tells the host that somebody has joined.
pub(super) async fn welcome(
    tx: &mut OrgTx,
    sample: &Sample,
    people: &[Person],
    who: usize,
) -> Result<()> {
    let Person { user, email, .. } = &people[who];
    members::seed_joined(tx, host(sample, people).member, (*user, email)).await
}

/// Invites the people who have not answered yet; the first email could not be delivered.
pub(super) async fn invite(
    past: &App,
    sample: &Sample,
    organization: OrganizationId,
    people: &[Person],
) -> Result<()> {
    let host = host(sample, people);
    let mut tx = begin(past, organization, host).await?;
    for guest in 1..=sample.invited {
        let email = format!("guest{guest}@{}.example", sample.slug);
        let id = invitations::seed(&mut tx, host.user, &host.name, sample.name, &email).await?;
        if guest == 1 {
            invitations::seed_failure(&mut tx, id).await?;
        }
    }
    tx.commit().await
}
