//! The program, as a person starts it for a look: SQLite, no mail server, mail in the mailbox.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::process::Process;

/// The program while it runs.
pub struct Program {
    pub origin: String,
    log: PathBuf,
    _process: Process,
}

impl Program {
    /// Starts it on a free port, with all that it writes in `folder`.
    pub fn start(folder: &Path) -> Self {
        let log = folder.join("log");
        let mut command = Process::command(env!("CARGO_BIN_EXE_tenantry"));
        command.current_dir(folder).stderr(File::create(&log).unwrap());
        // Settings of whoever runs the tests are not meant for it.
        command.env_clear().env("TENANTRY_LISTEN", "127.0.0.1:0");
        let (process, origin) = Process::start(command, "Tenantry is at ");
        Self { origin, log, _process: process }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}
