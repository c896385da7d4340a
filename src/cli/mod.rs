//! The command line.

mod audit;
mod backup;
mod factors;
mod keys;
mod mail;
mod restored;
mod say;
mod serve;
mod sign_ins;
mod signals;
mod status;
mod user;
mod wait;

use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::config::{Config, Flags, Unknown, Values};
use crate::doctor;
use crate::operators::{self, OperatorCommand};
use crate::platform::clock::Clock;
use crate::platform::db::{self, Clash, Db, Engine, Hold, Patience, Pooler, Schema, safety};
use crate::platform::owners::cannot_read;
use crate::platform::release::RELEASE;
use crate::platform::secrets::{Keyring, create_private_folder};
use crate::platform::{App, telemetry};
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
    /// it makes the role that the service connects as.
    Migrate,
    /// Check whether everything is as it should be, and say how to mend what is not.
    Doctor,
    /// Print the settings that are in force, a line each, with where they come from; without secrets.
    Config,
    /// Print how the installation is doing: its version, the database, what waits and what failed.
    Status,
    /// Send a test email.
    #[command(subcommand)]
    Mail(mail::Command),
    /// Serve a demonstration: organizations, 250 members, invitations, and a sign-in.
    Demo,
    /// Prove the audit log, erase a person from it, or remove what is left of organizations.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Decide who runs the installation: sees every organization, suspends it, enters it for a
    /// written reason.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// End sign-ins: of one account, or of everybody.
    #[command(subcommand)]
    SignIns(sign_ins::Command),
    /// Make a backup of everything, or look whether one is whole. On PostgreSQL: with the URL of the
    /// database's owner.
    Backup(backup::Backup),
    /// Restore a backup into an installation that is empty. On PostgreSQL: with the URL of the
    /// database's owner.
    Restore(backup::Restore),
    /// Copy everything into an empty database of the other engine, with the service stopped. On
    /// PostgreSQL: with the URL of the database's owner.
    MoveDatabase(backup::MoveDatabase),
    /// After a backup was restored: end all sign-ins, links and invitations that are open, because
    /// some of them were ended since it was made.
    Restored {
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Print what each secret key is needed for, and change keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Help somebody who has lost every second factor.
    #[command(subcommand)]
    Factors(factors::Command),
    /// Make, list, confirm and suspend accounts, and make links that set a password.
    #[command(subcommand)]
    User(user::Command),
}

/// What every failure of a command becomes: words on standard error, one line unless they say how the
/// command is used, and exit code 1.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Runs the command that the process was started with.
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

/// What is wrong with the arguments and how they are used. A wrong value is one line, as that of any
/// other setting: it may come from the environment, and stand in a log.
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
    if matches!(command, Command::Config) {
        return show_config(&values);
    }
    say::speak_as(&values);
    let config = values.check()?;
    let is_service = matches!(command, Command::Serve | Command::Demo);
    let _log = telemetry::init(&config, is_service);
    for Unknown { name, source, nearest } in &values.unknown {
        tracing::warn!(name, source, nearest, "a variable is no setting");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(config, false).await,
            Command::Config => show_config(&values),
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

/// Prints every setting, also where some are wrong.
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
    // Whatever is said of a pooler: migrating through one that shares connections is refused.
    let db = connect_through(&config, Pooler::Detect).await?;
    if let Some(words) = db::hindrance(&db, &config.database_role).await? {
        return Err(format!("TENANTRY_DATABASE_URL: {words}.").into());
    }
    // A service that runs must not find another schema under its hands.
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

/// Has an SQLite database to itself for as long as what this gives is kept; `command` is told to
/// whoever comes too late. PostgreSQL is served by several at once.
fn hold(config: &Config, command: &str) -> Outcome<Option<Hold>> {
    let Some(path) = sqlite_path(&config.database_url) else { return Ok(None) };
    make_folder(path)?;
    let held = db::hold(Path::new(path), command, Clock::System.now());
    Ok(Some(held.map_err(|error| format!("TENANTRY_DATABASE_URL: {error}"))?))
}

/// The database, ready to be served from: up to date, and on PostgreSQL really keeping
/// organizations apart. An SQLite database is brought up to date by whoever holds it (`held`), and by
/// others only while nobody does.
async fn open_database(config: &Config, held: Option<&Hold>) -> Outcome<Db> {
    if held.is_none() {
        must_exist(config)?;
    }
    let db = connect(config).await?;
    if db.engine() == Engine::Sqlite {
        let schema = db::schema(&db).await?;
        if schema == Schema::Current {
            return Ok(db);
        }
        let _held = match held {
            Some(_) => None,
            None => hold(config, "migrate")?,
        };
        for clash in db::migrate(&db, &config.database_role).await? {
            let Clash { organization, client, .. } = clash;
            tracing::warn!(organization, %client, "the client's name counts as another one's now");
        }
        return Ok(db);
    }
    let schema = db::schema(&db).await?;
    if matches!(schema, Schema::Newer(_) | Schema::Other(_)) {
        return Err(out_of_step(schema, db.engine()).into());
    }
    let weaknesses = safety::weaknesses(&db).await?;
    if !weaknesses.is_empty() {
        let lines = weaknesses
            .iter()
            .map(|weakness| format!("\n  {}\n    {}", weakness.what, weakness.mend));
        return Err(format!(
            "TENANTRY_DATABASE_URL: this database would not keep organizations apart.{}",
            lines.collect::<String>()
        )
        .into());
    }
    if schema != Schema::Current {
        return Err(out_of_step(schema, db.engine()).into());
    }
    Ok(db)
}

/// Why the schema is not worked with, and what to do.
fn out_of_step(schema: Schema, engine: Engine) -> String {
    let mend = schema.mend(match engine {
        Engine::Sqlite => "Run `tenantry migrate`.",
        Engine::Postgres => "Run `tenantry migrate` with the URL of its owner.",
    });
    format!("TENANTRY_DATABASE_URL: {schema}. {mend}")
}

/// The application for a command that works beside the service: it sends and seals nothing, so the
/// keys stay where they are.
async fn open_application(config: Config) -> Outcome<App> {
    let db = open_database(&config, None).await?;
    Ok(App::new(db, Clock::System, config, Keyring::random()))
}

async fn connect(config: &Config) -> Outcome<Db> {
    connect_through(config, config.database_pooler).await
}

async fn connect_through(config: &Config, pooler: Pooler) -> Outcome<Db> {
    if let Some(path) = sqlite_path(&config.database_url) {
        make_folder(path)?;
    }
    db::reach(&config.database_url).await.map_err(|away| wait::wrong(&away))?;
    let (url, connections) = (&config.database_url, config.database_connections);
    let db = Db::connect_through(url, connections, Patience::USUAL, pooler)
        .await
        .map_err(|error| format!("TENANTRY_DATABASE_URL: cannot open the database: {error}"))?;
    Ok(db)
}

/// Opening an SQLite database makes one where none is: in a wrong folder, a command would then do its
/// work on an empty one and say that all is well.
fn must_exist(config: &Config) -> Outcome {
    let Some(path) = sqlite_path(&config.database_url) else { return Ok(()) };
    match Path::new(path).try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!(
            "TENANTRY_DATABASE_URL: there is no file {path}. Run the command in the folder of the \
             installation and with its settings (--env-file); `tenantry serve` or `tenantry migrate` \
             makes a new database"
        )
        .into()),
        Err(error) => {
            Err(format!("TENANTRY_DATABASE_URL: {}", cannot_read(Path::new(path), &error)).into())
        }
    }
}

/// Makes the folder of SQLite's file, unless it is there.
fn make_folder(path: &str) -> Outcome {
    if let Some(folder) = Path::new(path).parent() {
        create_private_folder(folder)
            .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    }
    Ok(())
}

pub(crate) fn sqlite_path(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(path.split('?').next().unwrap_or(path))
}
