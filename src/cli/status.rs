//! `tenantry status`.

use super::{Outcome, open_application, say};
use crate::core::operators::system;
use crate::platform::config::Config;

/// Prints the state of the installation, whether or not the service is running.
pub(super) async fn run(config: Config) -> Outcome {
    let app = open_application(config).await?;
    let words = system::status(&app).await?;
    app.close().await;
    say(words);
    Ok(())
}
