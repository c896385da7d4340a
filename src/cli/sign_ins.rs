//! `tenantry sign-ins`: ends sign-ins from the command line, whether or not the service is running.

use clap::{Args, Subcommand};

use super::{Outcome, confirmed, count, open_application, say};
use crate::core::operators::people::{end_everybodys_sign_ins, end_sign_ins_of};
use crate::platform::config::Config;

/// What can be done about sign-ins.
#[derive(Clone, Subcommand)]
pub(super) enum Command {
    /// End all sign-ins of an account, or of everyone; anyone who has the password can sign in
    /// again.
    End {
        #[command(flatten)]
        whose: Whose,
        /// Do not ask for confirmation.
        #[arg(long)]
        yes: bool,
    },
}

/// Whose sign-ins: one of the two is required.
#[derive(Clone, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Whose {
    /// Everyone's.
    #[arg(long)]
    all: bool,
    /// Those of the account with this address.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
}

/// Runs the command.
pub(super) async fn run(config: Config, command: Command) -> Outcome {
    let Command::End { whose, yes } = command;
    let app = open_application(config).await?;
    let ended = match &whose.email {
        Some(email) => end_sign_ins_of(&app, email).await?,
        None if yes || confirmed("End everyone's sign-ins?")? => {
            end_everybodys_sign_ins(&app).await?
        }
        None => return Err("nothing was ended".into()),
    };
    app.close().await;
    let what = count(ended, "sign-in", "sign-ins");
    say(format_args!("{what} of {} ended.", whose.email.as_deref().unwrap_or("everybody")));
    Ok(())
}
