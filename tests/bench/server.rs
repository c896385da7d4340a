//! A server under measurement: a process of its own, watched through `/proc`.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::{self, Client};

/// What the kernel counts processor time in, on every architecture of Linux.
const TICKS_PER_SECOND: u32 = 100;

/// A running server; dropping it kills it.
pub struct Server {
    child: Child,
    /// Held open: what it prints later must have somewhere to go.
    _output: BufReader<ChildStdout>,
    pub address: SocketAddr,
    /// From the start of the process to the end of the first answer.
    pub first_answer: Duration,
}

impl Server {
    /// Starts a server that prints where it is, and asks it for `path`.
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

    /// How long it has worked so far, in the program and in the kernel.
    pub fn processor_time(&self) -> Duration {
        let line = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("Linux");
        // The name, in parentheses, may hold spaces; the 14th and 15th fields are what we want.
        let (_, fields) = line.rsplit_once(") ").expect("a name");
        let ticks: u32 = fields
            .split(' ')
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u32>().expect("a number"))
            .sum();
        Duration::from_secs(1) * ticks / TICKS_PER_SECOND
    }

    /// Its memory that is not swapped out, in megabytes.
    pub fn memory(&self) -> f64 {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
        let kilobytes: f64 =
            line.trim().trim_end_matches(" kB").parse().expect("a number of kilobytes");
        kilobytes / 1024.0
    }

    /// Asks it to end, and waits: a killed server leaves its database less tidy.
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
