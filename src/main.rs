//! Parses the command line, runs, and ends with an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    tenantry::cli::main()
}
