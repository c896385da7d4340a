//! `tenantry audit`: maintenance of the audit log, whether or not the service is running.

use clap::Subcommand;
use time::Duration;

use super::{Outcome, confirmed, connect, count, must_exist, out_of_step, say};
use crate::core::audit::{self, Filters};
use crate::platform::App;
use crate::platform::audit::Action;
use crate::platform::audit::chain::Subject;
use crate::platform::audit::upkeep::{self, Chain};
use crate::platform::clock::{Clock, Timestamp};
use crate::platform::config::Config;
use crate::platform::db::{self, Schema};
use crate::platform::email::EmailAddress;
use crate::platform::ids::OrganizationId;
use crate::platform::secrets::Keyring;

/// What can be done with the audit log.
#[derive(Clone, Subcommand)]
pub(super) enum Command {
    /// Print the log of the installation, or of an organization, from the oldest entry to the
    /// newest: time, who, action, what, changes, address and request, separated by tabs.
    List {
        /// Of the organization at this address, instead of what belongs to none.
        #[arg(long, value_name = "SLUG")]
        organization: Option<String>,
        /// Only what people with these words in their name or address did, or what happened to
        /// them.
        #[arg(long, value_name = "WORDS", default_value = "")]
        who: String,
        /// Only this action, such as operator.granted.
        #[arg(long, default_value = "")]
        action: String,
        /// From this day on, in UTC: 2026-03-31.
        #[arg(long, value_name = "DAY", default_value = "")]
        from: String,
        /// To the end of this day, in UTC.
        #[arg(long, value_name = "DAY", default_value = "")]
        to: String,
        /// One JSON object per line, as in an export.
        #[arg(long)]
        json: bool,
    },
    /// Prove that the log has not been altered, for every organization and outside all of them; the
    /// exit code is 1 if it has.
    Verify {
        /// Only of the organization at this address.
        #[arg(long, value_name = "SLUG")]
        organization: Option<String>,
    },
    /// Erase what the log says about a person: names, addresses, what was changed. Who did what
    /// stays as an id, and the log still proves itself.
    Erase {
        /// The person's address.
        email: String,
        /// Do not ask for confirmation.
        #[arg(long)]
        yes: bool,
    },
    /// Remove the log of organizations that are gone. On PostgreSQL: with the URL of the database's
    /// owner.
    Purge {
        /// How long it is kept after the newest entry [default: TENANTRY_AUDIT_RETENTION_DAYS].
        #[arg(long, value_name = "DAYS")]
        retention_days: Option<u32>,
    },
}

/// Runs the command.
pub(super) async fn run(config: Config, command: Command) -> Outcome {
    let app = open(config).await?;
    let outcome = match command {
        Command::List { organization, who, action, from, to, json } => {
            if !action.is_empty() {
                action
                    .parse::<Action>()
                    .map_err(|_| format!("--action: there is no {action:?}"))?;
            }
            let filters = Filters { who, action, from, to, ..Filters::default() };
            list(&app, organization.as_deref(), &filters, json).await
        }
        Command::Verify { organization } => verify(&app, organization.as_deref()).await,
        Command::Erase { email, yes } => erase(&app, &email, yes).await,
        Command::Purge { retention_days } => {
            purge(&app, retention_days.unwrap_or(app.config.audit_retention_days)).await
        }
    };
    app.close().await;
    outcome
}

/// The application over an existing database: these commands neither create a database nor change
/// its schema. On PostgreSQL they may connect as the owner.
async fn open(config: Config) -> Outcome<App> {
    must_exist(&config)?;
    let db = connect(&config).await?;
    let schema = db::schema(&db).await?;
    if schema != Schema::Current {
        return Err(out_of_step(schema, db.engine()).into());
    }
    // Nothing is sealed or opened here, so the key file need not be readable.
    Ok(App::new(db, Clock::System, config, Keyring::random()))
}

async fn list(app: &App, slug: Option<&str>, filters: &Filters, json: bool) -> Outcome {
    let organization = match slug {
        Some(slug) => chains(app, Some(slug)).await?[0].organization,
        None => OrganizationId::OUTSIDE,
    };
    Ok(audit::list(app, organization, filters, json, say).await?)
}

/// All logs, or that of the organization at `slug`.
async fn chains(app: &App, slug: Option<&str>) -> Outcome<Vec<Chain>> {
    let mut chains = upkeep::chains(app).await?;
    if let Some(slug) = slug {
        chains.retain(|chain| chain.slug == slug);
        if chains.is_empty() {
            return Err(format!("there is no organization at {slug:?}").into());
        }
    }
    Ok(chains)
}

async fn verify(app: &App, slug: Option<&str>) -> Outcome {
    let chains = chains(app, slug).await?;
    let mut broken = 0;
    for Chain { organization, name, slug } in &chains {
        let proof = upkeep::verify(app, *organization).await?;
        let entries = count(proof.entries.unsigned_abs(), "entry", "entries");
        if proof.holds() {
            let (erased, head) = (proof.erased, proof.head);
            say(format_args!("{slug} ({name}): {entries}, {erased} erased, head {head}"));
        } else {
            broken += 1;
            let faults: Vec<String> = proof.broken.iter().map(ToString::to_string).collect();
            say(format_args!("{slug} ({name}): {entries}, BROKEN: {}", faults.join("; ")));
        }
    }
    match broken {
        0 => Ok(()),
        broken => {
            let all = count(chains.len() as u64, "log", "logs");
            Err(format!("{broken} of {all} altered").into())
        }
    }
}

async fn erase(app: &App, email: &str, yes: bool) -> Outcome {
    let email = EmailAddress::of_account(email).map_err(|words| format!("{email:?}: {words}"))?;
    let question = format!(
        "Erase everything the audit log says about {email}, in every organization? This can't be \
         undone."
    );
    if !yes && !confirmed(&question)? {
        return Err("nothing was erased".into());
    }
    let subject = Subject {
        person: upkeep::account(app, &email).await?,
        emails: vec![email.clone()],
        since: Timestamp::from_micros(0),
        until: app.clock.now(),
    };
    let mut all = 0;
    for Chain { organization, name, slug } in upkeep::chains(app).await? {
        let erased = upkeep::erase(app, organization, &subject).await?;
        if erased > 0 {
            let entries = count(erased, "entry", "entries");
            say(format_args!("{slug} ({name}): the details of {entries} are erased"));
        }
        all += erased;
    }
    if all == 0 {
        say(format_args!("The audit log says nothing about {email}."));
    }
    Ok(())
}

async fn purge(app: &App, retention_days: u32) -> Outcome {
    let before = app.clock.now().plus(-Duration::days(retention_days.into()));
    let Some(purged) = upkeep::purge(app, before).await? else {
        return Err(
            "TENANTRY_DATABASE_URL: this role may not remove anything from the audit log; use the \
             URL of the database's owner"
                .into(),
        );
    };
    for (organization, entries) in &purged {
        let entries = count(*entries, "entry", "entries");
        say(format_args!("{organization}: {entries} removed"));
    }
    if purged.is_empty() {
        say("There is nothing to remove.");
    }
    Ok(())
}
