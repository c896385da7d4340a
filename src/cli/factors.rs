//! `tenantry factors`: help for somebody who has lost every second factor.

use clap::Subcommand;

use super::{Outcome, open_application, say};
use crate::core::operators::people::{ask_for_help, call_off_help};
use crate::platform::config::Config;

/// What can be done about the second factors of an account.
#[derive(Clone, Subcommand)]
pub(super) enum Command {
    /// Remove all second factors of an account in 72 hours, unless the person stops it with the
    /// link that the service emails to them.
    Remove {
        /// The address of the account.
        email: String,
        /// How you know that it is really the person who is asking; they will see it.
        #[arg(long)]
        reason: String,
    },
    /// Cancel that.
    Keep {
        /// The address of the account.
        email: String,
    },
}

/// Runs the command.
pub(super) async fn run(config: Config, command: Command) -> Outcome {
    let app = open_application(config).await?;
    let words = match &command {
        Command::Remove { email, reason } => ask_for_help(&app, email, reason).await?,
        Command::Keep { email } => call_off_help(&app, email).await?,
    };
    app.close().await;
    say(words);
    Ok(())
}
