//! The command line.

mod audit;
mod backup;
mod database;
mod factors;
mod keys;
mod mail;
mod restored;
mod routes;
mod say;
mod serve;
mod sign_ins;
mod signals;
mod status;
mod user;
mod wait;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::core::operators::{self, OperatorCommand};
use crate::doctor;
use crate::platform::config::{self, Config, Flags, Unknown, Values};
use crate::platform::db::{self, Engine, Pooler};
use crate::platform::release::RELEASE;
use crate::platform::telemetry;
pub(crate) use database::sqlite_path;
use database::{
    connect, connect_through, hold, must_exist, open_application, open_database, out_of_step,
};
pub(crate) use say::say;
use say::{complain, confirmed, fail};

/// A self-hosted, server-rendered, multi-tenant web application.
#[derive(Parser)]
#[command(name = "tenantry", version = RELEASE, after_help = "Settings: tenantry --help", after_long_help = "")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Flags,
}

#[derive(Clone, Subcommand)]
enum Command {
    /// Serve (this is the default); an SQLite database is brought up to date first.
    Serve,
    /// Bring the database up to date and end. On PostgreSQL: with the URL of the database's owner;
    /// it creates the role that the service connects as.
    Migrate,
    /// Check whether everything is as it should be, and say how to fix what is not.
    Doctor,
    /// Print the settings in force, one per line, with where each comes from; without secrets.
    Config {
        /// Print the page of the manual that lists the settings instead.
        #[arg(long)]
        markdown: bool,
    },
    /// Print how the installation is doing: its version, the database, what is waiting and what
    /// failed.
    Status,
    /// Send a test email.
    #[command(subcommand)]
    Mail(mail::Command),
    /// Serve a demonstration: organizations, 250 members, invitations, and a sign-in.
    Demo,
    /// Prove the audit log, erase a person from it, or remove what is left of organizations.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Decide who runs the installation: who can see every organization, suspend it, and enter it
    /// for a written reason.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// End sign-ins: of one account, or of everyone.
    #[command(subcommand)]
    SignIns(sign_ins::Command),
    /// Make a backup of everything, or check whether one is intact. On PostgreSQL: with the URL of
    /// the database's owner.
    Backup(backup::Backup),
    /// Restore a backup into an empty installation. On PostgreSQL: with the URL of the database's
    /// owner.
    Restore(backup::Restore),
    /// Copy everything into an empty database of the other engine, with the service stopped. On
    /// PostgreSQL: with the URL of the database's owner.
    MoveDatabase(backup::MoveDatabase),
    /// Print every URL, with its method and who may call it.
    Routes,
    /// After restoring a backup: end all open sign-ins, links and invitations, because some of them
    /// had been ended since it was made.
    Restored {
        /// Do not ask for confirmation.
        #[arg(long)]
        yes: bool,
    },
    /// Print what each secret key is needed for, and change keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Help someone who has lost every second factor.
    #[command(subcommand)]
    Factors(factors::Command),
    /// Create, list, confirm and suspend accounts, and create links that set a password.
    #[command(subcommand)]
    User(user::Command),
}

/// The result of a command. Every failure becomes a message on standard error and exit code 1; the
/// message is one line unless it explains the command's usage.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Runs the command in the process's arguments.
pub fn main() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error)
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) =>
        {
            // Help goes to standard output; there is nothing to do if that is closed.
            let _printed = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            complain(format_args!("{error}"));
            return ExitCode::FAILURE;
        }
        Err(error) => Err(refusal(&error).into()),
    };
    match outcome.and_then(|()| say::lost()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            fail(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// What is wrong with the arguments, and how to use them. For a wrong value it is one line, as for
/// any other setting, because the value may come from the environment and the message may go to a
/// log.
fn refusal(error: &clap::Error) -> String {
    let words = error.to_string();
    let words = words.trim_end();
    let words = words.strip_prefix("error: ").unwrap_or(words);
    if !matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) {
        return words.to_owned();
    }
    let (value, _help) = words.split_once("\n\n").unwrap_or((words, ""));
    value.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn run(cli: Cli) -> Outcome {
    let command = cli.command.unwrap_or(Command::Serve);
    let mut values = Values::gather(cli.settings);
    if matches!(command, Command::Demo) {
        values = values.with_demo_database();
    }
    if matches!(command, Command::Routes) {
        routes::print();
        return Ok(());
    }
    if matches!(command, Command::Config { markdown: true }) {
        say(config::document().trim_end());
        return Ok(());
    }
    if matches!(command, Command::Config { .. }) {
        return show_config(&values);
    }
    say::speak_as(&values);
    let config = values.check()?;
    let is_service = matches!(command, Command::Serve | Command::Demo);
    let _log = telemetry::init(&config, is_service);
    for Unknown { name, source, nearest } in &values.unknown {
        tracing::warn!(name, source, nearest, "a variable is not a setting");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(config, false).await,
            Command::Config { .. } => show_config(&values),
            Command::Routes => {
                routes::print();
                Ok(())
            }
            Command::Mail(command) => mail::run(config, command).await,
            Command::Demo => serve::run(config, true).await,
            Command::Migrate => migrate(config).await,
            Command::Audit(command) => audit::run(config, command).await,
            Command::SignIns(command) => sign_ins::run(config, command).await,
            Command::Restored { yes } => restored::run(config, yes).await,
            Command::Factors(command) => factors::run(config, command).await,
            Command::Keys(command) => keys::run(config, command).await,
            Command::User(command) => user::run(config, command).await,
            Command::Backup(command) => backup::run(config, command).await,
            Command::Restore(command) => backup::restore(config, command).await,
            Command::MoveDatabase(to) => backup::move_database(config, to).await,
            Command::Status => status::run(config).await,
            Command::Doctor => doctor::run(&values, &config).await,
            Command::Operator(command) => {
                let app = open_application(config).await?;
                say(operators::run(&app, &command).await?);
                app.close().await;
                Ok(())
            }
        }
    })
}

/// Prints every setting, even if some are wrong.
fn show_config(values: &Values) -> Outcome {
    let config = values.check();
    for line in values.lines(config.as_ref().ok()) {
        say(line);
    }
    for unknown in &values.unknown {
        complain(format_args!("tenantry: {unknown}\n"));
    }
    config.map(drop).map_err(Into::into)
}

async fn migrate(config: Config) -> Outcome {
    // Whatever the setting says about a pooler: migrating through one that shares connections is
    // refused.
    let db = connect_through(&config, Pooler::Detect).await?;
    if let Some(words) = db::hindrance(&db, &config.database_role).await? {
        return Err(format!("TENANTRY_DATABASE_URL: {words}.").into());
    }
    // The schema must not change under a running service.
    let held = match db.engine() == Engine::Sqlite && !db::is_current(&db).await? {
        true => hold(&config, "migrate")?,
        false => None,
    };
    for clash in db::migrate(&db, &config.database_role).await? {
        say(clash);
    }
    drop(held);
    if db.engine() == Engine::Postgres {
        say(format_args!("The service connects as the role {}.", config.database_role));
    }
    db.close().await;
    say("The database is up to date.");
    Ok(())
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
