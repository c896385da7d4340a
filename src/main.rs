//! Parses the command line, runs the command, and exits with a code.

use std::process::ExitCode;

fn main() -> ExitCode {
    tenantry::cli::main()
}
