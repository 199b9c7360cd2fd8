//! The door: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    allotment::cli::door::enter(std::env::args_os())
}
