//! The `promscope` program: parses the command line and leaves everything else to the library.

use std::process::ExitCode;

use clap::Parser;
use promscope::cli::{self, Cli};

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("promscope: {error:#}");
            ExitCode::from(2)
        }
    }
}
