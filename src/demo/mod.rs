//! A demonstration: organizations with people who have worked for three months, and a sign-in.

mod bakery;
mod choir;
mod harbour;
mod museum;
mod people;
mod story;

use time::Duration;

use crate::core::invitations;
use crate::platform::App;
use crate::platform::clock::Clock;
use crate::platform::db::statement::{sql, unscoped_sql};
use crate::platform::email::EmailAddress;
use crate::platform::error::{AppError, Result};
use crate::platform::ids::{ProjectId, UserId};
use crate::platform::passwords::About;
use crate::platform::tenant::{self, UnscopedTx};
use people::{INVITING, SAMPLES};
use story::{Player, Story};

/// The password of all accounts in the demonstration.
const PASSWORD: &str = "demonstration only";
/// The account that the demonstration is viewed with.
const VISITOR: &str = "demo@tenantry.example";
/// The name of that account.
const NAME: &str = "Demo Visitor";

/// How many days ago the organizations were created.
const BEGAN: i64 = 430;

/// What happened in the organizations, in their order.
const STORIES: [&Story; 4] = [&harbour::STORY, &bakery::STORY, &choir::STORY, &museum::STORY];

/// How to sign in to the demonstration.
pub struct SignIn {
    /// The address.
    pub email: &'static str,
    /// The password.
    pub password: &'static str,
    /// The path of the page that says what to try.
    pub tour: String,
}

/// Fills an empty database; leaves one that contains the complete demonstration unchanged.
///
/// # Errors
/// When the database contains other people: the demonstration never mixes with them.
pub async fn fill(app: &App) -> Result<SignIn> {
    if !is_complete(app).await? {
        play(app).await?;
    }
    Ok(SignIn { email: VISITOR, password: PASSWORD, tour: tour(app).await? })
}

/// The path of the page that says what to try, or of the first page if it is gone.
async fn tour(app: &App) -> Result<String> {
    for organization in tenant::organizations(app).await? {
        let mut tx = tenant::look_into(app, organization).await?;
        let found: Option<(ProjectId, String)> = tx
            .query(sql!(
                unfiltered because "it finds the page that the demonstration itself has made",
                "select p.id, o.slug
                 from projects p
                 join organizations o on o.id = p.organization_id
                 where p.organization_id = $1 and p.code = $2 and p.deleted_at is null"
            ))
            .bind(harbour::TOUR_CODE)
            .optional()
            .await?;
        if let Some((project, slug)) = found {
            return Ok(format!("/orgs/{slug}/projects/{project}"));
        }
    }
    Ok("/".to_owned())
}

/// Plays the stories.
async fn play(app: &App) -> Result<()> {
    let email: EmailAddress = VISITOR.parse().map_err(AppError::internal)?;
    let chosen = app.passwords.choose(PASSWORD, About::person(NAME, VISITOR)).await?;
    let hash = app.passwords.hash(chosen.password.map_err(AppError::internal)?).await?;
    let today = app.clock.now();
    let began = today.plus(-Duration::days(BEGAN));
    let past = app.with_clock(Clock::manual(began));
    // The visitor's password is set last, which marks the demonstration as complete.
    let mut tx = UnscopedTx::write(&past).await?;
    let visitor = people::account(&mut tx, NAME, &email, "").await?;
    tx.commit().await?;
    let mut number = 0;
    for (sample, story) in SAMPLES.iter().zip(STORIES) {
        // Each has a clock of its own, which starts at its beginning.
        let clock = Clock::manual(began);
        let past = &app.with_clock(clock.clone());
        let me = Some((visitor, &email));
        let (organization, people) =
            &people::organization(past, sample, me, &hash, today, &mut number).await?;
        let organization = *organization;
        let player = Player { past, clock: &clock, today, organization, sample, people, story };
        player.play().await?;
        people::invite(past, sample, organization, people).await?;
    }
    let (inviting, hosts) =
        people::organization(&past, &INVITING, None, &hash, today, &mut number).await?;
    let host = &hosts[0];
    let mut tx = people::begin(app, inviting, host).await?;
    invitations::seed(&mut tx, host.user, &host.name, INVITING.name, VISITOR).await?;
    tx.commit().await?;
    complete(app, visitor, &hash).await
}

/// Whether the database contains the whole demonstration.
///
/// # Errors
/// When it contains other people, or a part of it.
async fn is_complete(app: &App) -> Result<bool> {
    let mut tx = UnscopedTx::write(app).await?;
    let (people, complete): (i64, i64) = tx
        .query(unscoped_sql!(
            "select count(*),
                    coalesce(cast(sum(case when email = $1 and password_hash <> '' then 1 else 0 end) as bigint), 0)
             from users"
        ))
        .bind(VISITOR)
        .one()
        .await?;
    match (people, complete) {
        (_, 1..) => Ok(true),
        (0, _) => Ok(false),
        _ => Err(AppError::internal(
            "this database is in use, or its demonstration was cut off; name an empty one",
        )),
    }
}

async fn complete(app: &App, visitor: UserId, hash: &str) -> Result<()> {
    let mut tx = UnscopedTx::write(app).await?;
    tx.query(unscoped_sql!("update users set password_hash = $1 where id = $2"))
        .bind(hash)
        .bind(visitor)
        .execute()
        .await?;
    tx.commit_unrecorded().await?;
    Ok(())
}
