//! A temporary PgBouncer, from the distribution, in transaction mode.

#![expect(clippy::disallowed_methods, reason = "a test starts a pooler")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Its path on Debian and Ubuntu.
const PGBOUNCER: &str = "/usr/sbin/pgbouncer";

/// A pooler in front of a server, which runs until it is dropped.
pub struct PgBouncer {
    child: Child,
    /// Its address, `HOST:PORT`.
    pub place: String,
    _folder: tempfile::TempDir,
}

impl PgBouncer {
    /// Starts one with two connections for each database and role, in front of the server in `url`,
    /// with additional `settings`; `None` if it is not installed.
    pub fn start(url: &str, settings: &str) -> Option<Self> {
        Path::new(PGBOUNCER).exists().then(|| Self::start_installed(url, settings))
    }

    fn start_installed(url: &str, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = url::Url::parse(url).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (ini, users) = (folder.path().join("pgbouncer.ini"), folder.path().join("users.txt"));
        std::fs::write(
            &ini,
            format!(
                "[databases]\n\
                 * = host=127.0.0.1 port={}\n\
                 [pgbouncer]\n\
                 listen_addr = 127.0.0.1\n\
                 listen_port = {port}\n\
                 unix_socket_dir =\n\
                 auth_type = trust\n\
                 auth_file = {}\n\
                 pool_mode = transaction\n\
                 default_pool_size = 2\n\
                 {settings}\n",
                server.port().unwrap_or(5432),
                users.display(),
            ),
        )
        .unwrap();
        std::fs::write(&users, "\"tenantry_app\" \"\"\n\"tenantry_owner\" \"\"\n").unwrap();
        // It refuses to run as root, so it runs as another user.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let mut command = Command::new(PGBOUNCER);
        if std::fs::metadata("/proc/self").is_ok_and(|own| is_root(&own)) {
            command.args(["-u", "postgres"]);
        }
        let mut child = command.arg(&ini).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let is_up = lines.by_ref().map_while(Result::ok).any(|line| line.contains("process up"));
        assert!(is_up, "PgBouncer did not start");
        // Something must keep reading what it writes.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, place: format!("127.0.0.1:{port}"), _folder: folder }
    }

    /// `url`, through the pooler.
    pub fn in_front_of(&self, url: &str) -> String {
        super::database::at(url, &self.place)
    }
}

fn is_root(own: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(own) == 0
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
