//! Checks the mail server.

use std::time::Duration;

use crate::platform::checkup::Check;
use crate::platform::config::{Config, Smtp};
use crate::platform::mail::try_server;

/// How long the mail server may take to respond.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn mail(config: &Config) -> Check {
    const ABOUT: &str = "mail";
    let Some(smtp) = &config.smtp else {
        let what = if config.is_loopback() && config.listen.ip().is_loopback() {
            "No mail server is set: mail lands in /dev/mailbox."
        } else {
            "No mail server is set: invitation links are copied by hand, and `tenantry user` \
             stands in for other mails."
        };
        return match config.is_https() {
            true => Check::fail(ABOUT, what, "Set TENANTRY_SMTP_URL."),
            false => Check::warn(ABOUT, what, "Set TENANTRY_SMTP_URL."),
        };
    };
    let smtp = Smtp { timeout: smtp.timeout.min(PATIENCE), ..smtp.clone() };
    let server = format!("{}:{}", smtp.host, smtp.port);
    match try_server(&smtp).await {
        Ok(()) => Check::ok(ABOUT, format!("{server} accepts our sign-in.")),
        Err(words) => Check::fail(
            ABOUT,
            format!("{server}: {words}."),
            "Check that TENANTRY_SMTP_URL names the right server, port, user and password; \
             `tenantry mail test ADDRESS` sends an email.",
        ),
    }
}
