//! A demonstration: organizations with people and their work, and a sign-in.

mod work;

use time::Duration;

use crate::core::accounts::{NewAccount, create_account};
use crate::core::invitations;
use crate::core::members;
use crate::core::organizations;
use crate::platform::App;
use crate::platform::clock::Timestamp;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{MembershipId, UserId};
use crate::platform::passwords::About;
use crate::platform::session::presence;
use crate::platform::tenant::{OrgTx, RoleKey, UnscopedTx, role};

/// The password of all accounts in the demonstration.
const PASSWORD: &str = "demonstration only";
/// The account that the demonstration is viewed with.
const VISITOR: &str = "demo@tenantry.example";

/// How to sign in to the demonstration.
pub struct SignIn {
    /// The address.
    pub email: &'static str,
    /// The password.
    pub password: &'static str,
}

/// An organization of the demonstration.
struct Sample {
    name: &'static str,
    slug: &'static str,
    /// The number of people besides the visitor.
    people: usize,
    /// The visitor's role.
    role: &'static str,
    /// The number of invitations.
    invited: usize,
}

const SAMPLES: [Sample; 4] = [
    Sample { name: "Harbour Works", slug: "harbour-works", people: 249, role: "owner", invited: 6 },
    Sample {
        name: "Quay Street Bakery",
        slug: "quay-street-bakery",
        people: 11,
        role: "admin",
        invited: 2,
    },
    Sample {
        name: "Northern Choir",
        slug: "northern-choir",
        people: 34,
        role: "member",
        invited: 0,
    },
    Sample {
        name: "Museum of Tides",
        slug: "museum-of-tides",
        people: 7,
        role: "viewer",
        invited: 1,
    },
];

/// An organization that has invited the visitor.
const INVITING: Sample =
    Sample { name: "Lighthouse", slug: "lighthouse", people: 3, role: "member", invited: 0 };

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

/// Fills an empty database; leaves one that contains the complete demonstration unchanged.
///
/// # Errors
/// When the database contains other people: the demonstration never mixes with them.
pub async fn fill(app: &App) -> Result<SignIn> {
    let sign_in = SignIn { email: VISITOR, password: PASSWORD };
    let mut tx = UnscopedTx::write(app).await?;
    let (people, complete): (i64, i64) = tx
        .query(unscoped_sql!(
            "select count(*), coalesce(cast(sum(case when email = $1 and password_hash <> '' then 1 else 0 end) as bigint), 0)
             from users"
        ))
        .bind(VISITOR)
        .one()
        .await?;
    if complete > 0 {
        return Ok(sign_in);
    }
    if people > 0 {
        return Err(AppError::internal(
            "this database is in use, or its demonstration was cut off; name an empty one",
        ));
    }
    let about = About::person("Demo Visitor", VISITOR);
    let chosen = app.passwords.choose(PASSWORD, about).await?;
    let hash = app.passwords.hash(chosen.password.map_err(AppError::internal)?).await?;
    // The visitor's password is set last, which marks the demonstration as complete.
    let visitor = person(&mut tx, "Demo Visitor", VISITOR, "").await?;
    tx.commit().await?;
    let mut number = 0;
    for (index, sample) in SAMPLES.iter().enumerate() {
        let mut tx = create_organization(app, sample, &hash, &mut number).await?;
        let now = app.clock.now();
        join(&mut tx, visitor, sample.role, now).await?;
        for guest in 1..=sample.invited {
            let email = format!("guest{guest}@{}.example", sample.slug);
            invitations::seed(&mut tx, visitor, "Demo Visitor", sample.name, &email).await?;
        }
        let organization = tx.organization();
        tx.commit().await?;
        if let Some(work) = work::WORK.get(index) {
            work::fill(app, organization, work, visitor).await?;
        }
    }
    let mut tx = create_organization(app, &INVITING, &hash, &mut number).await?;
    let (inviter, name) = members::any_owner(&mut tx).await?;
    invitations::seed(&mut tx, inviter, &name, INVITING.name, VISITOR).await?;
    tx.commit().await?;
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!("update users set password_hash = $1 where id = $2"))
        .bind(&hash)
        .bind(visitor)
        .execute()
        .await?;
    tx.commit_unrecorded().await?;
    Ok(sign_in)
}

/// Creates an organization with its people, the first of whom owns it.
async fn create_organization(
    app: &App,
    sample: &Sample,
    hash: &str,
    number: &mut usize,
) -> Result<OrgTx> {
    let mut tx = UnscopedTx::write(app).await?;
    let mut people = Vec::new();
    for _ in 0..sample.people {
        let first = FIRST_NAMES[*number % FIRST_NAMES.len()];
        let last = LAST_NAMES[(*number / FIRST_NAMES.len() + *number) % LAST_NAMES.len()];
        *number += 1;
        let email = format!("{}.{}{number}@tenantry.example", first, last).to_lowercase();
        people.push(person(&mut tx, &format!("{first} {last}"), &email, hash).await?);
    }
    let mut tx = organizations::create(tx, people[0], sample.name, sample.slug).await?;
    for (index, user) in people.into_iter().enumerate().skip(1) {
        let role = match index % 12 {
            1 => "admin",
            5 | 9 => "viewer",
            _ => "member",
        };
        join_before(&mut tx, user, role, 3 + index * 7 % 400, 1 + index * index % 1900).await?;
    }
    Ok(tx)
}

async fn person(tx: &mut UnscopedTx, name: &str, email: &str, hash: &str) -> Result<UserId> {
    let email: EmailAddress = email.parse().map_err(AppError::internal)?;
    let account =
        NewAccount { name: name.to_owned(), email, hash: hash.to_owned(), verified: true };
    let now = tx.app().clock.now();
    create_account(tx, &account, now).await
}

/// Adds a member who joined some days ago and was last active some hours ago.
async fn join_before(
    tx: &mut OrgTx,
    user: UserId,
    key: &str,
    days: usize,
    hours: usize,
) -> Result<()> {
    let now = tx.app().clock.now();
    let id = join(tx, user, key, now.plus(Duration::days(-(days as i64)))).await?;
    presence::was_active(tx, id, now.plus(Duration::hours(-(hours as i64)))).await?;
    Ok(())
}

async fn join(tx: &mut OrgTx, user: UserId, key: &str, at: Timestamp) -> Result<MembershipId> {
    let top = role::list(tx).await?.into_iter().next();
    let top = top.ok_or_else(|| AppError::internal("an organization has roles"))?;
    let grant = role::grant(tx, &top, &RoleKey::from(key.to_owned())).await?;
    let grant =
        grant.ok_or_else(|| AppError::internal("an organization has the built-in roles"))?;
    Ok(members::add(tx, user, &grant, at).await?)
}
