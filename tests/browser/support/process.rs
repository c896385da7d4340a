//! A process that runs during a test and ends with it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The process. Its standard output stays open, because writing to a closed one would end it.
pub struct Process {
    child: Child,
    _output: BufReader<ChildStdout>,
}

impl Process {
    /// A command to be started.
    #[expect(clippy::disallowed_methods, reason = "the tests start a browser and the service")]
    pub fn command(program: &str) -> Command {
        Command::new(program)
    }

    /// Starts `command`, and returns what follows `marker` on the first line of output that
    /// contains it.
    pub fn start(mut command: Command, marker: &str) -> (Self, String) {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap_or_else(|error| {
                panic!("cannot start {}: {error}", command.get_program().display())
            });
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let rest = loop {
            line.clear();
            if output.read_line(&mut line).unwrap() == 0 {
                panic!("{} ended before it was ready", command.get_program().display());
            }
            if let Some((_, rest)) = line.split_once(marker) {
                break rest.trim().to_owned();
            }
        };
        (Self { child, _output: output }, rest)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}
