//! `tenantry user`: accounts from the command line, so that an installation works without mail.

use clap::Subcommand;

use super::say::complain;
use super::{Outcome, count, open_application, say};
use crate::core::operators::people::{self, Lines};
use crate::platform::config::Config;

/// What can be done about accounts. Each is in the installation's audit log.
#[derive(Clone, Subcommand)]
pub(super) enum Command {
    /// Create an account and print a link that sets its password.
    Create {
        /// The address; it must not have an account yet.
        email: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// Vouch for the address: nobody has to confirm it by email.
        #[arg(long)]
        confirmed: bool,
    },
    /// List accounts: address, name, day, whether confirmed, status, second factor, operator,
    /// separated by tabs.
    List {
        /// Only those whose name or address contains these words.
        words: Vec<String>,
        /// One JSON object per line.
        #[arg(long)]
        json: bool,
    },
    /// Print what operators can see of an account.
    Show {
        /// The address of the account.
        email: String,
    },
    /// Confirm the address of an account: you vouch for it, instead of the emailed link.
    Confirm {
        /// The address of the account.
        email: String,
    },
    /// Print a link that sets a new password; the person is told by email, where email works.
    ResetLink {
        /// The address of the account.
        email: String,
    },
    /// Suspend an account: nobody can sign in to it any longer.
    Suspend {
        /// The address of the account.
        email: String,
        /// Why; the person will see it.
        #[arg(long)]
        reason: String,
    },
    /// Let people sign in to a suspended account again.
    Reactivate {
        /// The address of the account.
        email: String,
    },
    /// End all sign-ins of an account; anyone who has the password can sign in again.
    EndSessions {
        /// The address of the account.
        email: String,
    },
}

/// Runs the command.
pub(super) async fn run(config: Config, command: Command) -> Outcome {
    let app = open_application(config).await?;
    let lines = match &command {
        Command::Create { email, name, confirmed } => {
            people::create(&app, email, name, *confirmed).await?
        }
        Command::List { words, json } => {
            let lines = if *json { Lines::Json } else { Lines::Tabs };
            people::list(&app, &words.join(" "), lines).await?.join("\n")
        }
        Command::Show { email } => people::show_account(&app, email).await?,
        Command::Confirm { email } => people::confirm(&app, email).await?,
        Command::ResetLink { email } => people::reset_link(&app, email).await?,
        Command::Suspend { email, reason } => people::suspend_account(&app, email, reason).await?,
        Command::Reactivate { email } => people::reactivate_account(&app, email).await?,
        Command::EndSessions { email } => {
            let ended = people::end_sign_ins_of(&app, email).await?;
            format!("{} of {email} ended.", count(ended, "sign-in", "sign-ins"))
        }
    };
    app.close().await;
    match lines.is_empty() {
        true => complain(format_args!("No account matches.\n")),
        false => say(lines),
    }
    Ok(())
}
