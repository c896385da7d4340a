//! The program as a person starts it to try it: SQLite, no mail server, emails in the mailbox.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::process::Process;
use super::proxy::Proxy;

/// The running program.
pub struct Program {
    pub origin: String,
    log: PathBuf,
    _process: Process,
}

impl Program {
    /// Starts it on a free port, with all its files in `folder`. Browsers reach it by the machine's
    /// name, because passkeys need a name instead of an IP address.
    pub fn start_with_name(folder: &Path) -> Self {
        Self::start_at("serve", folder, "localhost")
    }

    /// Starts it on a free port, reached over plain http by a name that browsers do not consider
    /// loopback, as in an office without certificates.
    pub fn start_in_an_office(folder: &Path) -> Self {
        Self::start_at("serve", folder, "intranet.test")
    }

    fn start_at(command: &str, folder: &Path, host: &str) -> Self {
        let port = free_port();
        let base_url = format!("http://{host}:{port}");
        Self::start_with(folder, command, &format!("127.0.0.1:{port}"), &base_url)
    }

    /// Starts it behind a proxy that can pretend that it is away.
    pub fn start_behind_a_proxy(folder: &Path) -> (Self, Proxy) {
        let port = free_port();
        let proxy = Proxy::before(port);
        let origin = format!("http://127.0.0.1:{}", proxy.port);
        let listen = format!("127.0.0.1:{port}");
        (Self::start_with(folder, "serve", &listen, &origin), proxy)
    }

    /// Starts it on a free port, with all its files in `folder`.
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, "serve", "127.0.0.1:0", "")
    }

    /// Starts its demonstration on a free port, reached by the machine's name. Whoever it says can
    /// sign in is an operator, too.
    pub fn start_demo(folder: &Path) -> Self {
        let program = Self::start_at("demo", folder, "localhost");
        let mut grant = Process::command(env!("CARGO_BIN_EXE_tenantry"));
        grant.current_dir(folder).env_clear().env("TENANTRY_DATABASE_URL", "sqlite:data/demo.db");
        let grant = grant.args(["operator", "grant", "demo@tenantry.example"]).output().unwrap();
        assert!(grant.status.success(), "{}", String::from_utf8_lossy(&grant.stderr));
        program
    }

    fn start_with(folder: &Path, name: &str, listen: &str, base_url: &str) -> Self {
        let log = folder.join("log");
        let mut command = Process::command(env!("CARGO_BIN_EXE_tenantry"));
        command.arg(name).current_dir(folder).stderr(File::create(&log).unwrap());
        // The settings of the person who runs the tests are not meant for it.
        command.env_clear().env("TENANTRY_LISTEN", listen).env("TENANTRY_BASE_URL", base_url);
        command.env("TENANTRY_ALLOW_HTTP", "true");
        let (process, origin) = Process::start(command, "Tenantry is at ");
        Self { origin, log, _process: process }
    }

    /// The log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
