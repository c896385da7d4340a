//! The command line.

use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;

use crate::config::{Config, Settings};
use crate::platform::clock::Clock;
use crate::platform::db::{self, Db};
use crate::platform::secrets::{Keyring, create_private_folder};
use crate::platform::{App, telemetry};
use crate::{demo, server};

/// A self-hosted, server-rendered, multi-tenant web application.
#[derive(Parser)]
#[command(name = "tenantry", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, Subcommand)]
enum Command {
    /// Bring the database up to date and serve (this is the default).
    Serve,
    /// Bring the database up to date and end.
    Migrate,
    /// Serve a demonstration: organizations, 250 members, invitations, and a sign-in.
    Demo,
}

/// What every failure of a command becomes: one line on standard error, and exit code 1.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

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
        Err(error) => Err(first_line(&error.to_string()).into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tenantry: {error}");
            ExitCode::FAILURE
        }
    }
}

fn first_line(words: &str) -> String {
    let line = words.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

fn run(cli: Cli) -> Outcome {
    let command = cli.command.unwrap_or(Command::Serve);
    let settings = match command {
        Command::Demo => cli.settings.with_demo_database(),
        Command::Serve | Command::Migrate => cli.settings,
    };
    let config = settings.check()?;
    telemetry::init(config.log_format);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve(config, false).await,
            Command::Demo => serve(config, true).await,
            Command::Migrate => {
                open_database(&config).await?.close().await;
                println!("The database is up to date.");
                Ok(())
            }
        }
    })
}

async fn open_database(config: &Config) -> Outcome<Db> {
    if let Some(folder) =
        sqlite_path(&config.database_url).and_then(|path| Path::new(path).parent())
    {
        create_private_folder(folder)
            .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    }
    let db = Db::connect(&config.database_url)
        .await
        .map_err(|error| format!("TENANTRY_DATABASE_URL: cannot open the database: {error}"))?;
    db::migrate(&db).await?;
    Ok(db)
}

fn sqlite_path(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(path.split('?').next().unwrap_or(path))
}

async fn serve(config: Config, with_demo: bool) -> Outcome {
    let keyring = Keyring::load_or_create(&config.secret_key_file).map_err(|error| {
        format!("TENANTRY_SECRET_KEY_FILE: {}: {error}", config.secret_key_file.display())
    })?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("TENANTRY_LISTEN: cannot listen on {}: {error}", config.listen))?;
    let config = config.bound_to(listener.local_addr()?);
    let db = open_database(&config).await?;
    let app = App::new(db, Clock::System, config, keyring);
    if with_demo {
        let sign_in = demo::fill(&app).await?;
        println!("Sign in as {} with the password {}", sign_in.email, sign_in.password);
    }
    println!("Tenantry is at {}", app.config.origin());
    if crate::platform::mail::outbox::has_mailbox(&app) {
        println!("Mail lands in {}", app.config.link("/dev/mailbox"));
    } else if app.config.smtp.is_none() {
        println!("No mail server is set (TENANTRY_SMTP_URL): copy invitation links by hand");
    }
    server::run(app, listener, shutdown_signal()).await?;
    Ok(())
}

/// Ends when the process is asked to stop.
async fn shutdown_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler the process ends the hard way, which it survives too.
    let _interrupted = interrupt.await;
}
