//! `tenantry restored`: to be run after restoring a backup, before the service starts.

use super::{Outcome, confirmed, count, open_application, say};
use crate::core::restored::end_everything;
use crate::platform::config::Config;

/// Ends everything that may have been ended since the backup was made.
pub(super) async fn run(config: Config, yes: bool) -> Outcome {
    let app = open_application(config).await?;
    let question = "End all sign-ins, links and invitations that are open?";
    if !yes && !confirmed(question)? {
        return Err("nothing was ended".into());
    }
    let ended = end_everything(&app).await?;
    app.close().await;
    let sign_ins = count(ended.sign_ins, "sign-in", "sign-ins");
    let links = count(ended.links, "link", "links");
    let invitations = count(ended.invitations, "invitation", "invitations");
    let join_links = count(ended.join_links, "join link", "join links");
    let mails = count(ended.mails, "waiting email", "waiting emails");
    say(format_args!(
        "Ended: {sign_ins}, {links} of accounts, {invitations}, {join_links}, {mails}."
    ));
    say(
        "Passwords, factors and recovery codes are those of the backup: recovery codes that were used \
         since work again, until their owners make new ones.",
    );
    Ok(())
}
