//! The measured server: a separate process, observed through `/proc`.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::{self, Client};

/// The kernel's unit of processor time, on every architecture of Linux.
const TICKS_PER_SECOND: u32 = 100;

/// A running server; dropping it kills it.
pub struct Server {
    child: Child,
    /// Kept open, because the server may print more later.
    _output: BufReader<ChildStdout>,
    pub address: SocketAddr,
    /// The time from the start of the process to the end of the first answer.
    pub first_answer: Duration,
}

impl Server {
    /// Starts a server that prints its address, and requests `path` from it.
    pub async fn start(mut command: Command, path: &str) -> Self {
        let began = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let address = output
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split_once(" is at http://")?.1.parse().ok())
            .expect("the program says where it is");
        let answer = Client::connect(address).await.send(&http::get(path, "")).await;
        assert_eq!(answer.status, 200);
        Self { child, _output: output, address, first_answer: began.elapsed() }
    }

    /// The processor time used so far, in the program and in the kernel.
    pub fn processor_time(&self) -> Duration {
        let line = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("Linux");
        // The name, in parentheses, may contain spaces; we want the 14th and 15th fields.
        let (_, fields) = line.rsplit_once(") ").expect("a name");
        let ticks: u32 = fields
            .split(' ')
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u32>().expect("a number"))
            .sum();
        Duration::from_secs(1) * ticks / TICKS_PER_SECOND
    }

    /// The resident memory, in megabytes.
    pub fn memory(&self) -> f64 {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
        let kilobytes: f64 =
            line.trim().trim_end_matches(" kB").parse().expect("a number of kilobytes");
        kilobytes / 1024.0
    }

    /// Asks the server to stop, and waits: killing it would leave its database less tidy.
    pub fn stop(mut self) {
        #[expect(clippy::disallowed_methods, reason = "std cannot send this signal")]
        let mut kill = Command::new("kill");
        let sent = kill.arg("-TERM").arg(self.child.id().to_string()).status();
        assert!(sent.expect("kill is there").success());
        self.child.wait().expect("our child");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}
