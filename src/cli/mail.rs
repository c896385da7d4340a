//! `tenantry mail`: tests whether email can be sent.

use clap::Subcommand;

use super::{Outcome, say};
use crate::platform::config::Config;
use crate::platform::email::EmailAddress;
use crate::platform::mail::trial;

/// What can be done about mail.
#[derive(Clone, Subcommand)]
pub(super) enum Command {
    /// Send one email to an address, right now, and print what the mail server said; the exit code
    /// is 1 if it was not accepted. It needs no database.
    Test {
        /// Who gets it.
        address: String,
    },
}

/// Runs the command.
pub(super) async fn run(config: Config, command: Command) -> Outcome {
    let Command::Test { address } = command;
    let to = address.parse::<EmailAddress>().map_err(|words| format!("{address:?}: {words}"))?;
    let Some(smtp) = &config.smtp else {
        return Err(
            "TENANTRY_SMTP_URL: no mail server is set, so nothing was sent; set it, as in \
             smtps://USER:PASSWORD@mail.example.org"
                .into(),
        );
    };
    let server = format!("{}:{}", smtp.host, smtp.port);
    say(format_args!("Sending to {to} from {} by {server}.", config.mail_from));
    let answer = trial::send(&config, smtp, &to)
        .await
        .map_err(|words| format!("{server} did not accept the email: {words}"))?;
    say(format_args!("It was accepted: {answer}"));
    Ok(())
}
